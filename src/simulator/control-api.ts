import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { addPlay, editPlaylist, type NewPlay, revokeConsent, turnSwitches } from './changes.ts';
import { ClockChange, Edit, NewFault, Play, Premium, Revocation, SettingsChange } from './control-bodies.ts';
import { exportAccountData } from './export-account.ts';
import { exportExtendedHistory } from './export-history.ts';
import { actionOf, type Fault } from './faults.ts';
import { readJson } from './read-body.ts';
import { refuse } from './refusal.ts';
import type { Settings } from './settings.ts';
import type { Simulation } from './simulation.ts';
import { describeListener } from './stations.ts';

/**
 * The switches over HTTP, for people and other languages: JSON or a form, which is answered by the page it came from.
 * GET state, requests, export; POST clock, faults, settings, plays, revoke, premium, playlists/{id}; DELETE faults.
 */
export function controlRoutes(simulation: Simulation): Hono {
  const routes = new Hono();
  routes.get('/state', (c) => c.json(showState(simulation)));
  routes.get('/requests', (c) => c.json(simulation.requests.entries));
  routes.get('/faults', (c) => c.json(simulation.faults.list()));
  routes.get('/export', (c) => {
    const layout = c.req.query('layout') === 'legacy' ? 'legacy' : 'current';
    const kind = c.req.query('kind') ?? 'extended';
    const file =
      kind === 'account' ? exportAccountData(simulation, { layout }) : exportExtendedHistory(simulation, { layout });
    return c.body(file.bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${file.name}"`,
    });
  });
  routes.post('/clock', async (c) => {
    const { advanceMs, set } = await read(c, ClockChange);
    if (set) simulation.clock.set(set);
    if (advanceMs !== undefined) simulation.clock.advance(advanceMs);
    return done(c, { now: simulation.clock.now() });
  });
  routes.post('/faults', async (c) => {
    const fault = await read(c, NewFault);
    return done(c, { id: simulation.faults.add({ ...actionOf(fault.kind), ...fault } as Fault) });
  });
  const clearFaults = (c: Context) => {
    simulation.faults.clear();
    return done(c, { faults: [] });
  };
  routes.delete('/faults', clearFaults);
  routes.post('/faults/clear', clearFaults);
  routes.post('/settings', async (c) => {
    turnSwitches(simulation, (await read(c, SettingsChange)) as Partial<Settings>);
    return done(c, simulation.state.settings);
  });
  routes.post('/plays', async (c) => {
    addPlay(simulation, (await read(c, Play)) as NewPlay);
    return done(c, { added: 1 });
  });
  routes.post('/revoke', async (c) => {
    const { listenerId, clientId } = await read(c, Revocation);
    revokeConsent(simulation, listenerId, clientId);
    return done(c, { revoked: listenerId });
  });
  routes.post('/premium', async (c) => {
    const { developerId, premium } = await read(c, Premium);
    const developer = simulation.state.developers[developerId];
    if (!developer) throw refuse(404, 'No such developer');
    developer.premium = premium;
    return done(c, { ...developer });
  });
  routes.post('/playlists/:id', async (c) => {
    if (!simulation.state.playlists[c.req.param('id')]) throw refuse(404, 'No such playlist');
    editPlaylist(simulation, c.req.param('id'), (await read(c, Edit)).uris);
    return done(c, { edited: c.req.param('id') });
  });
  return routes;
}

/** The body, JSON or form, in the schema's form; 400 with what does not fit. */
async function read<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.infer<Schema>> {
  const text = await c.req.text();
  const parsed = schema.safeParse(isForm(c) ? Object.fromEntries(new URLSearchParams(text)) : readJson(text));
  if (parsed.success) return parsed.data;
  throw refuse(400, z.prettifyError(parsed.error));
}

function isForm(c: Context): boolean {
  return (c.req.header('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
}

function done(c: Context, answer: object) {
  return isForm(c) ? c.redirect('/', 303) : c.json(answer);
}

/** Who and what there is, without a token or code. */
function showState({ state, clock, faults, requests }: Simulation) {
  return {
    now: clock.now(),
    settings: state.settings,
    developers: Object.values(state.developers),
    apps: Object.values(state.apps).map(({ clientSecret: _, ...app }) => app),
    listeners: Object.values(state.listeners).map((listener) => ({
      id: listener.id,
      about: describeListener(listener.id),
      playlists: listener.playlists,
      saved: Object.keys(listener.saved).length,
      extraPlays: listener.extraPlays.length,
    })),
    playlists: Object.values(state.playlists).map(({ id, name, ownerId, items, revision }) => ({
      id,
      name,
      ownerId,
      items: items.length,
      revision,
    })),
    faults: faults.list(),
    calls: requests.entries.length,
  };
}

import { Hono } from 'hono';
import type { WireMe } from '../spotify/wire.ts';
import { playsUntil } from './listener-plays.ts';
import { pageOf, readPaging, USUAL_PAGING } from './paging.ts';
import { refuse } from './refusal.ts';
import { needsOneOf } from './scopes.ts';
import { identity, showFullArtist, showPlayableTrack } from './show-catalogue.ts';
import { type ApiEnv, apiUrl, type Caller, now, playLogOf, type Simulation } from './simulation.ts';

const DAY_MS = 24 * 3_600_000;

/** How far back each range of /me/top looks. */
const TIME_RANGES: Readonly<Record<string, number>> = {
  short_term: 28 * DAY_MS,
  medium_term: 182 * DAY_MS,
  long_term: 365 * DAY_MS,
};

/** `GET /me` and `GET /me/top/{type}`, the latter counted from the listener's plays. */
export function meRoutes(simulation: Simulation): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.get('/me', (c) => c.json(showMe(simulation, c.get('caller'))));
  routes.get('/me/top/:type', needsOneOf(simulation, 'user-top-read'), (c) => {
    const type = c.req.param('type');
    if (type !== 'tracks' && type !== 'artists') throw refuse(400, 'Invalid type');
    const range = c.req.query('time_range') ?? 'medium_term';
    const span = TIME_RANGES[range];
    if (!span) throw refuse(400, 'Invalid time range');
    const paging = readPaging(c, USUAL_PAGING);
    const { app } = c.get('caller');
    const showing = { simulation, extended: app.mode === 'extended' };
    const top = countPlays(simulation, c.get('caller'), span, type);
    const address = `${apiUrl(simulation)}/me/top/${type}?time_range=${range}`;
    const { artists } = simulation.world.catalogue;
    if (type === 'tracks') return c.json(pageOf(address, top, paging, (id) => showPlayableTrack(showing, id) ?? null));
    return c.json(pageOf(address, top, paging, (id) => showFullArtist(showing, artists.get(id)!)));
  });
  return routes;
}

function showMe(simulation: Simulation, { app, listener, scopes }: Caller): WireMe {
  const { external_urls, href, id, type, uri } = identity(simulation, 'user', listener.id);
  const me: WireMe = {
    account_id: listener.accountId,
    display_name: listener.displayName,
    external_urls,
    href,
    id,
    images: [],
    type,
    uri,
  };
  if (app.mode !== 'extended') return me;
  const extended: WireMe = { ...me, followers: { href: null, total: 0 } };
  if (scopes.has('user-read-email')) extended.email = listener.email;
  if (!scopes.has('user-read-private')) return extended;
  const explicit = { filter_enabled: false, filter_locked: false };
  return { ...extended, country: listener.country, product: listener.product, explicit_content: explicit };
}

/** Ids of the tracks or artists played within the span, most played first (then by id, to be repeatable). */
function countPlays(
  simulation: Simulation,
  { listener }: Caller,
  spanMs: number,
  type: 'tracks' | 'artists',
): string[] {
  const at = now(simulation);
  const counts = new Map<string, number>();
  for (const play of playsUntil(simulation.state, listener, playLogOf(simulation, listener), at)) {
    if (play.trackId === null || play.endedAt < at - spanMs) continue;
    const artists = simulation.world.catalogue.tracks.get(play.trackId)?.artists ?? [];
    const ids = type === 'tracks' ? [play.trackId] : artists.map((artist) => artist.id);
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([id]) => id);
}

import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { MAX_ITEMS_PER_CALL, WireRemoveItems, WireReorderItems } from '../spotify/wire.ts';
import { filterFields } from './fields-filter.ts';
import { readPaging } from './paging.ts';
import { readBody, readJson } from './read-body.ts';
import { refuse } from './refusal.ts';
import { readPlaylist, wantsEpisodes } from './routes-playlists.ts';
import { needsOneOf } from './scopes.ts';
import type { Showing } from './show-catalogue.ts';
import { showItems } from './show-playlist.ts';
import { type ApiEnv, now, type Simulation } from './simulation.ts';
import { mayEdit, type PlaylistEntry, type SimulatedPlaylist, snapshotId } from './state.ts';

const MOST_ITEMS = 10_000;
// The OpenAPI file says 50 since the route's rename; it was 100 on the old one.
const ITEMS_PAGING = { defaultLimit: 20, maxLimit: 50 };
const ITEM_URI = /^spotify:(track|episode):[0-9A-Za-z]{22}$/;

const Uris = z.looseObject({ uris: z.array(z.string()), position: z.int().min(0).optional() });

/** Reading, adding, replacing, moving and removing the items of the listener's playlists. */
export function playlistItemRoutes(simulation: Simulation): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const path = '/playlists/:id/items';
  const modify = needsOneOf(simulation, 'playlist-modify-public', 'playlist-modify-private');

  routes.get(path, needsOneOf(simulation, 'playlist-read-private'), (c) => {
    const playlist = readPlaylist(simulation, c);
    const { app, listener } = c.get('caller');
    const showing: Showing = { simulation, extended: app.mode === 'extended' };
    if (!showing.extended && !mayEdit(playlist, listener.id)) throw refuse(403, 'Forbidden');
    const page = showItems(showing, playlist, readPaging(c, ITEMS_PAGING), wantsEpisodes(c));
    const fields = c.req.query('fields');
    return c.json((fields ? filterFields(page, fields) : page) as object);
  });

  routes.post(path, modify, async (c) => {
    const playlist = readEditable(simulation, c);
    const body = await c.req.text();
    const uris = c.req.query('uris')?.split(',') ?? readBody(Uris, body).uris;
    const position = readBody(z.looseObject({ position: z.int().min(0).optional() }), body).position;
    const at = position ?? playlist.items.length;
    if (at > playlist.items.length) throw refuse(400, 'Index out of bounds');
    const entries = makeEntries(simulation, c, uris);
    if (playlist.items.length + entries.length > MOST_ITEMS) throw refuse(400, 'Playlist size limit reached');
    playlist.items.splice(at, 0, ...entries);
    return c.json(written(playlist), 201);
  });

  routes.put(path, modify, async (c) => {
    const playlist = readEditable(simulation, c);
    const body = readJson(await c.req.text()) as Record<string, unknown>;
    const uris = c.req.query('uris')?.split(',').filter(Boolean) ?? body.uris;
    if (uris !== undefined && body.range_start !== undefined) throw refuse(400, 'Replace or reorder, not both');
    if (body.range_start === undefined) {
      playlist.items = makeEntries(simulation, c, readBody(Uris, JSON.stringify({ uris })).uris);
    } else {
      reorder(playlist, readBody(WireReorderItems, JSON.stringify(body)));
    }
    return c.json(written(playlist));
  });

  routes.delete(path, modify, async (c) => {
    const playlist = readEditable(simulation, c);
    const { items } = readBody(WireRemoveItems, await c.req.text());
    const gone = new Set(items.map((item) => item.uri));
    playlist.items = playlist.items.filter((entry) => entry.uri === null || !gone.has(entry.uri));
    return c.json(written(playlist));
  });
  return routes;
}

function readEditable(simulation: Simulation, c: Context<ApiEnv>): SimulatedPlaylist {
  const playlist = readPlaylist(simulation, c);
  if (!mayEdit(playlist, c.get('caller').listener.id)) throw refuse(403, 'Forbidden');
  return playlist;
}

/** Every write makes a new snapshot, also one that changes nothing. */
function written(playlist: SimulatedPlaylist): { snapshot_id: string } {
  playlist.revision++;
  return { snapshot_id: snapshotId(playlist) };
}

function makeEntries(simulation: Simulation, c: Context<ApiEnv>, uris: readonly string[]): PlaylistEntry[] {
  if (uris.length > MAX_ITEMS_PER_CALL) throw refuse(400, 'You can add a maximum of 100 tracks per request.');
  const bad = uris.find((uri) => !ITEM_URI.test(uri));
  if (bad !== undefined) throw refuse(400, `Invalid track uri: ${bad}`);
  const { world, state } = simulation;
  const dead = uris.some((uri) => uri.startsWith('spotify:track:') && !world.catalogue.tracks.has(uri.slice(14)));
  if (dead && state.settings.deadUris === 'refused') throw refuse(400, 'Payload contains a non-existing ID');
  const addedAt = now(simulation);
  return uris.map((uri) => ({ uri, addedAt, addedBy: c.get('caller').listener.id }));
}

function reorder(playlist: SimulatedPlaylist, move: WireReorderItems): void {
  const { range_start: start, insert_before: before, range_length: length = 1 } = move;
  if (start + length > playlist.items.length || before > playlist.items.length)
    throw refuse(400, 'Index out of bounds');
  const moved = playlist.items.slice(start, start + length);
  const target = playlist.items[before];
  if (before >= start && before <= start + length) return;
  playlist.items.splice(start, length);
  const at = target === undefined ? playlist.items.length : playlist.items.indexOf(target);
  playlist.items.splice(at, 0, ...moved);
}

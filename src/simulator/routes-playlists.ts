import { type Context, Hono } from 'hono';
import { WireChangeDetails, WireCreatePlaylist } from '../spotify/wire.ts';
import { filterFields } from './fields-filter.ts';
import { pageOf, readPaging } from './paging.ts';
import { readBody } from './read-body.ts';
import { refuse } from './refusal.ts';
import { needsOneOf, requireOneOf } from './scopes.ts';
import type { Showing } from './show-catalogue.ts';
import { showFullPlaylist, showPlaylist } from './show-playlist.ts';
import { type ApiEnv, apiUrl, type Simulation } from './simulation.ts';
import { nextId, type SimulatedPlaylist } from './state.ts';

const MOST_PLAYLISTS = 11_000;
const MODIFY = ['playlist-modify-public', 'playlist-modify-private'];

/** Lists, details and creation of playlists; their items have their own routes. */
export function playlistRoutes(simulation: Simulation): Hono<ApiEnv> {
  const { state } = simulation;
  const routes = new Hono<ApiEnv>();
  const showing = (c: Context<ApiEnv>): Showing => ({ simulation, extended: c.get('caller').app.mode === 'extended' });

  routes.get('/me/playlists', needsOneOf(simulation, 'playlist-read-private'), (c) => {
    const { listener, scopes } = c.get('caller');
    const own = listener.playlists
      .map((id) => state.playlists[id]!)
      .filter((playlist) => !playlist.collaborative || scopes.has('playlist-read-collaborative'));
    const address = `${apiUrl(simulation)}/me/playlists`;
    return c.json(pageOf(address, own, readPaging(c), (playlist) => showPlaylist(showing(c), playlist, listener.id)));
  });

  routes.post('/me/playlists', async (c) => {
    const body = readBody(WireCreatePlaylist, await c.req.text());
    if (body.name.trim() === '') throw refuse(400, 'Missing required field: name');
    const wantsPublic = body.public ?? true;
    requireOneOf(simulation, c, [wantsPublic ? 'playlist-modify-public' : 'playlist-modify-private']);
    if (body.collaborative && wantsPublic) throw refuse(400, 'Collaborative playlists can only be private.');
    const { listener } = c.get('caller');
    if (listener.playlists.length >= MOST_PLAYLISTS) throw refuse(400, 'Too many playlists');
    const playlist: SimulatedPlaylist = {
      id: nextId(state, 'playlist'),
      name: body.name,
      description: body.description ?? '',
      ownerId: listener.id,
      collaborators: [],
      public: state.settings.publicFlag === 'honoured' ? wantsPublic : true,
      collaborative: body.collaborative ?? false,
      items: [],
      revision: 1,
      covers: [],
    };
    state.playlists[playlist.id] = playlist;
    listener.playlists.unshift(playlist.id);
    return c.json(showFullPlaylist(showing(c), playlist, listener.id, false), 201);
  });

  routes.get('/playlists/:id', (c) => {
    const playlist = readPlaylist(simulation, c);
    const episodes = wantsEpisodes(c);
    const shown = showFullPlaylist(showing(c), playlist, c.get('caller').listener.id, episodes);
    const fields = c.req.query('fields');
    return c.json(fields ? filterFields(shown, fields) : shown);
  });

  routes.put('/playlists/:id', async (c) => {
    const playlist = readPlaylist(simulation, c);
    requireOneOf(simulation, c, MODIFY);
    if (playlist.ownerId !== c.get('caller').listener.id) throw refuse(403, 'Forbidden');
    const body = readBody(WireChangeDetails, await c.req.text());
    if (body.name?.trim() === '') throw refuse(400, 'Missing required field: name');
    if (body.description?.includes('\n')) throw refuse(400, 'Invalid description');
    if (body.name !== undefined) playlist.name = body.name;
    if (body.description) playlist.description = body.description;
    if (body.collaborative !== undefined) playlist.collaborative = body.collaborative;
    if (body.public !== undefined && state.settings.publicFlag === 'honoured') playlist.public = body.public;
    playlist.revision++;
    return c.body(null, 200);
  });
  return routes;
}

/** The playlist in the path; 404 where there is none, and for Spotify's own lists in Development Mode. */
export function readPlaylist(simulation: Simulation, c: Context<ApiEnv>): SimulatedPlaylist {
  const playlist = simulation.state.playlists[c.req.param('id') ?? ''];
  const hidden = playlist?.ownerId === 'spotify' && c.get('caller').app.mode === 'development';
  if (!playlist || hidden) throw refuse(404, 'Resource not found');
  return playlist;
}

export function wantsEpisodes(c: Context<ApiEnv>): boolean {
  return (c.req.query('additional_types') ?? '').split(',').includes('episode');
}

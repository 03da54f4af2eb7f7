import { type Context, Hono } from 'hono';
import { pageOf, readPaging } from './paging.ts';
import { refuse } from './refusal.ts';
import { needsOneOf, requireOneOf } from './scopes.ts';
import { type Showing, showPlayableTrack } from './show-catalogue.ts';
import { type ApiEnv, apiUrl, now, type Simulation } from './simulation.ts';
import type { Listener } from './state.ts';

const MOST_URIS = 40;
const LIBRARY_URI = /^spotify:(track|album|episode|show|audiobook|user|playlist|artist):[\w.-]+$/;

/** Scopes by kind of item: what saving and asking needs. */
const MODIFY_SCOPES: Readonly<Record<string, string>> = {
  user: 'user-follow-modify',
  artist: 'user-follow-modify',
  playlist: 'playlist-modify-public',
};
const READ_SCOPES: Readonly<Record<string, string>> = {
  user: 'user-follow-read',
  artist: 'user-follow-read',
  playlist: 'playlist-read-private',
};

/** Liked songs, and `/me/library`, whose URIs stand in the query and never in a body. */
export function libraryRoutes(simulation: Simulation): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const readLibrary = needsOneOf(simulation, 'user-library-read');
  routes.get('/me/tracks', readLibrary, (c) => {
    const { listener, app } = c.get('caller');
    const showing: Showing = { simulation, extended: app.mode === 'extended' };
    const liked = Object.entries(listener.saved)
      .filter(([uri]) => uri.startsWith('spotify:track:'))
      .sort((a, b) => b[1] - a[1]);
    const page = pageOf(`${apiUrl(simulation)}/me/tracks`, liked, readPaging(c), ([uri, savedAt]) => ({
      added_at: new Date(savedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      track: showPlayableTrack(showing, uri.slice(14)) ?? null,
    }));
    return c.json(page);
  });
  for (const kind of ['albums', 'shows', 'episodes', 'audiobooks']) {
    routes.get(`/me/${kind}`, readLibrary, (c) =>
      c.json(pageOf(`${apiUrl(simulation)}/me/${kind}`, [], readPaging(c), (row) => row)),
    );
  }
  routes.put('/me/library', (c) => {
    for (const uri of readUris(simulation, c, MODIFY_SCOPES, 'user-library-modify')) {
      save(c.get('caller').listener, uri, now(simulation));
    }
    return c.body(null, 200);
  });
  routes.delete('/me/library', (c) => {
    for (const uri of readUris(simulation, c, MODIFY_SCOPES, 'user-library-modify'))
      remove(c.get('caller').listener, uri);
    return c.body(null, 200);
  });
  routes.get('/me/library/contains', (c) => {
    const { listener } = c.get('caller');
    const uris = readUris(simulation, c, READ_SCOPES, 'user-library-read');
    return c.json(uris.map((uri) => uri in listener.saved || listener.playlists.includes(uri.split(':')[2]!)));
  });
  return routes;
}

function readUris(
  simulation: Simulation,
  c: Context<ApiEnv>,
  scopes: Readonly<Record<string, string>>,
  otherwise: string,
): string[] {
  const uris = c.req.query('uris')?.split(',').filter(Boolean) ?? [];
  if (uris.length === 0) throw refuse(400, 'Missing required field: uris');
  if (uris.length > MOST_URIS) throw refuse(400, 'Too many uris requested');
  for (const uri of uris) {
    const kind = LIBRARY_URI.exec(uri)?.[1];
    if (kind === undefined) throw refuse(400, `Invalid uri: ${uri}`);
    requireOneOf(simulation, c, [scopes[kind] ?? otherwise]);
  }
  return uris;
}

/** Saving a playlist follows it; removing one's own only takes it off the list, as Spotify's "delete" does. */
function save(listener: Listener, uri: string, at: number): void {
  const [, kind, id] = uri.split(':') as [string, string, string];
  if (kind !== 'playlist') listener.saved[uri] ??= at;
  else if (!listener.playlists.includes(id)) listener.playlists.unshift(id);
}

function remove(listener: Listener, uri: string): void {
  delete listener.saved[uri];
  const [, kind, id] = uri.split(':');
  if (kind === 'playlist') listener.playlists = listener.playlists.filter((other) => other !== id);
}

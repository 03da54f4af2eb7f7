import { Hono } from 'hono';
import { tooManyCalls } from './gate.ts';
import { refuse, refuseInText } from './refusal.ts';
import { readPlaylist } from './routes-playlists.ts';
import { needsOneOf } from './scopes.ts';
import { showCover } from './show-playlist.ts';
import { type ApiEnv, now, type Simulation } from './simulation.ts';

// Of the payload, which is base64: a JPEG of 188 KB passed, one of 191 KB did not (spotipy issue 633).
const LARGEST_PAYLOAD = 256 * 1024;

/** `GET` and `PUT /playlists/{id}/images`. */
export function imageRoutes(simulation: Simulation): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.get('/playlists/:id/images', (c) => c.json(showCover(simulation, readPlaylist(simulation, c))));

  const modify = needsOneOf(simulation, 'playlist-modify-public', 'playlist-modify-private');
  routes.put('/playlists/:id/images', async (c, next) => {
    // This endpoint answers 401 where the others answer 403.
    if (!c.get('caller').scopes.has('ugc-image-upload')) throw refuse(401, 'Unauthorized.');
    await next();
  });
  routes.put('/playlists/:id/images', modify, async (c) => {
    const { app, listener } = c.get('caller');
    const playlist = readPlaylist(simulation, c);
    if (playlist.ownerId !== listener.id) throw refuse(403, 'Forbidden');
    const wait = simulation.windows.take(
      `images of ${app.clientId}`,
      simulation.state.settings.imageLimit,
      now(simulation),
    );
    if (wait > 0) throw tooManyCalls(simulation, wait);
    const base64 = await c.req.text();
    if (base64.length > LARGEST_PAYLOAD) throw refuseInText(413, '');
    if (!c.req.header('content-type')?.startsWith('image/jpeg')) throw refuse(400, 'Content-Type must be image/jpeg');
    // A newline, a `data:` prefix and anything else that is not base64 of a JPEG (which begins with FF D8 FF).
    const isJpeg = /^\/9j\/[A-Za-z0-9+/]+={0,2}$/.test(base64);
    if (!isJpeg) throw refuse(400, 'Could not decode image');
    playlist.covers.push({ base64, visibleAt: now(simulation) + simulation.state.settings.coverDelayMs });
    return c.body(null, 202);
  });
  return routes;
}

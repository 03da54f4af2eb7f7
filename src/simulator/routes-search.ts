import { Hono } from 'hono';
import { pageOf, readPaging } from './paging.ts';
import { refuse } from './refusal.ts';
import { readQuery, searchIn } from './search-catalogue.ts';
import { type Showing, showAlbum, showFullArtist, showPlayableTrack } from './show-catalogue.ts';
import { showPlaylist } from './show-playlist.ts';
import { type ApiEnv, apiUrl, type Simulation } from './simulation.ts';

const TYPES = ['album', 'artist', 'playlist', 'track', 'show', 'episode', 'audiobook'];

/** `GET /search`: at most 10 rows (5 unless told) from at most row 1000 (Development Mode since February 2026). */
export function searchRoutes(simulation: Simulation): Hono<ApiEnv> {
  const search = searchIn(simulation.world.catalogue);
  const routes = new Hono<ApiEnv>();
  routes.get('/search', (c) => {
    const q = c.req.query('q')?.trim();
    if (!q) throw refuse(400, 'No search query');
    const types = (c.req.query('type') ?? '').split(',').filter(Boolean);
    if (types.length === 0) throw refuse(400, 'Missing parameter type');
    if (types.some((type) => !TYPES.includes(type))) throw refuse(400, 'Bad search type field');
    const paging = readPaging(c, { defaultLimit: 5, maxLimit: 10, minLimit: 0, maxOffset: 1000 });
    const { app, listener } = c.get('caller');
    const showing: Showing = { simulation, extended: app.mode === 'extended' };
    const query = readQuery(q);

    const pages: Record<string, unknown> = {};
    for (const type of types) {
      const address = `${apiUrl(simulation)}/search?query=${encodeURIComponent(q)}&type=${type}`;
      if (type === 'track') {
        pages.tracks = pageOf(address, search.tracks(query), paging, (one) => showPlayableTrack(showing, one.id)!);
      } else if (type === 'artist') {
        pages.artists = pageOf(address, search.artists(query), paging, (one) => showFullArtist(showing, one));
      } else if (type === 'album') {
        pages.albums = pageOf(address, search.albums(query), paging, (one) => showAlbum(showing, one));
      } else if (type === 'playlist') {
        const named = Object.values(simulation.state.playlists).filter(
          (one) => one.public && query.words.every((word) => one.name.toLowerCase().includes(word)),
        );
        // Spotify's own playlists come as null rows.
        pages.playlists = pageOf(address, named, paging, (one) =>
          one.ownerId === 'spotify' ? null : showPlaylist(showing, one, listener.id),
        );
      } else {
        pages[`${type}s`] = pageOf(address, [], paging, (one) => one);
      }
    }
    return c.json(pages);
  });
  return routes;
}

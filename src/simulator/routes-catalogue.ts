import { type Context, Hono } from 'hono';
import type { CatalogueTrack } from './catalogue.ts';
import { inventHex } from './invent.ts';
import { pageOf, readPaging } from './paging.ts';
import { refuse } from './refusal.ts';
import { type Showing, showAlbum, showFullArtist, showPlayableTrack, showSimplifiedTrack } from './show-catalogue.ts';
import { type ApiEnv, apiUrl, type Simulation } from './simulation.ts';

const ID = /^[0-9A-Za-z]{22}$/;

/** Single tracks, albums and artists. Batch gets are among the removed routes. */
export function catalogueRoutes(simulation: Simulation): Hono<ApiEnv> {
  const { tracks, albums, artists } = simulation.world.catalogue;
  const routes = new Hono<ApiEnv>();
  const showing = (c: Context<ApiEnv>): Showing => ({ simulation, extended: c.get('caller').app.mode === 'extended' });

  routes.get('/tracks/:id', (c) => c.json(showPlayableTrack(showing(c), readId(c)) ?? notFound()));

  routes.get('/albums/:id', (c) => {
    const album = albums.get(readId(c)) ?? notFound();
    const rows = album.trackIds.map((id) => tracks.get(id)!);
    const address = `${apiUrl(simulation)}/albums/${album.id}/tracks`;
    const contents = pageOf(address, rows, { limit: 50, offset: 0 }, (track) => showSimplifiedTrack(showing(c), track));
    const upc = String(Number.parseInt(inventHex(12, 'upc', album.id), 16))
      .padStart(13, '0')
      .slice(0, 13);
    const full = {
      ...showAlbum(showing(c), album),
      tracks: contents,
      copyrights: [{ text: 'Invented by the local Spotify', type: 'C' }],
      external_ids: { upc },
      genres: [],
    };
    return c.json(showing(c).extended ? { ...full, label: 'Local Records', popularity: 50 } : full);
  });
  routes.get('/albums/:id/tracks', (c) => {
    const album = albums.get(readId(c)) ?? notFound();
    const rows = album.trackIds.map((id) => tracks.get(id) as CatalogueTrack);
    const address = `${apiUrl(simulation)}/albums/${album.id}/tracks`;
    return c.json(pageOf(address, rows, readPaging(c), (track) => showSimplifiedTrack(showing(c), track)));
  });

  routes.get('/artists/:id', (c) => c.json(showFullArtist(showing(c), artists.get(readId(c)) ?? notFound())));
  routes.get('/artists/:id/albums', (c) => {
    const artist = artists.get(readId(c)) ?? notFound();
    const rows = [...albums.values()].filter((album) => album.artist.id === artist.id);
    const paging = readPaging(c, { defaultLimit: 5, maxLimit: 10 });
    const address = `${apiUrl(simulation)}/artists/${artist.id}/albums`;
    return c.json(pageOf(address, rows, paging, (album) => showAlbum(showing(c), album)));
  });
  return routes;
}

function readId(c: Context<ApiEnv>): string {
  const id = c.req.param('id') ?? '';
  if (!ID.test(id)) throw refuse(400, 'Invalid base62 id');
  return id;
}

function notFound(): never {
  throw refuse(404, 'Resource not found');
}

import { Hono } from 'hono';
import type { CatalogueTrack } from './catalogue.ts';
import { inventHex, inventNumber } from './invent.ts';
import { refuseInText } from './refusal.ts';
import { now, type Simulation } from './simulation.ts';
import type { AudioFeatures } from './world.ts';

// 40 ids in one call are known to work; the real cap is not published.
const MOST_IDS = 40;

/**
 * ReccoBeats (reccobeats.com), a free third-party service, as far as Segue asks it: `GET /v1/audio-features?ids=`. Rows come in
 * another order than asked, unknown tracks are left out, and the Spotify id stands only in `href`.
 */
export function reccobeatsRoutes(simulation: Simulation): Hono {
  const { tracks } = simulation.world.catalogue;
  const routes = new Hono();
  routes.get('/v1/audio-features', async (c) => {
    const agent = c.req.header('user-agent') ?? '';
    if (agent === '' || /^python/i.test(agent)) throw refuseInText(403, 'Forbidden');
    const wait = simulation.windows.take('reccobeats', simulation.state.settings.reccobeatsLimit, now(simulation));
    if (wait > 0) throw refuseInText(429, 'Too many requests', { 'retry-after': String(Math.ceil(wait / 1000)) });
    const ids = (c.req.query('ids') ?? '').split(',').filter(Boolean);
    if (ids.length === 0 || ids.length > MOST_IDS) return c.json({ error: 'ids: 1 to 40 expected' }, 400);
    const features = (await simulation.world.audioFeatures?.()) ?? new Map<string, AudioFeatures>();
    const rows = [...new Set(ids)].flatMap((id) => {
      const known = features.get(id);
      return known && isKnown(id) ? [showFeatures(tracks.get(id)!, known)] : [];
    });
    return c.json({ content: rows.sort((a, b) => (a.id < b.id ? -1 : 1)) });
  });
  return routes;
}

/** Of the tracks with features 3 in 20 are missing, as a field test of September 2026 found. */
function isKnown(id: string): boolean {
  return inventNumber(20, 'reccobeats', id) >= 3;
}

function showFeatures(track: CatalogueTrack, features: AudioFeatures) {
  const id = inventHex(32, 'reccobeats', track.id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const href = `https://open.spotify.com/track/${track.id}`;
  return { id, href, ...(track.isrc ? { isrc: track.isrc } : {}), ...features };
}

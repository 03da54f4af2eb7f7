import { Hono } from 'hono';
import { inventNumber } from './invent.ts';
import type { Simulation } from './simulation.ts';

/** Covers: a coloured square made of the id, or the JPEG that was uploaded. */
export function pictureRoutes(simulation: Simulation): Hono {
  const routes = new Hono();
  routes.get('/pictures/:name', (c) => {
    const name = c.req.param('name');
    const drawn = /^([0-9A-Za-z]{22})-(\d{2,3})\.svg$/.exec(name);
    if (drawn) return c.body(drawCover(drawn[1]!, Number(drawn[2])), 200, { 'content-type': 'image/svg+xml' });
    const uploaded = /^([0-9A-Za-z]{22})-upload-(\d+)\.jpg$/.exec(name);
    const cover = uploaded && simulation.state.playlists[uploaded[1]!]?.covers[Number(uploaded[2])];
    if (!cover) return c.notFound();
    return c.body(Buffer.from(cover.base64, 'base64'), 200, { 'content-type': 'image/jpeg' });
  });
  return routes;
}

function drawCover(id: string, side: number): string {
  const hue = inventNumber(360, 'hue', id);
  const stripes = [0, 1, 2, 3].map((row) => {
    const width = 4 + inventNumber(12, 'stripe', id, row);
    return `<rect y="${row * 4}" width="${width}" height="4" fill="hsl(${(hue + row * 24) % 360} 55% ${34 + row * 9}%)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 16 16"><rect width="16" height="16" fill="hsl(${hue} 45% 22%)"/>${stripes.join('')}</svg>`;
}

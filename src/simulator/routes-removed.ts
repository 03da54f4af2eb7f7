import { Hono } from 'hono';
import { refuse } from './refusal.ts';
import type { ApiEnv } from './simulation.ts';

const KINDS = ['tracks', 'albums', 'episodes', 'shows', 'audiobooks'];

// February 2026 changelog: gone for apps in Development Mode.
const REMOVED: readonly (readonly [methods: readonly string[], path: string])[] = [
  [['GET'], '/artists/:id/top-tracks'],
  [['GET'], '/markets'],
  [['GET'], '/browse/*'],
  [['GET'], '/users/:id'],
  [['GET', 'POST'], '/users/:id/playlists'],
  [['GET', 'POST', 'PUT', 'DELETE'], '/playlists/:id/tracks'],
  [['PUT', 'DELETE'], '/playlists/:id/followers'],
  [['GET'], '/playlists/:id/followers/contains'],
  ...[...KINDS, 'artists', 'chapters'].map((kind) => [['GET'], `/${kind}`] as const),
  ...[...KINDS, 'following'].map((kind) => [['PUT', 'DELETE'], `/me/${kind}`] as const),
  ...[...KINDS, 'following'].map((kind) => [['GET'], `/me/${kind}/contains`] as const),
  // Closed since November 2024.
  [['GET'], '/audio-features/:id'],
  [['GET'], '/audio-features'],
  [['GET'], '/audio-analysis/:id'],
];

// Closed since November 2024 too, but these answer 404.
const CLOSED_AS_UNKNOWN = [
  '/recommendations',
  '/recommendations/available-genre-seeds',
  '/artists/:id/related-artists',
];

/** 403 "Forbidden" for what Development Mode took away, 404 for what was closed before that way. */
export function removedRoutes(): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  for (const [methods, path] of REMOVED) {
    routes.on([...methods], path, () => {
      throw refuse(403, 'Forbidden');
    });
  }
  for (const path of CLOSED_AS_UNKNOWN) {
    routes.get(path, () => {
      throw refuse(404, 'Resource not found');
    });
  }
  return routes;
}

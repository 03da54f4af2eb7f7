import type { Context, MiddlewareHandler } from 'hono';
import { refuse } from './refusal.ts';
import type { ApiEnv, Simulation } from './simulation.ts';

/** Every scope the consent page accepts. */
export const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  'app-remote-control',
  'playlist-modify-private',
  'playlist-modify-public',
  'playlist-read-collaborative',
  'playlist-read-private',
  'streaming',
  'ugc-image-upload',
  'user-follow-modify',
  'user-follow-read',
  'user-library-modify',
  'user-library-read',
  'user-modify-playback-state',
  'user-personalized',
  'user-read-currently-playing',
  'user-read-email',
  'user-read-playback-position',
  'user-read-playback-state',
  'user-read-private',
  'user-read-recently-played',
  'user-top-read',
]);

/** Lets a call through whose token has one of the scopes. */
export function needsOneOf(simulation: Simulation, ...scopes: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    requireOneOf(simulation, c, scopes);
    await next();
  };
}

/** 403 "Insufficient client scope", or 401 "Permissions missing" where the setting says so. */
export function requireOneOf(simulation: Simulation, c: Context<ApiEnv>, scopes: readonly string[]): void {
  const granted = c.get('caller').scopes;
  if (scopes.some((scope) => granted.has(scope))) return;
  const status = simulation.state.settings.missingScope;
  throw refuse(status, status === 401 ? 'Permissions missing' : 'Insufficient client scope');
}

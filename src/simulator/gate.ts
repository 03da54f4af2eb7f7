import type { MiddlewareHandler } from 'hono';
import { refuse, refuseInText } from './refusal.ts';
import { type ApiEnv, now, type Simulation } from './simulation.ts';
import type { App } from './state.ts';

/**
 * What every call of the Web API passes: its token, the developer's Premium, the app's list of users, the 30-second limit of
 * the app and the day's quota of the developer. The two 403s are plain text, as Spotify sends them.
 */
export function guardApi(simulation: Simulation): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { state } = simulation;
    const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '');
    if (!bearer) throw refuse(401, 'No token provided');
    const token = state.accessTokens[bearer[1]!];
    if (!token) throw refuse(401, 'Invalid access token');
    if (token.expiresAt <= now(simulation)) throw refuse(401, 'The access token expired');
    const app = state.apps[token.clientId]!;
    if (!state.developers[app.developerId]?.premium) {
      throw refuseInText(
        403,
        'Active premium subscription required for the owner of the app. When the subscription status changes, it can take a few hours before requests are allowed again.',
      );
    }
    if (app.mode === 'development' && !app.allowList.includes(token.listenerId)) {
      throw refuseInText(403, 'User not registered in the Developer Dashboard');
    }
    limitCalls(simulation, app);
    const listener = state.listeners[token.listenerId]!;
    c.set('caller', { app, listener, scopes: new Set(token.scope.split(' ')) });
    await next();
  };
}

function limitCalls(simulation: Simulation, app: App): void {
  const { windows, state } = simulation;
  const { rateLimit, quota } = state.settings;
  const at = now(simulation);
  const short = windows.wait(`app ${app.clientId}`, rateLimit, at);
  if (short > 0) throw tooManyCalls(simulation, short);
  // Extended quota mode has no day's quota.
  const long = app.mode === 'extended' ? 0 : windows.take(`developer ${app.developerId}`, quota, at);
  if (long > 0)
    throw refuse(429, 'Too many requests', 'QUOTA_EXCEEDED', { 'retry-after': String(Math.ceil(long / 1000)) });
  windows.take(`app ${app.clientId}`, rateLimit, at);
}

/** The short 429: JSON without a reason or plain text, with or without Retry-After. */
export function tooManyCalls(simulation: Simulation, waitMs: number) {
  const { rateLimitBody, retryAfter } = simulation.state.settings;
  const headers: Record<string, string> =
    retryAfter === 'sent' ? { 'retry-after': String(Math.ceil(waitMs / 1000)) } : {};
  return rateLimitBody === 'json'
    ? refuse(429, 'API rate limit exceeded', undefined, headers)
    : refuseInText(429, 'Too many requests', headers);
}

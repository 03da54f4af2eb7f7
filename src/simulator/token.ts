import { hash } from 'node:crypto';
import { Hono } from 'hono';
import { addCalendarMonths } from '../base/clock.ts';
import type { WireToken } from '../spotify/wire.ts';
import { refuseToken } from './refusal.ts';
import { now, type Simulation } from './simulation.ts';
import { type App, nextId } from './state.ts';

const CODE_LIFE_MS = 10 * 60_000;
const ACCESS_LIFE_S = 3600;
const REFRESH_LIFE_MONTHS = 6;

/** `/api/token`: codes and refresh tokens against access tokens. Calls here count towards no limit. */
export function tokenRoutes(simulation: Simulation): Hono {
  const routes = new Hono();
  routes.post('/api/token', async (c) => {
    const type = c.req.header('content-type') ?? '';
    if (!type.startsWith('application/x-www-form-urlencoded'))
      throw refuseToken('invalid_request', 'Form body expected');
    const form = new URLSearchParams(await c.req.text());
    const client = authenticate(simulation, form, c.req.header('authorization'));
    const token = grant(simulation, client, form);
    return c.json(token, 200, { 'cache-control': 'no-store' });
  });
  return routes;
}

interface Client {
  readonly app: App;
  /** Whether the call proved the client secret; PKCE clients only name themselves. */
  readonly proved: boolean;
}

function grant(simulation: Simulation, client: Client, form: URLSearchParams): WireToken {
  const type = form.get('grant_type');
  if (type === 'authorization_code') return exchangeCode(simulation, client, form);
  if (type === 'refresh_token') return refresh(simulation, client, form);
  throw refuseToken('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token');
}

/** Basic header with id and secret, or the bare `client_id` of a PKCE client in the form. */
function authenticate({ state }: Simulation, form: URLSearchParams, header: string | undefined): Client {
  const basic = /^Basic (.+)$/.exec(header ?? '');
  if (basic) {
    const [id, secret] = Buffer.from(basic[1]!, 'base64').toString().split(':').map(decodeURIComponent);
    const app = state.apps[id ?? ''];
    if (!app) throw refuseToken('invalid_client', 'Invalid client');
    if (app.clientSecret !== secret) throw refuseToken('invalid_client', 'Invalid client secret');
    return { app, proved: true };
  }
  const app = state.apps[form.get('client_id') ?? ''];
  if (!app) throw refuseToken('invalid_client', 'Invalid client');
  const secret = form.get('client_secret');
  if (secret !== null && secret !== app.clientSecret) throw refuseToken('invalid_client', 'Invalid client secret');
  return { app, proved: secret !== null };
}

function exchangeCode(simulation: Simulation, { app, proved }: Client, form: URLSearchParams): WireToken {
  const { state } = simulation;
  const code = state.codes[form.get('code') ?? ''];
  if (!code || code.used || code.clientId !== app.clientId || code.redirectUri !== form.get('redirect_uri')) {
    throw refuseToken('invalid_grant', 'Invalid authorization code');
  }
  if (now(simulation) - code.issuedAt > CODE_LIFE_MS) throw refuseToken('invalid_grant', 'Authorization code expired');
  if (code.challenge === null && !proved) throw refuseToken('invalid_client', 'Invalid client secret');
  if (code.challenge !== null) {
    const verifier = form.get('code_verifier');
    if (verifier === null) throw refuseToken('invalid_request', 'code_verifier must be supplied');
    const fits = /^[\w.~-]{43,128}$/.test(verifier) && hash('sha256', verifier, 'base64url') === code.challenge;
    if (!fits) throw refuseToken('invalid_grant', 'code_verifier was incorrect');
  }
  code.used = true;
  const { clientId, listenerId, scope } = code;
  const refreshToken = `AQ${nextId(state, 'refresh token', 32)}`;
  state.refreshTokens[refreshToken] = { clientId, listenerId, scope, consentedAt: now(simulation), revoked: false };
  return { ...issueAccess(simulation, clientId, listenerId, scope), refresh_token: refreshToken };
}

function refresh(simulation: Simulation, { app }: Client, form: URLSearchParams): WireToken {
  const { state } = simulation;
  const token = state.refreshTokens[form.get('refresh_token') ?? ''];
  if (!token || token.clientId !== app.clientId) throw refuseToken('invalid_grant', 'Invalid refresh token');
  if (token.revoked) throw refuseToken('invalid_grant', 'Refresh token revoked');
  // Refreshing never extends it: six calendar months from consent, and not a second more.
  const dies = addCalendarMonths(new Date(token.consentedAt), REFRESH_LIFE_MONTHS).getTime();
  if (now(simulation) >= dies) throw refuseToken('invalid_grant', 'Refresh token expired');
  const access = issueAccess(simulation, token.clientId, token.listenerId, token.scope);
  const { refreshToken: mode } = state.settings;
  if (mode === 'none') return access;
  if (mode === 'empty') return { ...access, refresh_token: '' };
  token.revoked = true;
  const next = `AQ${nextId(state, 'refresh token', 32)}`;
  state.refreshTokens[next] = { ...token, revoked: false };
  return { ...access, refresh_token: next };
}

function issueAccess(simulation: Simulation, clientId: string, listenerId: string, scope: string): WireToken {
  const { state } = simulation;
  const token = `BQ${nextId(state, 'access token', 32)}`;
  state.accessTokens[token] = { clientId, listenerId, scope, expiresAt: now(simulation) + ACCESS_LIFE_S * 1000 };
  return { access_token: token, token_type: 'Bearer', scope, expires_in: ACCESS_LIFE_S };
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type CallbackListener, listenForCallback } from '../../src/spotify/callback-listener.ts';
import {
  type Authorization,
  finishAuthorization,
  missingScopes,
  refreshExpiresAt,
  refreshTokens,
  SCOPES,
  type SpotifyApp,
  startAuthorization,
} from '../../src/spotify/oauth.ts';
import { recorded } from './recorded.ts';
import { type Reply, type ScriptedServer, serve } from './scripted-server.ts';

const clock = new ManualClock(new Date('2026-11-22T12:00:00Z'));
const TOKEN = { access_token: 'BQ-access', token_type: 'Bearer', expires_in: 3600, scope: SCOPES.join(' ') };
let server: ScriptedServer;
let listener: CallbackListener | undefined;

afterEach(async () => {
  await server?.close();
  await listener?.close();
  listener = undefined;
});

async function accounts(...replies: Reply[]): Promise<SpotifyApp> {
  server = await serve((_request, nth) => replies[Math.min(nth, replies.length) - 1]!);
  return { clientId: 'my-client', accountsUrl: server.url };
}

const callbackOf = (authorization: Authorization, query: string) =>
  `${authorization.redirectUri}?${query}&state=${authorization.state}`;

describe('signing in', () => {
  it('asks for a code with PKCE, state and every scope', async () => {
    const app = await accounts();
    const authorization = await startAuthorization(app, 'http://127.0.0.1:8888/callback', { showDialog: true });
    const url = new URL(authorization.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${server.url}/authorize`);
    const challenge = createHash('sha256').update(authorization.codeVerifier).digest('base64url');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'my-client',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:8888/callback',
      scope: SCOPES.join(' '),
      state: authorization.state,
      code_challenge_method: 'S256',
      code_challenge: challenge,
      show_dialog: 'true',
    });
    expect(authorization.codeVerifier).toMatch(/^[A-Za-z0-9_.~-]{43,128}$/);
    expect((await startAuthorization(app, 'http://127.0.0.1:8888/callback')).state).not.toBe(authorization.state);
  });

  it('goes to Spotify unless told otherwise', async () => {
    const { url } = await startAuthorization({ clientId: 'x' }, 'http://127.0.0.1/callback');
    expect(url).toMatch(/^https:\/\/accounts\.spotify\.com\/authorize\?/);
  });

  it('comes back through the browser and trades the code', async () => {
    const app = await accounts({ status: 200, body: { ...TOKEN, refresh_token: 'AQ-refresh' } });
    listener = await listenForCallback(0);
    const authorization = await startAuthorization(app, listener.redirectUri);
    const arrival = listener.waitFor(authorization.state);

    const stray = await fetch(`${listener.redirectUri}?code=evil&state=other`);
    expect(stray.status).toBe(400);
    expect((await fetch(new URL('/favicon.ico', listener.redirectUri))).status).toBe(404);
    // No address at all, as port scanners send: fetch would correct it.
    const [scanned] = await once(request({ port: new URL(listener.redirectUri).port, path: '//' }).end(), 'response');
    expect(scanned.resume().statusCode).toBe(404);
    const page = await fetch(callbackOf(authorization, 'code=AQ-code'));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('You can close this page');

    const tokens = await finishAuthorization(app, authorization, await arrival, { clock });
    expect(tokens).toEqual({
      accessToken: 'BQ-access',
      accessExpiresAt: new Date('2026-11-22T13:00:00Z'),
      refreshToken: 'AQ-refresh',
      scopes: [...SCOPES],
    });
    const sent = server.seen[0]!;
    expect(sent).toMatchObject({ method: 'POST', path: '/api/token' });
    expect(sent.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(sent.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'AQ-code',
      redirect_uri: listener.redirectUri,
      client_id: 'my-client',
      code_verifier: authorization.codeVerifier,
    });
  });

  it('sends the secret, where there is one, in the header only', async () => {
    const app = {
      ...(await accounts({ status: 200, body: { ...TOKEN, refresh_token: 'r' } })),
      clientSecret: 's3cret',
    };
    const authorization = await startAuthorization(app, 'http://127.0.0.1:1/callback');
    await finishAuthorization(app, authorization, callbackOf(authorization, 'code=c'), { clock });
    expect(server.seen[0]!.headers.authorization).toBe(`Basic ${btoa('my-client:s3cret')}`);
    expect(server.seen[0]!.body).not.toContain('s3cret');
  });

  it('takes an address pasted from a terminal that wrapped it', async () => {
    const app = await accounts({ status: 200, body: { ...TOKEN, refresh_token: 'r' } });
    const authorization = await startAuthorization(app, 'http://127.0.0.1:8888/callback');
    const address = callbackOf(authorization, 'code=AQ-code');
    const pasted = `  "${address.slice(0, 40)}\n${address.slice(40)}#_=_"\n`;
    await finishAuthorization(app, authorization, pasted, { clock });
    expect(new URLSearchParams(server.seen[0]!.body).get('code')).toBe('AQ-code');
    await finishAuthorization(app, authorization, address.split('?')[1]!, { clock });
    expect(server.seen).toHaveLength(2);
  });

  it('refuses what is not the answer to this sign-in, without asking Spotify', async () => {
    const app = await accounts({ status: 200, body: TOKEN });
    const authorization = await startAuthorization(app, 'http://127.0.0.1:8888/callback');
    const finish = (address: string) => finishAuthorization(app, authorization, address, { clock });
    await expect(finish(authorization.url)).rejects.toMatchObject({ code: 'not-a-callback' });
    await expect(finish('AQ-just-the-code')).rejects.toMatchObject({ code: 'not-a-callback' });
    await expect(finish('')).rejects.toMatchObject({ code: 'not-a-callback' });
    const foreign = await finish('http://127.0.0.1:8888/callback?code=AQ-secret-code&state=other').catch((e) => e);
    expect(foreign).toMatchObject({ code: 'state-mismatch' });
    expect(JSON.stringify([foreign.lines, foreign.cause])).not.toContain('AQ-secret-code');
    await expect(finish(callbackOf(authorization, 'error=access_denied'))).rejects.toMatchObject({
      code: 'access-denied',
      why: 'Access was refused on the consent page.',
    });
    expect(server.seen).toEqual([]);
  });

  it('says that a code is too old or used', async () => {
    const app = await accounts({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Authorization code expired' },
    });
    const authorization = await startAuthorization(app, 'http://127.0.0.1:8888/callback');
    await expect(
      finishAuthorization(app, authorization, callbackOf(authorization, 'code=c'), { clock }),
    ).rejects.toMatchObject({ code: 'code-refused', retryable: false });
  });

  it('sends tokens nowhere without TLS, loopback excepted', async () => {
    const app = { clientId: 'x', accountsUrl: 'http://192.0.2.1:4000' };
    await expect(refreshTokens(app, 'r', { clock })).rejects.toMatchObject({ code: 'insecure-accounts-url' });
  });
});

describe('the listener', () => {
  it('says when its port is taken', async () => {
    listener = await listenForCallback(0);
    const port = Number(new URL(listener.redirectUri).port);
    await expect(listenForCallback(port)).rejects.toMatchObject({ code: 'port-in-use' });
  });

  it('stops waiting when told to', async () => {
    listener = await listenForCallback(0);
    const stop = new AbortController();
    const waiting = listener.waitFor('s', stop.signal);
    stop.abort(new Error('Ctrl-C'));
    await expect(waiting).rejects.toThrow('Ctrl-C');
  });
});

describe('refreshing', () => {
  it.each([
    ['none comes', {}, undefined],
    ['an empty one comes', { refresh_token: '' }, undefined],
    ['null comes', { refresh_token: null }, undefined],
    ['a new one comes', { refresh_token: 'AQ-new' }, 'AQ-new'],
  ])('keeps the refresh token when %s', async (_name, extra, expected) => {
    const app = await accounts({ status: 200, body: { ...TOKEN, ...extra } });
    expect((await refreshTokens(app, 'AQ-old', { clock })).refreshToken).toBe(expected);
    expect(Object.fromEntries(new URLSearchParams(server.seen[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'AQ-old',
      client_id: 'my-client',
    });
  });

  it.each(['Refresh token expired', 'Refresh token revoked'])('tells that it has ended: %s', async (description) => {
    const app = await accounts({ status: 400, body: { error: 'invalid_grant', error_description: description } });
    await expect(refreshTokens(app, 'r', { clock })).rejects.toMatchObject({
      code: 'invalid-grant',
      retryable: false,
      why: expect.stringContaining(description),
    });
  });

  it.each<[string, Reply]>([
    ['status 503', { status: 503, body: 'upstream' }],
    ['status 500 with a JSON error', { status: 500, body: { error: 'invalid_grant' } }],
    ['status 429', { status: 429, body: 'Too many requests', headers: { 'retry-after': '7' } }],
    ['a reset connection', 'reset'],
    ['an answer cut short', 'cut'],
    ['no answer in time', 'hang'],
  ])('does not take %s for a revocation', async (_name, reply) => {
    const app = await accounts(reply);
    await expect(refreshTokens(app, 'r', { clock, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'spotify-unreachable',
      retryable: true,
      retryAfterMs: typeof reply === 'object' && reply.status === 429 ? 7_000 : undefined,
    });
  });

  it('tells a wrong client id or secret from an ended connection', async () => {
    const app = await accounts({ status: 400, body: recorded('java/auth-invalid-client.json') });
    await expect(refreshTokens(app, 'r', { clock })).rejects.toMatchObject({ code: 'client-refused' });
    const basic = await accounts({
      status: 401,
      body: { error: 'invalid_client', error_description: 'Invalid client secret' },
      headers: { 'www-authenticate': 'Basic' },
    });
    await expect(refreshTokens({ ...basic, clientSecret: 'x' }, 'r', { clock })).rejects.toMatchObject({
      code: 'client-refused',
    });
  });

  it('never repeats an unreadable answer: it may hold a token', async () => {
    const app = await accounts({ status: 200, body: '{"access_token":"BQ-half' });
    const error = await refreshTokens(app, 'AQ-secret', { clock }).catch((e) => e);
    expect(error).toMatchObject({ code: 'odd-token-answer', retryable: true });
    expect(JSON.stringify([error.lines, error.cause])).not.toMatch(/BQ-half|AQ-secret/);
  });

  it('stops when told to, with the reason given', async () => {
    const app = await accounts('hang');
    const stop = new AbortController();
    const refreshing = refreshTokens(app, 'r', { clock, signal: stop.signal });
    stop.abort(new Error('Ctrl-C'));
    await expect(refreshing).rejects.toThrow('Ctrl-C');
  });
});

describe('what was granted', () => {
  it('ends six calendar months after consent, on a day that exists', () => {
    expect(refreshExpiresAt(new Date('2026-08-31T10:00:00Z'))).toEqual(new Date('2027-02-28T10:00:00Z'));
    expect(refreshExpiresAt(new Date('2026-11-22T12:00:00Z'))).toEqual(new Date('2027-05-22T12:00:00Z'));
  });

  it('is compared with what was wanted', () => {
    expect(missingScopes(SCOPES.filter((scope) => scope !== 'ugc-image-upload'))).toEqual(['ugc-image-upload']);
    expect(missingScopes([...SCOPES, 'streaming'])).toEqual([]);
  });
});

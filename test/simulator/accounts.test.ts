import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, registerApp } from '../../src/simulator/apps.ts';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import { checkWire } from './check-wire.ts';
import {
  authorizeUrl,
  caller,
  connect,
  getCode,
  postToken,
  REDIRECT,
  START,
  startTestSimulator,
  type TestSimulator,
  VERIFIER,
} from './connected.ts';

let simulator: TestSimulator;

beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());
afterEach(() => {
  checkWire(simulator);
  simulator.faults.clear();
  simulator.change({ ...DEFAULT_SETTINGS, consent: 'approve' });
  simulator.clock.set(START);
});

const BASIC = {
  authorization: `Basic ${Buffer.from(`${DEMO_CLIENT_ID}:${DEMO_CLIENT_SECRET}`).toString('base64')}`,
};

/** The redirect of /authorize without following it. */
async function authorize(changes: Record<string, string | undefined> = {}) {
  const response = await fetch(authorizeUrl(simulator, changes), { redirect: 'manual' });
  const location = response.headers.get('location');
  return { status: response.status, text: await response.text(), location: location ? new URL(location) : undefined };
}

async function errorOf(response: Response): Promise<[number, string, string]> {
  const body = (await response.json()) as { error: string; error_description: string };
  return [response.status, body.error, body.error_description];
}

function exchange(code: string, changes: Record<string, string> = {}) {
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: DEMO_CLIENT_ID };
  return postToken(simulator, { ...form, code_verifier: VERIFIER, ...changes });
}

function refresh(refreshToken: string) {
  return postToken(simulator, { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: DEMO_CLIENT_ID });
}

describe('/authorize', () => {
  it('calls back with a code and the state as it was sent', async () => {
    const { status, location } = await authorize({ state: 'a/b c+d' });
    expect(status).toBe(302);
    expect(location?.origin + (location?.pathname ?? '')).toBe(REDIRECT);
    expect(location?.searchParams.get('state')).toBe('a/b c+d');
    expect(location?.searchParams.get('code')).toMatch(/^AQ/);
  });

  it('calls back with access_denied and the state when consent is refused', async () => {
    simulator.change({ consent: 'deny' });
    const { location } = await authorize();
    expect(Object.fromEntries(location!.searchParams)).toEqual({ error: 'access_denied', state: 'state 1' });
  });

  it('takes any port of a loopback address, and no other path', async () => {
    expect((await authorize({ redirect_uri: 'http://127.0.0.1:9/callback' })).status).toBe(302);
    expect((await authorize({ redirect_uri: 'http://[::1]:9/callback' })).status).toBe(302);
    expect((await authorize({ redirect_uri: 'http://127.0.0.1:9/other' })).status).toBe(400);
  });

  it.each(['http://localhost:4711/callback', 'http://192.168.1.5/callback', 'https://example.org/callback', ''])(
    'never calls back to %s',
    async (redirect_uri) => {
      const { status, text, location } = await authorize({ redirect_uri });
      expect(status).toBe(400);
      expect(text).toContain('INVALID_CLIENT: Invalid redirect URI');
      expect(location).toBeUndefined();
    },
  );

  it('refuses unknown clients, other response types and unknown scopes on its own page', async () => {
    expect((await authorize({ client_id: 'nobody' })).text).toContain('INVALID_CLIENT: Invalid client');
    expect((await authorize({ response_type: 'token' })).text).toContain('response_type must be code');
    expect((await authorize({ scope: 'user-read-minds' })).text).toContain('INVALID_SCOPE');
    expect((await authorize({ code_challenge_method: 'plain' })).text).toContain('must be S256');
  });

  it('shows a page with the scopes when it is to ask, and does what the buttons say', async () => {
    simulator.change({ consent: 'ask' });
    const { status, text } = await authorize();
    expect(status).toBe(200);
    expect(text).toContain('<code>user-top-read</code>');
    const press = async (decision: string) => {
      const fields = new URL(authorizeUrl(simulator)).searchParams;
      fields.set('decision', decision);
      fields.set('listener', 'kgb-radio');
      const url = `${simulator.accountsUrl}/authorize`;
      const response = await fetch(url, { method: 'POST', body: fields, redirect: 'manual' });
      return new URL(response.headers.get('location')!).searchParams;
    };
    expect((await press('deny')).get('error')).toBe('access_denied');
    const token = (await (await exchange((await press('approve')).get('code')!)).json()) as { access_token: string };
    expect((await caller(simulator, token.access_token)('GET', '/me')).body.id).toBe('kgb-radio');
  });

  it('answers at once where the address says so', async () => {
    simulator.change({ consent: 'ask' });
    expect((await authorize({ auto: 'approve' })).location?.searchParams.has('code')).toBe(true);
    expect((await authorize({ auto: 'deny' })).location?.searchParams.get('error')).toBe('access_denied');
  });
});

describe('/api/token with a code', () => {
  it('gives both tokens once', async () => {
    const code = await getCode(simulator);
    const first = await exchange(code);
    expect(await first.json()).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
    });
    expect(await errorOf(await exchange(code))).toEqual([400, 'invalid_grant', 'Invalid authorization code']);
  });

  it('lets a code live ten minutes', async () => {
    const code = await getCode(simulator);
    simulator.clock.advance(10 * 60_000 + 1);
    expect(await errorOf(await exchange(code))).toEqual([400, 'invalid_grant', 'Authorization code expired']);
  });

  it('checks the verifier, the redirect address and the client', async () => {
    const wrong = await exchange(await getCode(simulator), { code_verifier: 'w'.repeat(64) });
    expect((await errorOf(wrong))[1]).toBe('invalid_grant');
    const missing = await postToken(simulator, {
      grant_type: 'authorization_code',
      code: await getCode(simulator),
      redirect_uri: REDIRECT,
      client_id: DEMO_CLIENT_ID,
    });
    expect(await errorOf(missing)).toEqual([400, 'invalid_request', 'code_verifier must be supplied']);
    const elsewhere = await exchange(await getCode(simulator), { redirect_uri: 'http://127.0.0.1:1/callback' });
    expect(await errorOf(elsewhere)).toEqual([400, 'invalid_grant', 'Invalid authorization code']);
    const other = registerApp(simulator.state, { allowList: [] });
    const stolen = await exchange(await getCode(simulator), { client_id: other.clientId });
    expect(await errorOf(stolen)).toEqual([400, 'invalid_grant', 'Invalid authorization code']);
  });

  it('takes a client secret instead of PKCE, and nothing less', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const form = async () => ({
      grant_type: 'authorization_code',
      code: await getCode(simulator, without),
      redirect_uri: REDIRECT,
    });
    expect((await postToken(simulator, await form(), BASIC)).status).toBe(200);
    const bare = await postToken(simulator, { ...(await form()), client_id: DEMO_CLIENT_ID });
    expect((await errorOf(bare))[1]).toBe('invalid_client');
    const guessed = { authorization: `Basic ${Buffer.from(`${DEMO_CLIENT_ID}:guess`).toString('base64')}` };
    expect(await errorOf(await postToken(simulator, await form(), guessed))).toEqual([
      400,
      'invalid_client',
      'Invalid client secret',
    ]);
  });

  it('refuses other grants and bodies that are no form', async () => {
    const other = await postToken(simulator, { grant_type: 'password', client_id: DEMO_CLIENT_ID });
    expect((await errorOf(other))[1]).toBe('unsupported_grant_type');
    const json = await fetch(`${simulator.accountsUrl}/api/token`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect((await errorOf(json))[1]).toBe('invalid_request');
  });

  it('grants the scopes that were asked for', async () => {
    expect((await connect(simulator, { scope: 'user-top-read' })).scope).toBe('user-top-read');
  });
});

describe('refreshing', () => {
  it('gives no refresh token today, and the old one goes on working', async () => {
    const { refresh_token } = await connect(simulator);
    for (let i = 0; i < 2; i++) {
      const body = (await (await refresh(refresh_token)).json()) as object;
      expect(body).toMatchObject({ expires_in: 3600 });
      expect('refresh_token' in body).toBe(false);
    }
  });

  it('gives a new one and revokes the old in the way of before June 2026', async () => {
    simulator.change({ refreshToken: 'rotate' });
    const { refresh_token } = await connect(simulator);
    const next = (await (await refresh(refresh_token)).json()) as { refresh_token: string };
    expect(next.refresh_token).not.toBe(refresh_token);
    expect(await errorOf(await refresh(refresh_token))).toEqual([400, 'invalid_grant', 'Refresh token revoked']);
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });

  it('can give an empty one', async () => {
    simulator.change({ refreshToken: 'empty' });
    const { refresh_token } = await connect(simulator);
    expect(await (await refresh(refresh_token)).json()).toMatchObject({ refresh_token: '' });
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('works for six calendar months from consent, however often it is done', async () => {
    simulator.clock.set(new Date('2026-08-31T12:00:00Z'));
    const { refresh_token } = await connect(simulator);
    simulator.clock.set(new Date('2027-02-28T11:59:59Z'));
    expect((await refresh(refresh_token)).status).toBe(200);
    simulator.clock.set(new Date('2027-02-28T12:00:00Z'));
    expect(await errorOf(await refresh(refresh_token))).toEqual([400, 'invalid_grant', 'Refresh token expired']);
  });

  it('does not start the six months again with a rotated token', async () => {
    simulator.change({ refreshToken: 'rotate' });
    const { refresh_token } = await connect(simulator);
    simulator.clock.set(new Date('2027-05-01T00:00:00Z'));
    const next = (await (await refresh(refresh_token)).json()) as { refresh_token: string };
    simulator.clock.set(new Date('2027-05-23T00:00:00Z'));
    expect((await errorOf(await refresh(next.refresh_token)))[2]).toBe('Refresh token expired');
  });

  it('ends with the consent, and works again after a new one', async () => {
    const { refresh_token } = await connect(simulator);
    simulator.revoke('kufx-radio');
    expect(await errorOf(await refresh(refresh_token))).toEqual([400, 'invalid_grant', 'Refresh token revoked']);
    expect((await refresh((await connect(simulator)).refresh_token)).status).toBe(200);
  });

  it('refuses tokens it never gave, or gave to another client', async () => {
    expect(await errorOf(await refresh('AQ-unknown'))).toEqual([400, 'invalid_grant', 'Invalid refresh token']);
    const { refresh_token } = await connect(simulator);
    const other = registerApp(simulator.state, { allowList: [] });
    const form = { grant_type: 'refresh_token', refresh_token, client_id: other.clientId };
    expect((await errorOf(await postToken(simulator, form)))[2]).toBe('Invalid refresh token');
  });

  it('can be out of service or never answer, which revokes nothing', async () => {
    const { refresh_token } = await connect(simulator);
    simulator.faults.add({ kind: 'status', status: 503, match: { path: '/api/token' } });
    expect((await refresh(refresh_token)).status).toBe(503);
    simulator.faults.add({ kind: 'timeout', match: { host: 'accounts' } });
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: DEMO_CLIENT_ID });
    const url = `${simulator.accountsUrl}/api/token`;
    const signal = AbortSignal.timeout(50);
    await expect(fetch(url, { method: 'POST', body: form, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await refresh(refresh_token)).status).toBe(200);
  });
});

describe('the dashboard', () => {
  it('refuses redirect addresses, client ids and users beyond the rules', () => {
    const { state } = simulator;
    expect(() => registerApp(state, { allowList: [], redirectUris: ['http://localhost/callback'] })).toThrow(
      'loopback',
    );
    expect(() => registerApp(state, { allowList: [], redirectUris: ['http://10.0.0.2/callback'] })).toThrow('loopback');
    expect(() => registerApp(state, { allowList: ['1', '2', '3', '4', '5', '6'] })).toThrow('5 users');
    const add = () => registerApp(state, { developerId: 'busy', allowList: [] });
    for (let i = 0; i < 25; i++) add();
    expect(add).toThrow('25 client ids');
  });
});

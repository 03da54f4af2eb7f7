import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CLIENT_SECRET } from '../../src/simulator/apps.ts';
import { describeSimulator } from '../../src/simulator/describe.ts';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { describeListener } from '../../src/simulator/stations.ts';
import { caller, connect, START, startConnected, startTestSimulator, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  ({ simulator, call } = await startConnected());
});
afterAll(() => simulator.stop());
afterEach(() => {
  simulator.faults.clear();
  simulator.change({ ...DEFAULT_SETTINGS, consent: 'approve' });
  simulator.clock.set(START);
});

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.url}/simulator${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
  };
}

describe('the switches over HTTP', () => {
  it('move and set the clock', async () => {
    await control('POST', '/clock', { advanceMs: 60_000 });
    expect(simulator.clock.now()).toEqual(new Date(START.getTime() + 60_000));
    await control('POST', '/clock', { set: '2027-01-01T00:00:00Z' });
    expect(simulator.clock.now()).toEqual(new Date('2027-01-01T00:00:00Z'));
  });

  it('add, list and clear faults', async () => {
    const added = await control('POST', '/faults', { kind: 'status', status: 500, match: { path: '/me' } });
    expect(added.status).toBe(200);
    expect((await control('GET', '/faults')).body).toHaveLength(1);
    expect((await call('GET', '/me')).status).toBe(500);
    await control('POST', '/faults', { kind: 'plain-text', always: true });
    await control('DELETE', '/faults');
    expect((await call('GET', '/me')).status).toBe(200);
  });

  it('change settings, Premium and playlists, withdraw consent, add plays', async () => {
    expect((await control('POST', '/settings', { refreshToken: 'rotate', quota: null })).body.refreshToken).toBe(
      'rotate',
    );
    expect(simulator.state.settings.quota).toBeNull();
    await control('POST', '/premium', { developerId: 'demo-developer', premium: false });
    expect((await call('GET', '/me')).status).toBe(403);
    await control('POST', '/premium', { developerId: 'demo-developer', premium: true });
    const { id } = (await call('POST', '/me/playlists', { name: 'x' })).body;
    await control('POST', `/playlists/${id}`, { uris: ['spotify:track:6FsQrRpBLgsrFeAeiQqytm'] });
    expect((await call('GET', `/playlists/${id}`)).body.items.total).toBe(1);
    await control('POST', '/plays', { trackId: '6FsQrRpBLgsrFeAeiQqytm', endedAt: START.toISOString() });
    expect((await call('GET', '/me/player/recently-played?limit=1')).body.items[0].played_at).toBe(START.toISOString());
    await control('POST', '/revoke', { listenerId: 'kufx-radio' });
    expect(Object.values(simulator.state.refreshTokens).every((token) => token.revoked)).toBe(true);
  });

  it('answer 400 or 404 with what is wrong', async () => {
    expect((await control('POST', '/clock', { advance: 5 })).text).toContain('advance');
    expect((await control('POST', '/faults', { kind: 'meteor' })).status).toBe(400);
    expect((await control('POST', '/settings', { refreshToken: 'sometimes' })).status).toBe(400);
    expect((await control('POST', '/settings', { noSuch: 1 })).text).toContain('noSuch');
    expect((await control('POST', '/premium', { developerId: 'nobody', premium: true })).status).toBe(404);
    expect((await control('POST', '/playlists/nothing', { uris: [] })).status).toBe(404);
  });

  it('show the state without tokens or secrets', async () => {
    const { text, body } = await control('GET', '/state');
    expect(body.listeners[0]).toMatchObject({ id: 'kufx-radio', about: describeListener() });
    expect(text).not.toContain(DEMO_CLIENT_SECRET);
    for (const token of Object.keys({ ...simulator.state.accessTokens, ...simulator.state.refreshTokens })) {
      expect(text).not.toContain(token);
    }
    const calls = await control('GET', '/requests');
    for (const token of Object.keys(simulator.state.refreshTokens))
      expect(calls.body.at(-1)?.body).not.toContain(token);
  });

  it('are never spoilt by faults or counted as calls', async () => {
    simulator.faults.failNthCall(1, 'reset-before', 'for-ever');
    expect((await control('GET', '/state')).status).toBe(200);
    expect((await fetch(simulator.url)).status).toBe(200);
    expect(simulator.faults.callCount).toBe(0);
  });

  it('hand out both exports', async () => {
    for (const kind of ['extended', 'account']) {
      const response = await fetch(`${simulator.url}/simulator/export?kind=${kind}`);
      const names = Object.keys(unzipSync(new Uint8Array(await response.arrayBuffer())));
      expect(names.some((name) => name.includes('Streaming'))).toBe(true);
    }
  });
});

describe('what people see', () => {
  it('is a page with the listener, the credentials and buttons that work', async () => {
    const page = await (await fetch(simulator.url)).text();
    expect(page).toContain('radio station');
    expect(page).toContain(simulator.apiUrl);
    const pressed = await fetch(`${simulator.url}/simulator/faults`, {
      method: 'POST',
      body: new URLSearchParams({ kind: 'status', always: 'true' }),
      redirect: 'manual',
    });
    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, '/']);
    expect((await call('GET', '/me')).status).toBe(503);
    expect(await (await fetch(simulator.url)).text()).toContain('applied 1 times');
  });

  it('never shows what a caller sent as markup', async () => {
    await call('GET', '/<script>alert(1)</script>');
    expect(await (await fetch(simulator.url)).text()).not.toContain('<script>alert');
  });

  it('is told in a few lines at the start', () => {
    const lines = describeSimulator(simulator).join('\n');
    expect(lines).toContain(simulator.accountsUrl);
    expect(lines).toContain('KUFX of San Jose');
    expect(lines).toContain('2014');
  });
});

describe('starting and stopping', () => {
  it('gives the same ids for the same seed', async () => {
    const ids = [];
    for (const seed of [7, 7, 8]) {
      const one = await startConnected({ seed });
      ids.push((await one.call('POST', '/me/playlists', { name: 'x' })).body.id);
      await one.simulator.stop();
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('says so when the port is taken', async () => {
    const port = Number(new URL(simulator.url).port);
    await expect(startSimulator({ port })).rejects.toMatchObject({ code: 'port-in-use', hint: expect.any(String) });
  });

  it('goes on where it was from its state file: plays at the same times, tokens, playlists', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'segue-simulator-'));
    try {
      const stateFile = join(folder, 'spotify.json');
      const first = await startTestSimulator({ stateFile });
      const { access_token } = await connect(first);
      const callFirst = caller(first, access_token);
      const { id } = (await callFirst('POST', '/me/playlists', { name: 'Kept' })).body;
      const plays = (await callFirst('GET', '/me/player/recently-played?limit=50')).body.items;
      await first.stop();

      const second = await startTestSimulator({ stateFile });
      second.clock.advance(60_000);
      const callSecond = caller(second, access_token);
      expect((await callSecond('GET', `/playlists/${id}`)).body.name).toBe('Kept');
      const again = (await callSecond('GET', '/me/player/recently-played?limit=50')).body.items;
      const times = (items: { played_at: string }[]) => items.map((item) => item.played_at);
      expect(times(again)).toEqual(expect.arrayContaining(times(plays).slice(0, 45)));
      await second.stop();

      await writeFile(stateFile, '{"format":"cut sho');
      const third = await startTestSimulator({ stateFile });
      expect((await caller(third, access_token)('GET', '/me')).status).toBe(401);
      await third.stop();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('stops while a call is kept waiting', async () => {
    const one = await startTestSimulator();
    one.faults.add({ kind: 'timeout' });
    const waiting = fetch(`${one.apiUrl}/me`).catch((error: Error) => error.message);
    while (one.requests.entries.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await one.stop();
    expect(await waiting).toBe('fetch failed');
  });
});

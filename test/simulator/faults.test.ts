import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from '../../src/simulator/faults.ts';
import { type caller, startConnected, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  ({ simulator, call } = await startConnected({ settings: { rateLimit: null, quota: null } }));
});
afterAll(() => simulator.stop());
afterEach(() => {
  simulator.faults.clear();
  simulator.requests.clear();
});

/** How many playlists the listener has, without a call. */
const playlists = () => simulator.state.listeners['kufx-radio']!.playlists.length;
const create = () => call('POST', '/me/playlists', { name: 'Twice?' });

describe('fault switches', () => {
  it.each([500, 502, 503])('answer %i with a body and headers of choice, once', async (status) => {
    simulator.faults.add({
      kind: 'status',
      status,
      body: { error: { status, message: 'x' } },
      headers: { 'retry-after': '2' },
    });
    const spoilt = await call('GET', '/me');
    expect([spoilt.status, spoilt.body.error.status, spoilt.headers.get('retry-after')]).toEqual([status, status, '2']);
    expect((await call('GET', '/me')).status).toBe(200);
  });

  it('answer plain text, and nothing', async () => {
    simulator.faults.add({ kind: 'plain-text', status: 429, text: 'Too many requests' });
    simulator.faults.add({ kind: 'empty' });
    const text = await call('GET', '/me');
    expect([text.status, text.text]).toEqual([429, 'Too many requests']);
    const empty = await call('GET', '/me');
    expect([empty.status, empty.text]).toEqual([200, '']);
  });

  it('cut the connection before anything is done', async () => {
    const before = playlists();
    simulator.faults.add({ kind: 'reset-before' });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(playlists()).toBe(before);
  });

  it('cut the connection after a playlist was made, so that a second try makes a second one', async () => {
    const before = playlists();
    simulator.faults.add({ kind: 'reset-after', match: { method: 'POST', path: '/me/playlists' } });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(playlists()).toBe(before + 1);
    await create();
    expect(playlists()).toBe(before + 2);
    expect(simulator.requests.to('POST', '/me/playlists').map(({ status, fault }) => [status, fault])).toEqual([
      [0, 'reset-after'],
      [201, undefined],
    ]);
  });

  it('never answer, with the work done or not', async () => {
    for (const kind of ['timeout', 'timeout-after'] as const) {
      const before = playlists();
      simulator.faults.add({ kind });
      const aborted = fetch(`${simulator.apiUrl}/me/playlists`, {
        method: 'POST',
        body: JSON.stringify({ name: 'Late' }),
        headers: { authorization: `Bearer ${Object.keys(simulator.state.accessTokens)[0]}` },
        signal: AbortSignal.timeout(100),
      });
      await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(playlists()).toBe(before + (kind === 'timeout' ? 0 : 1));
    }
  });

  it('send a body slowly but whole, half of it, or break off below the announced length', async () => {
    simulator.faults.add({ kind: 'slow', ms: 30 });
    expect((await call('GET', '/me')).body.id).toBe('kufx-radio');
    simulator.faults.add({ kind: 'truncate' });
    await expect(call('GET', '/me')).rejects.toThrow(SyntaxError);
    simulator.faults.add({ kind: 'cut-body' });
    await expect(call('GET', '/me')).rejects.toThrow('terminated');
  });

  it('are for the calls that fit', async () => {
    simulator.faults.add({
      kind: 'status',
      status: 500,
      always: true,
      match: { host: 'api', method: 'get', path: '/me/*' },
    });
    expect((await call('GET', '/me')).status).toBe(200);
    expect((await call('GET', '/me/tracks')).status).toBe(500);
    expect((await call('GET', '/me/top/tracks')).status).toBe(500);
    expect((await create()).status).toBe(201);
    simulator.faults.clear();
    simulator.faults.add({ kind: 'status', status: 500, times: 2, after: 1, match: { path: /tracks$/ } });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await call('GET', '/me/tracks')).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it('can be listed and taken back', async () => {
    const fault: Fault = { kind: 'status', status: 500, always: true };
    const id = simulator.faults.add(fault);
    await call('GET', '/me');
    expect(simulator.faults.list()).toEqual([{ id, fault, applied: 1 }]);
    simulator.faults.remove(id);
    expect((await call('GET', '/me')).status).toBe(200);
  });
});

describe('failing the nth call', () => {
  /** A run of four calls; how many succeeded before the first failure. */
  async function run(): Promise<number> {
    let done = 0;
    for (const path of ['/me', '/me/tracks', '/me/playlists', '/me/top/tracks']) {
      const ok = await call('GET', path).then(
        (answer) => answer.status === 200,
        () => false,
      );
      if (!ok) return done;
      done++;
    }
    return done;
  }

  it.each<FaultKind>(['status', 'plain-text', 'reset-before', 'reset-after', 'truncate', 'cut-body'])(
    'fails every call of a run in turn: %s',
    async (kind) => {
      const reached: number[] = [];
      for (let n = 1; ; n++) {
        simulator.faults.failNthCall(n, kind, 'once');
        reached.push(await run());
        if (simulator.faults.callCount < n) break;
      }
      expect(reached).toEqual([0, 1, 2, 3, 4]);
    },
  );

  it('fails once or for ever', async () => {
    const statuses = async () => [
      (await call('GET', '/me')).status,
      (await call('GET', '/me')).status,
      (await call('GET', '/me')).status,
    ];
    simulator.faults.failNthCall(2, 'status', 'once');
    expect(await statuses()).toEqual([200, 503, 200]);
    simulator.faults.failNthCall(2, { kind: 'status', status: 500 }, 'for-ever');
    expect(await statuses()).toEqual([200, 500, 500]);
  });
});

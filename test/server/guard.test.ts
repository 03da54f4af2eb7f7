import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questions } from '../../src/api/contract.ts';
import { openTestStore, type TestStore } from '../store-fixture.ts';
import { type RunningService, startTestService, TOKEN } from './running-service.ts';

let store: TestStore;
let service: RunningService;
beforeAll(async () => {
  store = await openTestStore();
  service = await startTestService(store);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await store.close();
});

/** As `fetch`, which will not send another Host. */
function send(path: string, headers: Record<string, string>, { method = 'GET', to = service.url, body = '' } = {}) {
  return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(new URL(path, to), { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const start = (headers: Record<string, string>, to?: string) =>
  send(
    '/api/runs',
    { 'content-type': 'application/json', ...headers },
    {
      method: 'POST',
      body: '{"pipeline":"none"}',
      ...(to === undefined ? {} : { to }),
    },
  );

describe('the guard of the service', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', 'localhost:1234', '[::1]:80'])(
    'lets in who asks for %s',
    async (host) => {
      expect((await send('/api/health', { host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', 'localhost.', '192.168.1.7', 'nas'])(
    'refuses who asks for "%s"',
    async (host) => {
      for (const path of ['/api/state', '/', '/page.ts']) {
        const { status, text } = await send(path, { host });

        expect(status).toBe(403);
        expect(text).not.toContain('pipelines');
      }
    },
  );

  it('lets in by address and local names, never by other names, where it listens on every address', async () => {
    await using everywhere = await startTestService(store, {}, '0.0.0.0');
    const to = everywhere.url.replace('0.0.0.0', '127.0.0.1');
    const hosts = {
      '192.168.1.7:8080': 200,
      nas: 200,
      'nas.local': 200,
      'host.docker.internal': 200,
      '[fe80::1]': 200,
      'evil.example': 403,
      '127.0.0.1.evil.example': 403,
      'local.evil.example': 403,
    };
    const answers = Object.keys(hosts).map(async (host) => [
      host,
      (await send('/api/health', { host }, { to })).status,
    ]);
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(hosts);
  });

  it('refuses writes from pages of other origins', async () => {
    const { host } = new URL(service.url);
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', `http://${host}.evil.example`]) {
      expect([origin, (await start({ origin })).status]).toEqual([origin, 403]);
    }
    // These come through, to learn that there is no such pipeline.
    for (const headers of [{}, { origin: service.url }, { origin: `https://${host}` }]) {
      expect((await start(headers as Record<string, string>)).status).toBe(400);
    }
    expect((await send('/api/runs/1/retry', { origin: 'http://evil.example' }, { method: 'POST' })).status).toBe(403);
    expect((await send('/api/command', { origin: 'http://evil.example' }, { method: 'POST' })).status).toBe(403);
  });

  it('never allows another origin to read', async () => {
    const { headers } = await send('/api/state', { origin: 'http://evil.example' });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await send('/api/state', { origin: 'http://evil.example' }, { method: 'OPTIONS' })).status).toBe(403);
  });

  it('sends the same headers with every answer, refusals and failures included', async () => {
    const answers = await Promise.all([
      send('/', {}),
      send('/page.ts', {}),
      send('/api/state', {}),
      send('/api/runs/none', {}),
      send('/nothing', {}),
      send('/api/state', { host: 'evil.example' }),
      start({ origin: 'http://evil.example' }),
      send('/api/command', {}, { method: 'POST' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400, 404, 403, 403, 403]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
    }
    expect((await send(questions.state.path, {})).headers['cache-control']).toBe('no-store');
  });

  it('runs commands only for who has the token', async () => {
    const command = (headers: Record<string, string>) =>
      send(
        '/api/command',
        { 'content-type': 'application/json', ...headers },
        {
          method: 'POST',
          body: JSON.stringify({ argv: [], folder: '/', width: 80, colour: false, interactive: false }),
        },
      );
    const guesses = ['', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN, `bearer ${TOKEN}`];
    for (const authorization of guesses) expect((await command({ authorization })).status).toBe(403);
    expect((await command({})).status).toBe(403);
    expect((await send('/api/command/answer', {}, { method: 'POST', body: '{}' })).status).toBe(403);
    const allowed = await command({ authorization: `Bearer ${TOKEN}` });
    expect(allowed.status).toBe(200);
    expect(allowed.text).toContain('"exitCode":0');
  });
});

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { usesStore } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { forwardCommandLine } from '../../src/cli/forward.ts';
import { Interrupt } from '../../src/cli/interrupt.ts';
import { runServedLine } from '../../src/cli/served-line.ts';
import { type Service, startService } from '../../src/server/service.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { browser, type Person, recordingTerminal, type Spoken } from './speak.ts';

const token = 'the-token-in-the-lock';
let world: SmallWorld;
let app: App;
let service: Service;

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  service = await start();
});
afterEach(() => world.simulator.faults.clear());
afterAll(async () => {
  await service.stop();
  await app.close();
  await world[Symbol.asyncDispose]();
});

const start = () => startService(app, { host: '127.0.0.1', port: 0, token, runCommandLine: runServedLine });

/** A command of another process: over HTTP into the service, which holds the store. */
async function forward(
  words: readonly string[],
  person: Person = {},
  to = { url: service.url, token },
): Promise<Spoken> {
  const { terminal, heard } = recordingTerminal(person);
  const outcome = await forwardCommandLine(to, words, terminal);
  return { ...outcome, ...heard };
}

/** A service that is none of ours, or one at the end of its life. */
async function startOther(listener: RequestListener): Promise<{ url: string; token: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token };
}

test('lines, object and exit code come back', async () => {
  const words = await forward([]);
  expect(words).toMatchObject({ exitCode: 0, noted: [] });
  expect(words.said.at(-1)).toMatch(/^Next: segue connect/);
  const object = await forward(['status', '--json']);
  expect(object).toMatchObject({ exitCode: 0, json: { database: 'embedded', account: null } });
  const failed = await forward(['sync-plays', '--json']);
  expect(failed).toMatchObject({ exitCode: 1, noted: { length: 3 }, json: { error: { code: 'not-connected' } } });
  expect((await forward(['runs', '9999'])).exitCode).toBe(2);
  expect((await forward(['bogus'])).exitCode).toBe(2);
  expect((await forward(['enrich-features'])).exitCode).toBe(99);
});

test('evaluate goes through the service where it reads the history', async () => {
  const evaluate = commands.find(({ name }) => name === 'evaluate')!;
  expect(usesStore(evaluate, ['evaluate', '--history'])).toBe(true);
  expect(usesStore(evaluate, ['evaluate', '--train', 'a.jsonl', '--test', 'b.jsonl'])).toBe(false);
  expect((await forward(['evaluate', '--history', '--json'])).json.error.code).toBe('no-plays');
});

test('a question is asked where the person sits, and withdrawn when the browser was quicker', async () => {
  const said: string[] = [];
  const pasted = await forward(['connect', '--no-browser', '--json'], {
    onSay: (line) => void said.push(line),
    answer: async () => {
      const url = said.map((line) => line.trim()).find((line) => line.includes('/authorize?'))!;
      return (await fetch(url, { redirect: 'manual' })).headers.get('location')!;
    },
  });
  expect(pasted).toMatchObject({ exitCode: 0, asked: { length: 1 }, json: { again: false } });

  let withdrawn = false;
  const visited = await forward(['connect', '--no-browser', '--json'], {
    ...browser,
    answer: (_question, signal) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => {
          withdrawn = true;
          reject(signal!.reason);
        });
      }),
  });
  expect(visited).toMatchObject({ exitCode: 0, json: { again: true } });
  expect(withdrawn).toBe(true);
});

test('an input that ends without an answer leaves it to the browser', async () => {
  const { exitCode } = await forward(['connect', '--no-browser'], {
    ...browser,
    answer: () => Promise.reject(new Error('the input ended')),
  });
  expect(exitCode).toBe(0);
});

test('paths start where the caller stands, and progress is seen there', async () => {
  const { exitCode, reports } = await forward(['import-playlists', 'playlists.jsonl'], { folder: world.files });
  expect(exitCode).toBe(0);
  expect(reports.at(-1)).toMatchObject({ unit: 'MB' });
});

test('Ctrl-C of the caller ends the run in the service, which does not go on with it', async () => {
  // A call that never gets its answer holds the task.
  world.simulator.faults.add({ kind: 'timeout', match: { path: '/me/player/recently-played' }, always: true });
  const controller = new AbortController();
  const ended = forward(['sync-plays'], { signal: controller.signal });
  const begun = world.simulator.requests.entries.length;
  await expect.poll(() => world.simulator.requests.entries.length).toBeGreaterThan(begun);
  controller.abort(new Interrupt('SIGINT'));
  expect(await ended).toMatchObject({ exitCode: 130, noted: [expect.stringMatching(/^Stopped\./)] });
  const newest = async () => (await forward(['runs', '--limit', '1', '--json'])).json.runs[0];
  await expect.poll(async () => (await newest()).tasks[0].status).toBe('cancelled');
  expect(await newest()).toMatchObject({ status: 'cancelled' });
});

test('a command that runs while the service is stopped is told so, and its run stays to be taken up', async () => {
  world.simulator.faults.add({ kind: 'timeout', match: { path: '/me/player/recently-played' }, always: true });
  const own = await start();
  const begun = world.simulator.requests.entries.length;
  const ended = forward(['run', 'collect'], {}, { url: own.url, token });
  await expect.poll(() => world.simulator.requests.entries.length).toBeGreaterThan(begun);
  await own.stop();
  const { exitCode, noted } = await ended;
  expect({ exitCode, noted }).toEqual({
    exitCode: 1,
    noted: ['The service was stopped while this command was running in it.', expect.any(String), expect.any(String)],
  });
  world.simulator.faults.clear();
  const resumed = await forward(['run', 'collect', '--json']);
  expect(resumed.noted[0]).toMatch(/had not ended; it goes on/);
  expect(resumed.json.tasks[0].attempts.map(({ status }: { status: string }) => status)).toEqual(['lost', 'succeeded']);
});

test('a wrong token is refused, on either address', async () => {
  const wrong = await forward(['runs'], {}, { url: service.url, token: 'guessed' });
  expect(wrong).toMatchObject({
    exitCode: 1,
    said: [],
    noted: { length: 3 },
    json: { error: { code: 'service-refused' } },
  });
  for (const path of ['/api/command', '/api/command/answer']) {
    for (const authorization of [undefined, 'Bearer guessed', `Basic ${token}`, `Bearer ${token}x`]) {
      const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
      const body = JSON.stringify({ argv: ['runs'], folder: '', width: 80, colour: false, interactive: false });
      const { status } = await fetch(new URL(path, service.url), { method: 'POST', headers, body });
      expect({ path, authorization, status }).toEqual({ path, authorization, status: 403 });
    }
  }
});

test('what is no command line, and commands that own their resources, are refused', async () => {
  const post = (body: string) =>
    fetch(new URL('/api/command', service.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
  for (const body of ['', '{', '[]', '{"argv":"runs"}']) expect((await post(body)).status).toBe(400);
  for (const name of ['serve', 'demo', 'simulator']) expect((await forward([name])).exitCode).toBe(2);
});

test.each([
  ['is gone', undefined],
  ['answers with an error', (_request, response) => void response.writeHead(500).end()],
  ['hangs up at once', (request) => void request.socket.destroy()],
  [
    'dies in the middle',
    (request, response) => {
      response.writeHead(200).write('{"say":"a first line"}\n');
      response.write('{"say":"half a', () => request.socket.destroy());
    },
  ],
  ['ends too early', (_request, response) => void response.writeHead(200).end('{"say":"a first line"}\n')],
  ['says something else', (_request, response) => void response.writeHead(200).end('<html>\n')],
] satisfies [string, RequestListener | undefined][])(
  'a service that %s is three lines and exit code 1',
  async (_, listener) => {
    const other = await startOther(listener ?? (() => {}));
    const to = listener ? other : { url: 'http://127.0.0.1:1', token };
    const { exitCode, noted, json } = await forward(['runs', '--json'], {}, to);
    expect({ exitCode, lines: noted.length, code: json.error.code }).toEqual({
      exitCode: 1,
      lines: 3,
      code: 'service-unreachable',
    });
    expect(noted.join()).not.toContain(token);
  },
);

test('Ctrl-C ends the wait for a service that is busy', async () => {
  const controller = new AbortController();
  const busy = await startOther(() => controller.abort(new Interrupt('SIGTERM')));
  const { exitCode, noted } = await forward(['runs'], { signal: controller.signal }, busy);
  expect({ exitCode, noted }).toEqual({ exitCode: 143, noted: [expect.stringMatching(/^Stopped\./)] });
});

import type { App } from '../../src/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { KEY_BYTES, secretBox } from '../../src/base/secret-box.ts';
import type { Task } from '../../src/base/task.ts';
import { readConfig } from '../../src/config.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { startWorker } from '../../src/pipeline/worker.ts';
import { startService } from '../../src/server/service.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { keepRecommenders } from '../../src/tasks/kept-recommenders.ts';
import { makePipeline, makeTask, openTestEngine } from '../pipeline/engine-fixture.ts';
import type { TestStore } from '../store-fixture.ts';

export const TOKEN = 'the-token-of-the-command-line';

/** The service on a port of its own, with a worker, over a real store and engine whose tasks do what a test wants. */
export interface RunningService extends AsyncDisposable {
  readonly url: string;
  readonly app: App;
  readonly engine: Engine;
  readonly listenerId: number;
  /** The JSON at a path; POST where there is a body. */
  ask(path: string, body?: unknown): Promise<{ status: number; json: unknown; headers: Headers }>;
  /** Stops answering; the store and the port's number stay. */
  stop(): Promise<void>;
  /** Answers again at the same address. */
  restart(): Promise<void>;
}

/** `bodies`: what tasks do, by name; the others end at once. Pipelines: collect, and weekly of three tasks. */
export async function startTestService(
  store: TestStore,
  bodies: { readonly [task: string]: Task['run'] } = {},
  host = '127.0.0.1',
): Promise<RunningService> {
  const names = ['sync-plays', 'train-vectors', 'publish'];
  const tasks = names.map((name) => makeTask(name, bodies[name]));
  const engine = await openTestEngine(store, tasks, [
    makePipeline(
      { 'sync-plays': [] },
      { name: 'collect', summary: 'Collects the latest plays.', cron: '*/15 * * * *' },
    ),
    makePipeline(
      { 'sync-plays': [], 'train-vectors': ['sync-plays'], publish: ['train-vectors'] },
      { name: 'weekly', summary: 'Makes a playlist and puts it into the account.' },
    ),
  ]);
  const config = readConfig({ SEGUE_DATA_DIR: store.dataDir, SEGUE_TIME_ZONE: 'Europe/Stockholm' });
  const listener = { id: await ensureListener(store.db, 'me'), name: 'me' };
  const unused = async () => {
    throw new Error('no test of the service calls Spotify');
  };
  const app: App = {
    config,
    version: '0.0.0-test',
    store,
    listener,
    box: secretBox(new Uint8Array(KEY_BYTES)),
    engine,
    clock: systemClock,
    log: silentLog,
    recommenders: keepRecommenders({ store, dataDir: store.dataDir }),
    spotify: new Proxy({} as App['spotify'], { get: () => unused }),
    spotifyApp: unused,
    close: unused,
  };
  const start = (port: number) =>
    startService(app, {
      host,
      port,
      token: TOKEN,
      runCommandLine: async () => ({ exitCode: 0, json: { ran: true } }),
    });
  let service = await start(0);
  const { url } = service;
  const worker = startWorker(engine);
  return {
    url,
    app,
    engine,
    listenerId: listener.id,
    async ask(path, body) {
      const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(new URL(path, url), body === undefined ? {} : post);
      return { status: response.status, json: await response.json(), headers: response.headers };
    },
    stop: () => service.stop(),
    async restart() {
      service = await start(Number(new URL(url).port));
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await worker.stop();
      await engine[Symbol.asyncDispose]();
    },
  };
}

// How long does one sync of plays take, from the call to the rows on the disk and in the database?
// `node bench/sync-plays.ts [syncs]`, against the local Spotify; a server by DATABASE_URL as well.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { noProgress } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import type { TaskContext } from '../src/base/task.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { openStore, type Store } from '../src/store/connect.ts';
import { ensureListener } from '../src/store/listeners.ts';
import { syncPlays } from '../src/tasks/sync-plays.ts';
import { connectTo, signIn } from '../test/tasks/local-spotify.ts';

const SYNCS = Number(process.argv[2] ?? 100);
// As in the schedule: two or three plays are new.
const STEP_MS = 15 * 60_000;
const databases = [undefined, ...[process.env.DATABASE_URL ?? []].flat()];

const rows: Record<string, string | number>[] = [];
for (const databaseUrl of databases) {
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-bench-'));
  const schema = `segue_bench_${randomBytes(4).toString('hex')}`;
  const store = await openStore({ dataDir, databaseUrl, schema });
  try {
    rows.push(...(await measure(store, dataDir)));
  } finally {
    if (databaseUrl) await store.exec(`drop schema ${schema} cascade`);
    await store.close();
    await rm(dataDir, { recursive: true });
  }
}
console.table(rows);
if (databases.length === 1) console.log('Without a server: DATABASE_URL is not set.');

async function measure(store: Store, dataDir: string): Promise<Record<string, string | number>[]> {
  const clock = new ManualClock(new Date('2026-11-22T14:00:00Z'));
  const simulator = await startSimulator({ clock, settings: { rateLimit: null, quota: null } });
  signIn(simulator);
  const listener = { id: await ensureListener(store.db, 'bench'), name: 'bench' };
  const task = syncPlays({ store, spotify: connectTo(simulator.apiUrl, clock), listener, dataDir });
  const context: TaskContext = {
    runKey: 'bench',
    attempt: 1,
    signal: new AbortController().signal,
    log: silentLog,
    progress: noProgress,
    clock,
    random: seededRandom(1),
  };
  const sync = async () => {
    const started = performance.now();
    const output = (await task.run(null, context)) as { stored: number };
    return { ms: performance.now() - started, stored: output.stored };
  };
  try {
    const first = [await sync()];
    const idle = [];
    for (let i = 0; i < SYNCS; i++) idle.push(await sync());
    const usual = [];
    for (let i = 0; i < SYNCS; i++) {
      clock.advance(STEP_MS);
      usual.push(await sync());
    }
    const calls = simulator.requests.entries.length / (1 + 2 * SYNCS);
    return [
      summary(store.kind, 'the first, 50 new plays', first, calls),
      summary(store.kind, 'nothing new', idle, calls),
      summary(store.kind, '15 minutes later', usual, calls),
    ];
  } finally {
    await simulator.stop();
  }
}

function summary(database: string, what: string, syncs: { ms: number; stored: number }[], calls: number) {
  const ms = syncs.map((sync) => sync.ms).sort((a, b) => a - b);
  const at = (share: number) => Number(ms[Math.min(ms.length - 1, Math.floor(ms.length * share))]!.toFixed(1));
  return {
    database,
    sync: what,
    syncs: syncs.length,
    'calls each': calls,
    'new plays': syncs.reduce((sum, sync) => sum + sync.stored, 0),
    'median ms': at(0.5),
    '95 % ms': at(0.95),
  };
}

// How fast is an export of 150,000 rows imported? `node bench/import-history.ts [rows]`; a server by DATABASE_URL as well.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { noProgress } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import type { TaskContext } from '../src/base/task.ts';
import { openStore } from '../src/store/connect.ts';
import { importHistory } from '../src/tasks/import-history.ts';
import { makeHistory, zipHistory } from '../test/export/make-export.ts';

const [rows = '150000', target] = process.argv.slice(2);
if (target) {
  // In a process of its own, so that making the export does not count as memory of importing it.
  await writeFile(target, zipHistory(makeHistory(Number(rows))));
  process.exit();
}
const folder = await mkdtemp(join(tmpdir(), 'segue-bench-'));
const zip = join(folder, 'my_spotify_data.zip');
execFileSync(process.execPath, [import.meta.filename, rows, zip]);
console.log(`${rows} rows, zip of ${((await stat(zip)).size / 1e6).toFixed(1)} MB`);

const context: TaskContext = {
  runKey: 'bench',
  attempt: 1,
  signal: new AbortController().signal,
  log: silentLog,
  progress: noProgress,
  clock: systemClock,
  random: seededRandom(1),
};

async function measure(name: string, databaseUrl?: string): Promise<void> {
  const dataDir = join(folder, name);
  const schema = `segue_bench_${randomBytes(4).toString('hex')}`;
  const store = await openStore({ dataDir, databaseUrl, schema });
  try {
    for (const time of ['first', 'again']) {
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last - 10);
        last = performance.now();
      }, 10);
      const start = performance.now();
      const before = process.cpuUsage();
      const output = await importHistory({ store, dataDir, listener: 'me' }).run({ paths: [zip] }, context);
      const seconds = (performance.now() - start) / 1000;
      clearInterval(timer);
      const { user, system } = process.cpuUsage(before);
      const { plays } = output as { plays: { stored: number; alreadyThere: number; skipped: object } };
      console.log(
        `${name}, ${time}: ${seconds.toFixed(1)} s, ${Math.round(Number(rows) / seconds)} rows/s, ` +
          `${((user + system) / 1e6).toFixed(1)} s of processor, event loop held at most ${Math.round(longest)} ms; ${JSON.stringify(plays)}`,
      );
    }
  } finally {
    if (databaseUrl) await store.exec(`drop schema ${schema} cascade`);
    await store.close();
  }
}

try {
  await measure('pglite');
  if (process.env.DATABASE_URL) await measure('server', process.env.DATABASE_URL);
  else console.log('server: skipped, DATABASE_URL is not set');
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

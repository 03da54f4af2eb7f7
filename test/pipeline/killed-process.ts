// A process for tests to kill: four tasks in a row, each of which leaves one row per run in the table "mark".
// argv: JSON of Options. Writes one line to stdout per event: "began <run key> <task> <attempt>", "ended <run key> <task>",
// and at the end of a single run its status.
import { silentLog } from '../../src/base/log.ts';
import type { Task } from '../../src/base/task.ts';
import { onTaskChange } from '../../src/pipeline/engine.ts';
import { openEngine } from '../../src/pipeline/open-engine.ts';
import { runToEnd } from '../../src/pipeline/run-to-end.ts';
import { startWorker } from '../../src/pipeline/worker.ts';
import { openStore } from '../../src/store/connect.ts';

export interface Options {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** `run`: run the pipeline to its end; `work`: take what comes until the end of stdin. */
  readonly mode: 'run' | 'work';
  /** The task that, in its first attempt, waits to be killed. */
  readonly hangIn?: string;
}

const { mode, hangIn, ...where } = JSON.parse(process.argv[2]!) as Options;
const say = (...words: unknown[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const store = await openStore(where);
const step = (name: string): Task => ({
  name,
  summary: name,
  timeoutMs: 60_000,
  maxAttempts: 3,
  async run(_input, { runKey, attempt, clock, random }) {
    await store.exec('insert into mark values ($1, $2) on conflict do nothing', [runKey, name]);
    say('began', runKey, name, attempt);
    if (name === hangIn && attempt === 1) await new Promise(() => {});
    // Something to be killed in.
    await clock.sleep(random() * 40);
    return { attempt };
  },
});
const names = ['step-1', 'step-2', 'step-3', 'step-4'];
const nodes = names.map((task, index) => ({ task, after: names.slice(Math.max(0, index - 1), index) }));

const engine = await openEngine({
  store,
  log: silentLog,
  tasks: names.map(step),
  pipelines: [{ name: 'demo', summary: '', nodes }],
});
onTaskChange(engine, ({ runId, task, status }) => {
  if (status !== 'running') say('ended', runId, task);
});
// Short, so that a test need not wait long for a dead process to be missed; still eight signs of life in a lease.
const pace = { heartbeatMs: 250, leaseMs: 2_000 };
if (mode === 'run') {
  const run = await runToEnd(engine, 'demo', pace);
  say('status', run.status, run.resumed);
} else {
  const worker = startWorker(engine, pace);
  say('ready');
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
  await worker.stop();
}
await engine.close();
await store.close();

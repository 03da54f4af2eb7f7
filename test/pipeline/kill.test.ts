import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { openEngine } from '../../src/pipeline/open-engine.ts';
import { readRun } from '../../src/pipeline/read-run.ts';
import { startRun } from '../../src/pipeline/runs.ts';
import { openStore, type Store } from '../../src/store/connect.ts';
import { listRuns } from '../../src/store/runs.ts';
import { cloneDatabase, hasServer, makeDataDir } from '../store-fixture.ts';
import { makePipeline, makeTask } from './engine-fixture.ts';
import type { Options } from './killed-process.ts';

const script = fileURLToPath(new URL('./killed-process.ts', import.meta.url));
const MARK = 'create table mark (run_key text, task text, primary key (run_key, task))';

let children: ChildProcess[] = [];
let cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await kill(child);
  for (const cleanup of cleanups.reverse()) await cleanup();
  children = [];
  cleanups = [];
});

function launch(options: Options, onLine: (line: string, child: ChildProcess) => void = () => {}): ChildProcess {
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout! }).on('line', (line) => onLine(line, child));
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** All lines of a process that is killed after a line like `stopAt`, or ends by itself. */
async function lines(options: Options, stopAt?: RegExp): Promise<string[]> {
  const said: string[] = [];
  const child = launch(options, (line) => {
    said.push(line);
    if (stopAt?.test(line)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return said;
}

async function place(kind: Store['kind']): Promise<{ dataDir: string; databaseUrl?: string }> {
  const dataDir = await makeDataDir(kind === 'embedded');
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  if (kind === 'embedded') return { dataDir };
  const database = await cloneDatabase();
  cleanups.push(() => database.drop());
  return { dataDir, databaseUrl: database.url };
}

describe.each(['embedded', 'server'] as const)('a process killed in its third task, %s', (kind) => {
  test.skipIf(kind === 'server' && !hasServer())('goes on there when it is started again', async () => {
    const where = await place(kind);
    const made = await openStore(where);
    await made.exec(MARK);
    await made.close();

    const before = await lines({ ...where, mode: 'run', hangIn: 'step-3' }, / step-3 1$/);
    expect(before.filter((line) => line.startsWith('began')).map((line) => line.split(' ')[2])).toEqual([
      'step-1',
      'step-2',
      'step-3',
    ]);
    const after = await lines({ ...where, mode: 'run', hangIn: 'step-3' });
    expect(after.filter((line) => line.startsWith('began')).map((line) => line.split(' ').slice(2))).toEqual([
      ['step-3', '2'],
      ['step-4', '1'],
    ]);
    expect(after.at(-1)).toBe('status succeeded true');

    const store = await openStore(where);
    cleanups.push(() => store.close());
    const [listed, ...others] = await listRuns(store.db);
    expect(others).toEqual([]);
    const run = await readRun(store.db, listed!.runId);
    expect(run.taskRuns.map(({ attempts }) => attempts.map(({ status }) => status))).toEqual([
      ['succeeded'],
      ['succeeded'],
      ['lost', 'succeeded'],
      ['succeeded'],
    ]);
  });
});

describe.skipIf(!hasServer())('two workers on a server, killed at random', () => {
  const RUNS = 12;
  const KILLS = 4;
  // Bodies begun between two kills: with 48 tasks to do, the last kill comes well before the end.
  const LEAST_BETWEEN = 4;
  const random = seededRandom(11);

  test('every task succeeds exactly once, and leaves its mark exactly once', async () => {
    const where = await place('server');
    const store = await openStore(where);
    cleanups.push(() => store.close());
    await store.exec(MARK);
    const names = ['step-1', 'step-2', 'step-3', 'step-4'];
    const nodes = Object.fromEntries(names.map((name, index) => [name, names.slice(Math.max(0, index - 1), index)]));
    const engine = await openEngine({
      store,
      log: silentLog,
      tasks: names.map((name) => makeTask(name)),
      pipelines: [makePipeline(nodes)],
    });
    cleanups.push(() => engine.close());
    for (let run = 0; run < RUNS; run++) await startRun(engine, 'demo', { runKey: `run-${run}` });

    let kills = 0;
    let begun = 0;
    let killAt = LEAST_BETWEEN + Math.floor(random() * 6);
    const all = Promise.withResolvers<void>();
    const isAllDone = async (): Promise<void> => {
      const { rows } = await store.exec('select from run where finished_at is null');
      if (rows.length === 0) all.resolve();
    };
    const onLine = (line: string, child: ChildProcess): void => {
      if (line.startsWith('began')) begun++;
      if (line.startsWith('began') && kills < KILLS && begun >= killAt) {
        kills++;
        killAt = begun + LEAST_BETWEEN + Math.floor(random() * 6);
        child.kill('SIGKILL');
        launch({ ...where, mode: 'work' }, onLine);
      }
      if (line.includes('step-4')) isAllDone().catch(all.reject);
    };
    launch({ ...where, mode: 'work' }, onLine);
    launch({ ...where, mode: 'work' }, onLine);
    await all.promise;
    for (const child of children) child.stdin!.end();
    await Promise.all(
      children
        .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
        .map((child) => once(child, 'exit')),
    );

    expect(kills).toBe(KILLS);
    const { rows: statuses } = await store.exec('select status, count(*) as runs from run group by status');
    expect(statuses).toEqual([{ status: 'succeeded', runs: RUNS }]);
    const { rows: perTask } = await store.exec(`
      select count(*) filter (where attempt.status = 'succeeded') as succeeded,
             count(*) filter (where attempt.status not in ('succeeded', 'lost')) as others
      from task_run left join attempt using (task_run_id) group by task_run_id`);
    expect(perTask).toHaveLength(RUNS * names.length);
    expect(new Set(perTask.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"succeeded":1,"others":0}']));
    const { rows: lost } = await store.exec(`select count(*) as lost from attempt where status = 'lost'`);
    expect(lost[0]!.lost).toBeGreaterThan(0);
    const { rows: marks } = await store.exec('select count(*) as marks from mark');
    expect(marks).toEqual([{ marks: RUNS * names.length }]);
    expect((await store.exec('select from segue_jobs.job')).rows).toEqual([]);
  });
});

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import type { Task } from '../../src/base/task.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { readRun } from '../../src/pipeline/read-run.ts';
import { runTask, runToEnd } from '../../src/pipeline/run-to-end.ts';
import { readLog } from '../../src/store/attempt-logs.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { forgetRuns, makePipeline, makeTask, openTestEngine } from './engine-fixture.ts';

describeEachStore('a single task for another scheduler', (open) => {
  let store: TestStore;
  let engine: Engine & AsyncDisposable;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());
  afterEach(async () => {
    await engine.close();
    await forgetRuns(store);
  });
  const start = async (...tasks: Task[]): Promise<void> => {
    const nodes = Object.fromEntries(tasks.map(({ name }, index) => [name, index > 0 ? [tasks[0]!.name] : []]));
    engine = await openTestEngine(store, tasks, [makePipeline(nodes)]);
  };

  test('runs once for a run key; asked again, it gives what it gave', async () => {
    const seen: unknown[] = [];
    await start(
      makeTask('sync', async (input, { runKey }) => {
        seen.push([input, runKey]);
        return { stored: 5 };
      }),
    );
    const first = await runTask(engine, 'sync', { runKey: 'dag-1', input: { days: 2 } });
    expect(first).toMatchObject({
      exitCode: 0,
      status: 'succeeded',
      output: { stored: 5 },
      stored: false,
      errorLines: [],
    });
    expect(await runTask(engine, 'sync', { runKey: 'dag-1' })).toEqual({ ...first, stored: true });
    expect(await runTask(engine, 'sync', { runKey: 'dag-2' })).toMatchObject({ exitCode: 0, stored: false });
    expect(seen).toEqual([
      [{ days: 2 }, 'dag-1'],
      [{}, 'dag-2'],
    ]);
  });

  test('ends whatever a damaged file made it say', async () => {
    const torn = 'NUL \0 and half a pair \ud83d';
    await start(
      makeTask('read', async (_input, { log }) => {
        log.warn(torn, { torn });
        return { problems: [torn] };
      }),
      makeTask('fail', async () => {
        throw new ExpectedError('bad-file', torn, { why: torn, hint: torn });
      }),
    );
    const said = 'NUL \ufffd and half a pair \ufffd';
    const read = await runTask(engine, 'read', { runKey: 'dag-1' });
    expect(read).toMatchObject({ status: 'succeeded', output: { problems: [said] } });
    expect(await readLog(store.db, read.attemptId!)).toMatchObject([
      { message: said, fields: { torn: said } },
      { message: 'done', fields: { problems: [said] } },
    ]);
    expect(await runTask(engine, 'fail', { runKey: 'dag-1' })).toMatchObject({
      exitCode: 1,
      errorLines: [said, said, said],
    });
  });

  test('tasks of one run key are one run, at the same time too', async () => {
    await start(
      makeTask('sync'),
      makeTask('recommend', async () => ({ songs: 30 })),
      makeTask('publish'),
    );
    const [one, two] = await Promise.all([
      runTask(engine, 'sync', { runKey: 'dag-1' }),
      runTask(engine, 'recommend', { runKey: 'dag-1', input: { size: 30 } }),
    ]);
    const three = await runTask(engine, 'publish', { runKey: 'dag-1' });
    expect([one.exitCode, two.exitCode, three.exitCode]).toEqual([0, 0, 0]);
    const run = await readRun(store.db, 'dag-1');
    expect(run).toMatchObject({ pipeline: 'single-tasks', status: 'succeeded', input: { recommend: { size: 30 } } });
    expect(run.taskRuns.map(({ task }) => task).sort()).toEqual(['publish', 'recommend', 'sync']);
  });

  test('exit codes: 99 for nothing to do, 1 with the three lines for a failure, which the next call tries again', async () => {
    let broken = true;
    await start(
      makeTask('none', async () => ({ skipped: 'no new plays' })),
      makeTask('broken', async () => {
        if (broken) throw new ExpectedError('no-account', 'No account.', { why: 'None.', hint: 'segue connect' });
        return { ok: true };
      }),
    );
    expect(await runTask(engine, 'none', { runKey: 'k' })).toMatchObject({ exitCode: 99, status: 'skipped' });
    expect(await runTask(engine, 'none', { runKey: 'k' })).toMatchObject({ exitCode: 99, stored: true });
    expect(await runTask(engine, 'broken', { runKey: 'k' })).toMatchObject({
      exitCode: 1,
      errorLines: ['No account.', 'None.', 'segue connect'],
    });
    broken = false;
    expect(await runTask(engine, 'broken', { runKey: 'k' })).toMatchObject({ exitCode: 0, output: { ok: true } });
  });

  test('an unknown task, and a run key that belongs to another pipeline, are used wrongly', async () => {
    await start(makeTask('sync'), makeTask('publish'));
    await expect(runTask(engine, 'nothing', { runKey: 'k' })).rejects.toMatchObject({ code: 'task-unknown' });
    await runTask(engine, 'sync', { runKey: 'taken' });
    await expect(runToEnd(engine, 'demo', { runKey: 'taken' })).rejects.toMatchObject({ code: 'run-key-taken' });
    await runToEnd(engine, 'demo', { runKey: 'a-pipeline' });
    await expect(runTask(engine, 'sync', { runKey: 'a-pipeline' })).rejects.toMatchObject({ code: 'run-key-taken' });
  });
});

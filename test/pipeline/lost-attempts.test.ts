import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Claim, claimNext, claimOwn } from '../../src/pipeline/claim.ts';
import { settleAttempt } from '../../src/pipeline/end-attempt.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { loseSilentAttempts } from '../../src/pipeline/lost-attempts.ts';
import { readRun } from '../../src/pipeline/read-run.ts';
import { cancelRun, clearTask, startRun } from '../../src/pipeline/runs.ts';
import { startWorker } from '../../src/pipeline/worker.ts';
import { beatAttempts } from '../../src/store/attempts.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { forgetRuns, makePipeline, makeTask, openTestEngine, untilChange, untilStopped } from './engine-fixture.ts';

const ALL = 0;
const HOUR = 3_600_000;

describeEachStore('an attempt without a sign of life', (open, kind) => {
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
  const start = async (...bodies: Parameters<typeof makeTask>[1][]): Promise<Claim> => {
    const tasks = [makeTask('a', bodies[0]), makeTask('b', bodies[1])];
    engine = await openTestEngine(store, tasks, [makePipeline({ a: [], b: ['a'] })]);
    await startRun(engine, 'demo', { runKey: 'k' });
    return (await claimNext(engine, 'a worker'))!;
  };
  const attempts = async (): Promise<unknown[]> =>
    (await readRun(store.db, 'k')).taskRuns[0]!.attempts.map(({ status, errorCode }) => [status, errorCode]);

  test('reads lost and is followed by another, and what it brings later is refused', async () => {
    const first = await start();
    expect(await claimNext(engine, 'another')).toBeUndefined();
    expect(await loseSilentAttempts(engine, HOUR)).toBe(0);
    expect(await loseSilentAttempts(engine, ALL)).toBe(1);

    const second = (await claimNext(engine, 'another'))!;
    expect(second).toMatchObject({ taskRunId: first.taskRunId, attempt: 2 });
    expect(await beatAttempts(store.db, [first.attemptId, second.attemptId])).toEqual([
      { attemptId: second.attemptId, cancelled: false },
    ]);
    expect(await settleAttempt(engine, first, { output: { from: 'first' } })).toBeUndefined();
    expect(await settleAttempt(engine, second, { output: { from: 'second' } })).toMatchObject({ status: 'succeeded' });
    expect(await settleAttempt(engine, second, { output: { from: 'second again' } })).toBeUndefined();

    expect(await attempts()).toEqual([
      ['lost', 'worker-died'],
      ['succeeded', null],
    ]);
    expect((await readRun(store.db, 'k')).taskRuns[0]!.output).toEqual({ from: 'second' });
    // The refused outcome queued nothing a second time.
    expect((await claimNext(engine, 'a worker'))!.task).toBe('b');
    expect(await claimNext(engine, 'a worker')).toBeUndefined();
  });

  test('of a run that was cancelled is not tried again', async () => {
    const { run } = await start();
    await cancelRun(engine, run.runId);
    expect(await readRun(store.db, 'k')).toMatchObject({ status: 'cancelled', finishedAt: null });
    await loseSilentAttempts(engine, ALL);
    expect(await readRun(store.db, 'k')).toMatchObject({ status: 'cancelled', finishedAt: expect.any(Date) });
    expect(await claimNext(engine, 'a worker')).toBeUndefined();
  });

  test('that took its process down five times is not tried a sixth', async () => {
    await start();
    for (let death = 1; death <= 5; death++) {
      await loseSilentAttempts(engine, ALL);
      if (death < 5) expect(await claimNext(engine, 'a worker')).toMatchObject({ attempt: death + 1 });
    }
    const run = await readRun(store.db, 'k');
    expect(run.status).toBe('failed');
    expect(run.taskRuns.map(({ status }) => status)).toEqual(['failed', 'cancelled']);
    // Cleared, it counts anew.
    await clearTask(engine, run.runId, 'a');
    await claimNext(engine, 'a worker');
    await loseSilentAttempts(engine, ALL);
    expect(await claimNext(engine, 'a worker')).toMatchObject({ attempt: 7 });
  });

  test('a task belongs to one worker however many reach for it', async () => {
    const { run, taskRunId } = await start();
    await loseSilentAttempts(engine, ALL);
    const claims = await Promise.all([
      claimNext(engine, 'one'),
      claimOwn(engine, 'two', { runId: run.runId }),
      claimNext(engine, 'three'),
      claimOwn(engine, 'four', { runId: run.runId, task: 'a' }),
    ]);
    expect(claims.filter((claim) => claim !== undefined)).toMatchObject([{ taskRunId, attempt: 2 }]);
  });

  test('a worker that hears that its attempt was given up tells the task to stop', async () => {
    engine = await openTestEngine(
      store,
      [makeTask('a', untilStopped), makeTask('b')],
      [makePipeline({ a: [], b: ['a'] })],
    );
    const worker = startWorker(engine, { heartbeatMs: HOUR });
    const began = untilChange(engine, ({ attempt }) => attempt === 1);
    await startRun(engine, 'demo', { runKey: 'k' });
    await began;
    const again = untilChange(engine, ({ attempt }) => attempt === 2);
    // Wakes the worker, which then asks after its attempts.
    await loseSilentAttempts(engine, ALL);
    await again;
    await worker.stop();
    expect(await attempts()).toEqual([
      ['lost', 'worker-died'],
      ['lost', 'service-stopped'],
    ]);
  });

  test.runIf(kind === 'embedded')('on the embedded database the next process knows at once', async () => {
    await start();
    await engine.close();
    engine = await openTestEngine(store, [makeTask('a'), makeTask('b')], [makePipeline({ a: [], b: ['a'] })]);
    expect(await attempts()).toEqual([['lost', 'worker-died']]);
    expect(await claimNext(engine, 'a worker')).toMatchObject({ attempt: 2 });
  });
});

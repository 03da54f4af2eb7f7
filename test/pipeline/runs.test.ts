import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import type { Task, TaskContext } from '../../src/base/task.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { onProgress, onTaskChange } from '../../src/pipeline/engine.ts';
import { type RunDetail, readPipelineStates, readRun } from '../../src/pipeline/read-run.ts';
import { runToEnd } from '../../src/pipeline/run-to-end.ts';
import { cancelRun, clearTask, retryRun, startRun } from '../../src/pipeline/runs.ts';
import { startWorker } from '../../src/pipeline/worker.ts';
import { readLog } from '../../src/store/attempt-logs.ts';
import { listRuns } from '../../src/store/runs.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { forgetRuns, makePipeline, makeTask, openTestEngine, untilChange, untilStopped } from './engine-fixture.ts';

function statusesOf(run: RunDetail): { [task: string]: string } {
  return Object.fromEntries(run.taskRuns.map(({ task, status }) => [task, status]));
}

function attemptsOf(run: RunDetail, task: string): string[] {
  return run.taskRuns.find((each) => each.task === task)!.attempts.map(({ status }) => status);
}

const passing = (more: { retryAfterMs?: number } = {}): ExpectedError =>
  new ExpectedError('busy', 'Spotify is busy.', { why: 'It said so.', hint: 'Wait.', retryable: true, ...more });
const final = new ExpectedError('no-account', 'No account.', { why: 'None is connected.', hint: 'segue connect' });
const rejects = (error: unknown) => async (): Promise<never> => {
  throw error;
};

describeEachStore('a run', (open) => {
  let store: TestStore;
  let engines: (Engine & AsyncDisposable)[] = [];
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());
  afterEach(async () => {
    for (const engine of engines) await engine.close();
    engines = [];
    await forgetRuns(store);
  });
  async function engineOf(nodes: { [task: string]: string[] }, tasks: readonly Task[] = []): Promise<Engine> {
    const names = Object.keys(nodes).map((name) => name.replace('?', ''));
    const all = names.map((name) => tasks.find((task) => task.name === name) ?? makeTask(name));
    const engine = await openTestEngine(store, all, [makePipeline(nodes)]);
    engines.push(engine);
    return engine;
  }

  test('does its tasks in order, branches side by side, with input and one run key', async () => {
    const log: string[] = [];
    const both = Promise.withResolvers<void>();
    const left = async (): Promise<object> => {
      log.push('left');
      if (log.includes('right')) both.resolve();
      await both.promise;
      return {};
    };
    const right = async (): Promise<object> => {
      log.push('right');
      if (log.includes('left')) both.resolve();
      await both.promise;
      return {};
    };
    const seen: unknown[] = [];
    const engine = await engineOf({ first: [], left: ['first'], right: ['first'], last: ['left', 'right'] }, [
      makeTask('first', async (input, { runKey, attempt }) => {
        seen.push(input, runKey, attempt);
        log.push('first');
        return { rows: 3 };
      }),
      // Each waits for the other to have begun: this ends only when they run at the same time.
      makeTask('left', left as Task['run']),
      makeTask('right', right as Task['run']),
      makeTask('last', async () => {
        log.push('last');
        return {};
      }),
    ]);
    const run = await runToEnd(engine, 'demo', { input: { first: { days: 7 } }, runKey: 'k1' });

    expect(run).toMatchObject({
      status: 'succeeded',
      resumed: false,
      runKey: 'k1',
      trigger: 'manual',
      codeVersion: 'test',
    });
    expect(log).toEqual(['first', expect.any(String), expect.any(String), 'last']);
    expect(seen).toEqual([{ days: 7 }, 'k1', 1]);
    expect(run.taskRuns[0]).toMatchObject({
      task: 'first',
      output: { rows: 3 },
      attempts: [{ number: 1, status: 'succeeded' }],
    });
    expect(run.startedAt!.getTime()).toBeLessThanOrEqual(run.finishedAt!.getTime());
    expect(await store.exec('select * from segue_jobs.job')).toMatchObject({ rows: [] });
  });

  test('with a run key that is known brings back the first, and with a key of another pipeline is refused', async () => {
    const engine = await engineOf({ a: [] });
    const first = await runToEnd(engine, 'demo', { runKey: 'same' });
    const second = await runToEnd(engine, 'demo', { runKey: 'same' });
    expect(second).toMatchObject({ runId: first.runId, resumed: true, finishedAt: first.finishedAt });
    expect(attemptsOf(second, 'a')).toEqual(['succeeded']);
    await expect(startRun(engine, 'nothing')).rejects.toMatchObject({ code: 'pipeline-unknown' });
    await expect(startRun(engine, 'demo', { input: { z: {} } })).rejects.toMatchObject({ code: 'input-unknown' });
  });

  test('tries again what may pass, not before the time the error asks for', async () => {
    let tries = 0;
    const engine = await engineOf({ a: [] }, [
      makeTask('a', async (_, { attempt }) => {
        tries++;
        if (attempt === 1) throw passing({ retryAfterMs: 300 });
        if (attempt === 2) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        return { attempt };
      }),
    ]);
    const run = await runToEnd(engine, 'demo');
    expect(run.status).toBe('succeeded');
    expect(tries).toBe(3);
    const [first, second, third] = run.taskRuns[0]!.attempts;
    expect(first).toMatchObject({
      status: 'failed',
      errorCode: 'busy',
      errorLines: ['Spotify is busy.', 'It said so.', 'Wait.'],
    });
    expect(first!.retryAt!.getTime() - first!.finishedAt!.getTime()).toBeGreaterThanOrEqual(299);
    expect(second!.startedAt.getTime()).toBeGreaterThanOrEqual(first!.retryAt!.getTime());
    expect(second).toMatchObject({ errorCode: 'unexpected' });
    expect(third).toMatchObject({ status: 'succeeded', number: 3, retryAt: null });
  });

  test('gives up after the last attempt, and at once where trying again cannot help', async () => {
    const engine = await engineOf({ busy: [], broken: [], bug: [], after: ['busy'] }, [
      makeTask('busy', rejects(passing()), { maxAttempts: 2 }),
      makeTask('broken', rejects(final)),
      makeTask('bug', rejects(new TypeError('x is not a function'))),
    ]);
    const run = await runToEnd(engine, 'demo');
    expect(run.status).toBe('failed');
    expect(statusesOf(run)).toEqual({ busy: 'failed', broken: 'failed', bug: 'failed', after: 'cancelled' });
    expect(attemptsOf(run, 'busy')).toEqual(['failed', 'failed']);
    expect(attemptsOf(run, 'broken')).toEqual(['failed']);
    expect(attemptsOf(run, 'after')).toEqual([]);
    const [bug] = run.taskRuns[2]!.attempts;
    expect(bug!.errorLines![0]).toBe('TypeError: x is not a function');
    const [line] = await readLog(store.db, bug!.attemptId);
    expect(line!.fields!.error).toMatchObject({ stack: expect.stringContaining('runs.test.ts') });
  });

  test('goes on past a task that may fail, and past one with nothing to do', async () => {
    const engine = await engineOf({ 'source?': [], other: [], after: ['source', 'other'] }, [
      makeTask('source', rejects(final)),
      makeTask('other', async () => ({ skipped: 'no new plays' })),
    ]);
    const run = await runToEnd(engine, 'demo');
    expect(run.status).toBe('succeeded');
    expect(statusesOf(run)).toEqual({ source: 'failed', other: 'skipped', after: 'succeeded' });
    expect(run.taskRuns[1]!.output).toEqual({ skipped: 'no new plays' });
  });

  test('that waits longer than the patience is left for later', async () => {
    const engine = await engineOf({ a: [], b: ['a'] }, [makeTask('a', rejects(passing({ retryAfterMs: 86_400_000 })))]);
    const run = await runToEnd(engine, 'demo', { patienceMs: 1_000 });
    expect(run).toMatchObject({ status: 'running', finishedAt: null });
    expect(statusesOf(run)).toEqual({ a: 'queued', b: 'queued' });
  });

  test('stops a task at its time limit', async () => {
    const engine = await engineOf({ slow: [], stubborn: [] }, [
      makeTask('slow', untilStopped, { timeoutMs: 20, maxAttempts: 2 }),
      makeTask('stubborn', () => new Promise(() => {}), { timeoutMs: 20, maxAttempts: 2 }),
    ]);
    const run = await runToEnd(engine, 'demo', { graceMs: 20 });
    expect(statusesOf(run)).toEqual({ slow: 'failed', stubborn: 'failed' });
    expect(run.taskRuns[0]!.attempts.map(({ errorCode }) => errorCode)).toEqual(['task-timeout', 'task-timeout']);
    // What does not stop may still be at work: nothing is started beside it.
    expect(run.taskRuns[1]!.attempts.map(({ errorCode }) => errorCode)).toEqual(['task-stuck']);
  });

  test('that is cancelled stops what runs and never starts what waits', async () => {
    const engine = await engineOf({ a: [], b: ['a'] }, [makeTask('a', untilStopped)]);
    const running = untilChange(engine, ({ status }) => status === 'running');
    const ended = runToEnd(engine, 'demo', { runKey: 'c' });
    const { runId } = await running;
    expect(await cancelRun(engine, runId)).toBe(true);
    const run = await ended;
    expect(run).toMatchObject({ status: 'cancelled', finishedAt: expect.any(Date) });
    expect(statusesOf(run)).toEqual({ a: 'cancelled', b: 'cancelled' });
    expect(attemptsOf(run, 'a')).toEqual(['cancelled']);
    expect(await cancelRun(engine, runId)).toBe(false);

    // And can be taken up again.
    expect(await retryRun(engine, runId)).toEqual(['a', 'b']);
    expect((await readRun(store.db, runId)).status).toBe('running');
  });

  test('is interrupted by Ctrl-C and taken up where it stood', async () => {
    const interrupt = new AbortController();
    let calls = 0;
    const engine = await engineOf({ a: [], b: ['a'] }, [
      makeTask('a', async () => ({ calls: ++calls })),
      makeTask('b', async (input, context) => {
        if (context.attempt > 1) return {};
        interrupt.abort();
        return await untilStopped(input, context);
      }),
    ]);
    const left = await runToEnd(engine, 'demo', { signal: interrupt.signal });
    expect(left).toMatchObject({ status: 'running', finishedAt: null });
    expect(statusesOf(left)).toEqual({ a: 'succeeded', b: 'queued' });
    expect(left.taskRuns[1]!.attempts).toMatchObject([{ status: 'lost', errorCode: 'service-stopped' }]);

    const run = await runToEnd(engine, 'demo');
    expect(run).toMatchObject({ runId: left.runId, resumed: true, status: 'succeeded' });
    expect(attemptsOf(run, 'b')).toEqual(['lost', 'succeeded']);
    expect(calls).toBe(1);
  });

  test('is repaired: only what failed runs again, and clearing takes what follows along; attempts stay', async () => {
    let broken = true;
    const engine = await engineOf({ a: [], b: ['a'], c: ['b'] }, [
      makeTask('b', async () => {
        if (broken) throw final;
        return {};
      }),
    ]);
    const { runId } = await runToEnd(engine, 'demo');
    broken = false;
    expect(await retryRun(engine, runId)).toEqual(['b', 'c']);
    const repaired = await runToEnd(engine, 'demo');
    expect(repaired).toMatchObject({ runId, status: 'succeeded' });
    expect(attemptsOf(repaired, 'a')).toEqual(['succeeded']);
    expect(attemptsOf(repaired, 'b')).toEqual(['failed', 'succeeded']);
    await expect(retryRun(engine, runId)).rejects.toMatchObject({ code: 'nothing-to-retry' });

    expect(await clearTask(engine, runId, 'b')).toEqual(['b', 'c']);
    const cleared = await runToEnd(engine, 'demo');
    expect(attemptsOf(cleared, 'b')).toEqual(['failed', 'succeeded', 'succeeded']);
    expect(attemptsOf(cleared, 'c')).toEqual(['succeeded', 'succeeded']);
    await expect(clearTask(engine, runId, 'z')).rejects.toMatchObject({ code: 'task-unknown' });
    await expect(clearTask(engine, 999, 'z')).rejects.toMatchObject({ code: 'run-unknown' });
  });

  test('a task that is cleared while it runs starts anew, and what the old attempt brings is refused', async () => {
    const release = Promise.withResolvers<void>();
    const engine = await engineOf({ a: [] }, [
      makeTask('a', async (_, { attempt }) => {
        if (attempt === 1) await release.promise;
        return { attempt };
      }),
    ]);
    const worker = startWorker(engine);
    const began = untilChange(engine, ({ attempt }) => attempt === 1);
    const { run } = await startRun(engine, 'demo');
    await began;
    const second = untilChange(engine, ({ attempt, status }) => attempt === 2 && status === 'succeeded');
    await clearTask(engine, run.runId, 'a');
    await second;
    release.resolve();
    await worker.stop();
    const after = await readRun(store.db, run.runId);
    expect(after.taskRuns[0]).toMatchObject({ status: 'succeeded', output: { attempt: 2 } });
    expect(attemptsOf(after, 'a')).toEqual(['cancelled', 'succeeded']);
  });

  test('keeps the log of every attempt, readable while it runs, without secrets', async () => {
    const engine = await engineOf({ a: [] }, [
      makeTask('a', async (_, { log, attempt }) => {
        for (let line = 1; line <= 450; line++) log.debug(`attempt ${attempt}, line ${line}`);
        log.info('signed in', { access_token: 'abc', url: 'https://x/?code=abc', plays: 50 });
        if (attempt === 1) throw passing();
        return {};
      }),
    ]);
    const run = await runToEnd(engine, 'demo');
    const [first, second] = run.taskRuns[0]!.attempts;
    const lines = await readLog(store.db, first!.attemptId);
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 452 }, (_, index) => index + 1));
    expect(lines[449]!.message).toBe('attempt 1, line 450');
    expect(lines[450]).toMatchObject({
      level: 'info',
      fields: { access_token: '[hidden]', url: 'https://x/?code=[hidden]', plays: 50 },
    });
    expect(lines[451]).toMatchObject({ level: 'error', message: 'Spotify is busy.' });
    expect(await readLog(store.db, second!.attemptId, { after: 449, limit: 1 })).toMatchObject([{ line: 450 }]);
    expect((await readLog(store.db, second!.attemptId)).at(-1)).toMatchObject({
      level: 'info',
      message: 'done',
      fields: {},
    });
  });

  test('tells of changes and progress while it goes on', async () => {
    const engine = await engineOf({ a: [] }, [
      makeTask('a', async (_, { progress }: TaskContext) => {
        progress({ label: 'reading', done: 5, total: 10, unit: 'rows' });
        return {};
      }),
    ]);
    const told: unknown[] = [];
    onTaskChange(engine, ({ task, status }) => told.push([task, status]));
    onProgress(engine, ({ task, report }) => told.push([task, report.done]));
    await runToEnd(engine, 'demo');
    expect(told).toEqual([
      ['a', 'running'],
      ['a', 5],
      ['a', 'succeeded'],
    ]);
  });

  test('is found again: lists, the state of each pipeline', async () => {
    const engine = await engineOf({ a: [], b: ['a'] });
    const first = await runToEnd(engine, 'demo');
    const second = await runToEnd(engine, 'demo');
    const listed = await listRuns(store.db);
    expect(listed.map(({ runId }) => runId)).toEqual([second.runId, first.runId]);
    expect(listed[0]!.taskRuns.map(({ task }) => task)).toEqual(['a', 'b']);
    expect(await listRuns(store.db, { before: second.runId })).toHaveLength(1);
    expect(await listRuns(store.db, { pipeline: 'other' })).toEqual([]);
    expect(await readPipelineStates(engine)).toMatchObject([
      {
        pipeline: 'demo',
        latestRun: { runId: second.runId, status: 'succeeded' },
        schedule: undefined,
        nextRunAt: undefined,
      },
    ]);
    expect(await readRun(store.db, first.runKey)).toMatchObject({ runId: first.runId });
  });
});

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { claimNext } from '../../src/pipeline/claim.ts';
import { settleAttempt } from '../../src/pipeline/end-attempt.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { readPipelineStates, readRun } from '../../src/pipeline/read-run.ts';
import { startRun } from '../../src/pipeline/runs.ts';
import {
  pauseSchedule,
  resumeSchedule,
  setSchedule,
  startDueRuns,
  startScheduler,
} from '../../src/pipeline/scheduler.ts';
import { addSchedule, listSchedules } from '../../src/store/schedules.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { forgetRuns, makePipeline, makeTask, openTestEngine } from './engine-fixture.ts';

const BERLIN = 'Europe/Berlin';

describeEachStore('schedules', (open) => {
  let store: TestStore;
  let clock: ManualClock;
  let engine: Engine & AsyncDisposable;
  let second: Engine & AsyncDisposable;
  const openEngine = (): Promise<Engine & AsyncDisposable> =>
    openTestEngine(
      store,
      [makeTask('a')],
      [makePipeline({ a: [] }, { name: 'hourly', cron: '5 * * * *' }), makePipeline({ a: [] }, { name: 'by-hand' })],
      { clock },
    );
  beforeAll(async () => {
    store = await open();
    clock = new ManualClock(new Date('2026-11-22T10:00:00Z'));
    engine = await openEngine();
    second = await openEngine();
  });
  afterAll(async () => {
    await engine.close();
    await second.close();
    await store.close();
  });
  afterEach(() => forgetRuns(store));
  const begin = async (time: string, cron = '5 * * * *'): Promise<void> => {
    clock.set(new Date(time));
    await addSchedule(store.db, { pipeline: 'hourly', cron, timeZone: BERLIN, since: clock.now() });
  };
  const finishRun = async (): Promise<void> => {
    const claim = (await claimNext(engine, 'a worker'))!;
    await settleAttempt(engine, claim, { output: {} });
  };
  const dueAt = async (time: string): Promise<string[]> => {
    clock.set(new Date(time));
    return await startDueRuns(engine);
  };

  test('start one run per tick, named by it', async () => {
    await begin('2026-11-22T10:00:00Z');
    expect(await dueAt('2026-11-22T10:04:59Z')).toEqual([]);
    expect(await dueAt('2026-11-22T10:05:00Z')).toEqual(['hourly:2026-11-22T10:05:00.000Z']);
    expect(await dueAt('2026-11-22T10:05:01Z')).toEqual([]);
    expect(await readRun(store.db, 'hourly:2026-11-22T10:05:00.000Z')).toMatchObject({
      trigger: 'schedule',
      scheduledFor: new Date('2026-11-22T10:05:00Z'),
      status: 'queued',
    });
    await finishRun();
    expect(await dueAt('2026-11-22T11:06:00Z')).toEqual(['hourly:2026-11-22T11:05:00.000Z']);
  });

  test('make up only the newest of the ticks that were missed', async () => {
    await begin('2026-11-20T10:00:00Z');
    expect(await dueAt('2026-11-22T10:30:00Z')).toEqual(['hourly:2026-11-22T10:05:00.000Z']);
    await finishRun();
    expect(await startDueRuns(engine)).toEqual([]);
  });

  test('wait while a run of the pipeline is still going', async () => {
    await begin('2026-11-22T10:00:00Z');
    await startRun(engine, 'hourly');
    expect(await dueAt('2026-11-22T12:10:00Z')).toEqual([]);
    await finishRun();
    expect(await startDueRuns(engine)).toEqual(['hourly:2026-11-22T12:05:00.000Z']);
  });

  test('of two services on one database, one starts the run', async () => {
    await begin('2026-11-22T10:00:00Z');
    clock.set(new Date('2026-11-22T10:05:00Z'));
    const started = await Promise.all([
      startDueRuns(engine),
      startDueRuns(second),
      startDueRuns(engine),
      startDueRuns(second),
    ]);
    expect(started.flat()).toEqual(['hourly:2026-11-22T10:05:00.000Z']);
  });

  test('tick once a day through both changes of the clocks', async () => {
    for (const [from, to] of [
      ['2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'],
      ['2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z'],
    ] as const) {
      await forgetRuns(store);
      await begin(from, '30 2 * * *');
      let runs = 0;
      for (let time = Date.parse(from); time < Date.parse(to); time += 600_000) {
        const started = await dueAt(new Date(time).toISOString());
        runs += started.length;
        if (started.length > 0) await finishRun();
      }
      expect(runs).toBe(2);
    }
  });

  test('pause, resume without making up, change, and say when they come next', async () => {
    await begin('2026-11-22T10:00:00Z');
    const state = async (): Promise<unknown> =>
      (await readPipelineStates(engine)).map(({ pipeline, schedule, nextRunAt }) => [
        pipeline,
        schedule?.paused,
        nextRunAt,
      ]);
    await pauseSchedule(engine, 'hourly');
    expect(await dueAt('2026-11-22T12:30:00Z')).toEqual([]);
    expect(await state()).toEqual([
      ['hourly', true, undefined],
      ['by-hand', undefined, undefined],
    ]);
    await resumeSchedule(engine, 'hourly');
    expect(await startDueRuns(engine)).toEqual([]);
    expect(await state()).toEqual([
      ['hourly', false, new Date('2026-11-22T13:05:00Z')],
      ['by-hand', undefined, undefined],
    ]);

    await setSchedule(engine, 'hourly', '0 7 * * 1', 'Asia/Kolkata');
    expect(await state()).toEqual([
      ['hourly', false, new Date('2026-11-23T01:30:00Z')],
      ['by-hand', undefined, undefined],
    ]);
    await expect(setSchedule(engine, 'hourly', '0 7 * *', BERLIN)).rejects.toMatchObject({ code: 'schedule-invalid' });
    await expect(pauseSchedule(engine, 'by-hand')).rejects.toMatchObject({ code: 'schedule-unknown' });
  });

  test("the service gives pipelines their schedule, keeps the owner's own, and sleeps from tick to tick", async () => {
    clock.set(new Date('2026-11-22T10:00:00Z'));
    // Time passes only while somebody sleeps; the twelfth time the sleeper stays asleep.
    const asleep = Promise.withResolvers<void>();
    let sleeps = 0;
    const watched = {
      now: () => clock.now(),
      sleep: async (ms: number, signal?: AbortSignal) => {
        sleeps++;
        if (sleeps < 12) return await clock.sleep(ms, signal);
        asleep.resolve();
        signal?.throwIfAborted();
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const scheduler = await startScheduler({ ...engine, clock: watched }, BERLIN);
    await asleep.promise;
    await scheduler.stop();
    expect(clock.now()).toEqual(new Date('2026-11-22T10:05:30Z'));
    expect((await readRun(store.db, 'hourly:2026-11-22T10:05:00.000Z')).status).toBe('queued');
    expect(await listSchedules(store.db)).toMatchObject([{ pipeline: 'hourly', cron: '5 * * * *', timeZone: BERLIN }]);

    await setSchedule(engine, 'hourly', '0 7 * * *', BERLIN);
    await (await startScheduler({ ...engine, clock: watched }, 'UTC')).stop();
    expect(await listSchedules(store.db)).toMatchObject([{ cron: '0 7 * * *', timeZone: BERLIN }]);
  });
});

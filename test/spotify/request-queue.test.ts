import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type BlockMemory, rememberInProcess } from '../../src/spotify/block-memory.ts';
import type { Answer } from '../../src/spotify/http.ts';
import { readRateLimit, readRetryAfter, safetyMargin } from '../../src/spotify/rate-limit.ts';
import { RequestQueue, type RequestQueueOptions } from '../../src/spotify/request-queue.ts';

const START = new Date('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const ok: Answer = { status: 200, headers: new Headers(), text: '{}' };
const QUOTA = '{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}';

function refusal(retryAfter?: string, text = 'Too many requests'): Answer {
  return { status: 429, headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }), text };
}

function queueWith(options: Partial<RequestQueueOptions> = {}) {
  const clock = new ManualClock(START);
  const memory = rememberInProcess();
  return { clock, memory, queue: new RequestQueue({ clientId: 'app', memory, clock, ...options }) };
}

/** Answers in this order, the last one again and again. */
function answering(...answers: Answer[]) {
  const perform = async () => {
    perform.calls++;
    return answers[Math.min(perform.calls, answers.length) - 1]!;
  };
  perform.calls = 0;
  return perform;
}

/** A call that has not ended until it is released. */
function holding() {
  const start = Promise.withResolvers<void>();
  const end = Promise.withResolvers<Answer>();
  const perform = () => {
    start.resolve();
    return end.promise;
  };
  return { perform, started: start.promise, release: () => end.resolve(ok) };
}

describe('reading a 429', () => {
  const now = START;
  it.each([
    ['one second', refusal('1'), { kind: 'short', waitMs: 1_000 }],
    ['thirty seconds', refusal('30'), { kind: 'short', waitMs: 30_000 }],
    ['thirty-one seconds', refusal('31'), { kind: 'long', block: 'rate-limit', waitMs: 31_000 }],
    ['a day without a reason', refusal('79892'), { kind: 'long', block: 'rate-limit', waitMs: 79_892_000 }],
    ['the quota', refusal('48925', QUOTA), { kind: 'long', block: 'quota', waitMs: 48_925_000 }],
    ['the quota with a short wait', refusal('3', QUOTA), { kind: 'long', block: 'quota', waitMs: 3_000 }],
    ['the quota without a wait', refusal(undefined, QUOTA), { kind: 'long', block: 'quota', waitMs: HOUR }],
    ['plain text without a wait', refusal(), { kind: 'short', waitMs: undefined }],
    ['nonsense for a wait', refusal('soon'), { kind: 'short', waitMs: undefined }],
    ['an HTTP date', refusal('Sun, 22 Nov 2026 12:00:20 GMT'), { kind: 'short', waitMs: 20_000 }],
  ])('%s', (_name, answer, expected) => {
    expect(readRateLimit(answer, now)).toEqual(expected);
  });

  it('never waits a negative time, nor longer than two days', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const waitMs = readRetryAfter(header, now) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(48 * HOUR);
      }),
    );
    expect(readRetryAfter('99999999999999999999', now)).toBe(48 * HOUR);
    expect(safetyMargin(48_925_000)).toBe(30 * 60_000);
    expect(safetyMargin(60_000)).toBe(15_000);
  });
});

describe('RequestQueue', () => {
  it('keeps the gap between calls and lets people go first', async () => {
    const { clock, queue } = queueWith({ minGapMs: 500 });
    const order: string[] = [];
    const call = (name: string) => async () => {
      order.push(`${name} at ${clock.now().getTime() - START.getTime()}`);
      return ok;
    };
    await Promise.all([
      queue.send(call('first background')),
      queue.send(call('second background')),
      queue.send(call('person'), { priority: 'user' }),
    ]);
    expect(order).toEqual(['first background at 0', 'person at 500', 'second background at 1000']);
  });

  it('waits out a short refusal and repeats the call', async () => {
    const { clock, queue } = queueWith({ minGapMs: 0 });
    const perform = answering(refusal('4'), refusal(), ok);
    expect(await queue.send(perform)).toBe(ok);
    expect(perform.calls).toBe(3);
    // 4 s as asked; then no header: the second refusal waits 10 s by itself.
    expect(clock.slept).toEqual([4_000, 10_000]);
  });

  it('gives up on a call that is refused five times, with an error that may be retried', async () => {
    const { queue, memory } = queueWith();
    const perform = answering(refusal('2'));
    await expect(queue.send(perform)).rejects.toMatchObject({
      code: 'rate-limit',
      retryable: true,
      retryAfterMs: 2_000,
    });
    expect(perform.calls).toBe(5);
    expect((await memory.load('app', START)).block).toBeUndefined();
  });

  it('fails at once while blocked, also after a restart, and goes on after the margin', async () => {
    const { clock, memory, queue } = queueWith();
    await expect(queue.send(answering(refusal('48925', QUOTA)))).rejects.toMatchObject({
      code: 'quota',
      retryable: true,
      retryAfterMs: 48_925_000 + 1_800_000,
    });

    const restarted = new RequestQueue({ clientId: 'app', memory, clock });
    const perform = answering(ok);
    clock.advance(48_925_000);
    await expect(restarted.send(perform, { priority: 'user' })).rejects.toMatchObject({
      code: 'quota',
      retryAfterMs: 1_800_000,
      message: 'Spotify takes no calls until 2026-11-23 02:05 UTC.',
    });
    expect(perform.calls).toBe(0);
    clock.advance(1_800_000);
    expect(await restarted.send(perform)).toBe(ok);
    expect(clock.slept).toEqual([]);
  });

  it('remembers a block for the app that is connected by then', async () => {
    let clientId = 'connecting';
    const { clock, memory, queue } = queueWith({ clientId: async () => clientId });
    expect(await queue.send(answering(ok))).toBe(ok);
    clientId = 'app';
    await expect(queue.send(answering(refusal('3600')))).rejects.toMatchObject({ code: 'rate-limit' });
    expect((await memory.load('app', clock.now())).block).toMatchObject({ kind: 'rate-limit' });
    expect((await memory.load('connecting', clock.now())).block).toBeUndefined();
  });

  it('does not mix up developer accounts', async () => {
    const { clock, memory, queue } = queueWith();
    await expect(queue.send(answering(refusal('3600')))).rejects.toMatchObject({ code: 'rate-limit' });
    const other = new RequestQueue({ clientId: 'another app', memory, clock });
    expect(await other.send(answering(ok))).toBe(ok);
  });

  it('rations background calls over a rolling day, lets people through, and warns', async () => {
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
    const { clock, queue } = queueWith({ dailyCalls: 10, minGapMs: 0, log });
    for (let call = 0; call < 10; call++) {
      await queue.send(answering(ok));
      clock.advance(HOUR);
    }
    // From eight in ten on, at most once an hour.
    expect(warnings).toHaveLength(2);
    const perform = answering(ok);
    await expect(queue.send(perform)).rejects.toMatchObject({ code: 'ration-spent', retryable: true });
    expect(perform.calls).toBe(0);
    expect(await queue.send(perform, { priority: 'user' })).toBe(ok);
    // The first call falls out of the 24 hours; the person's call counts.
    clock.advance(14 * HOUR);
    await expect(queue.send(perform)).rejects.toMatchObject({ code: 'ration-spent' });
    clock.advance(HOUR);
    expect(await queue.send(perform)).toBe(ok);
  });

  it('answers a caller who gives up at once, and does not make the call', async () => {
    const { queue } = queueWith();
    const { perform: held, started, release } = holding();
    const slow = queue.send(held);
    await started;
    const stop = new AbortController();
    const perform = answering(ok);
    const waiting = queue.send(perform, { signal: stop.signal });
    stop.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    release();
    await slow;
    await queue.send(answering(ok));
    expect(perform.calls).toBe(0);
    await expect(queue.send(perform, { signal: stop.signal })).rejects.toThrow('changed my mind');
  });

  it('hands on what a call throws and serves the next one', async () => {
    const { queue } = queueWith();
    const broken = queue.send(async () => Promise.reject(new Error('broken')));
    const next = queue.send(answering(ok));
    await expect(broken).rejects.toThrow('broken');
    expect(await next).toBe(ok);
  });

  it('refuses a call when its memory fails, rather than call unasked', async () => {
    const memory: BlockMemory = { ...rememberInProcess(), load: async () => Promise.reject(new Error('disk gone')) };
    const { queue } = queueWith({ memory });
    const perform = answering(ok);
    await expect(queue.send(perform)).rejects.toThrow('disk gone');
    expect(perform.calls).toBe(0);
  });

  it('lets nothing wait after it is closed', async () => {
    const { queue } = queueWith();
    const { perform: held, started, release } = holding();
    const slow = queue.send(held);
    await started;
    const waiting = queue.send(answering(ok));
    queue.close();
    release();
    expect(await slow).toBe(ok);
    await expect(waiting).rejects.toMatchObject({ code: 'queue-closed' });
    await expect(queue.send(answering(ok))).rejects.toMatchObject({ code: 'queue-closed' });
  });
});

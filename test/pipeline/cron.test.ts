import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCron, latestTick, nextTick } from '../../src/pipeline/cron.ts';

/** Ticks from one time up to another. */
function ticks(cron: string, timeZone: string, from: string, to: string): string[] {
  const found: string[] = [];
  let tick = nextTick({ cron, timeZone }, new Date(from));
  while (tick && tick <= new Date(to)) {
    found.push(tick.toISOString().slice(5, 16));
    tick = nextTick({ cron, timeZone }, tick);
  }
  return found;
}

describe('where the clocks change', () => {
  test('a tick in the hour that is missing comes once, when the clocks have gone forward', () => {
    // 29 March 2026, 02:00 -> 03:00 in Berlin.
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00Z', '2026-03-31T00:00Z')).toEqual([
      '03-28T01:30',
      '03-29T01:00',
      '03-30T00:30',
    ]);
  });

  test('a tick in the hour that comes twice comes once', () => {
    // 25 October 2026, 03:00 -> 02:00 in Berlin.
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-27T00:00Z')).toEqual([
      '10-25T00:30',
      '10-26T01:30',
    ]);
  });

  test('every hour stays every hour', () => {
    expect(ticks('5 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', '2026-10-25T03:00Z')).toHaveLength(3);
    expect(ticks('5 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T03:00Z')).toHaveLength(3);
  });

  test('a change by half an hour is no trouble', () => {
    // 4 October 2026, 02:00 -> 02:30 on Lord Howe Island.
    expect(ticks('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T18:00Z', '2026-10-05T00:00Z')).toEqual([
      '10-03T15:30',
      '10-04T15:15',
    ]);
  });
});

const crons = fc.constantFrom(
  '* * * * *',
  '*/7 * * * *',
  '30 2 * * *',
  '0 */6 * * *',
  '15 7 * * 1',
  '0 0 1 * *',
  '0 4 29 2 *',
);
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
const times = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-12-31'), noInvalidDate: true });

describe('latestTick', () => {
  test('is a tick that has come, and none came since', () => {
    fc.assert(
      fc.property(crons, zones, times, times, (cron, timeZone, one, other) => {
        const [after, now] = one < other ? [one, other] : [other, one];
        const schedule = { cron, timeZone };
        const latest = latestTick(schedule, after, now);
        const first = nextTick(schedule, after)!;
        if (first > now) {
          expect(latest).toBeUndefined();
        } else {
          expect(latest!.getTime()).toBeGreaterThanOrEqual(first.getTime());
          expect(latest!.getTime()).toBeLessThanOrEqual(now.getTime());
          expect(nextTick(schedule, latest!)!.getTime()).toBeGreaterThan(now.getTime());
        }
      }),
    );
  });

  test('comes at its very moment, and once', () => {
    const tick = new Date('2026-11-23T06:15:00Z');
    const schedule = { cron: '15 7 * * 1', timeZone: 'Europe/Berlin' };
    const before = new Date(tick.getTime() - 1);
    expect(latestTick(schedule, before, tick)).toEqual(tick);
    expect(latestTick(schedule, before, before)).toBeUndefined();
    expect(latestTick(schedule, tick, new Date(tick.getTime() + 1))).toBeUndefined();
  });
});

test.each([
  ['61 * * * *', 'UTC'],
  ['* * *', 'UTC'],
  ['* * * * * *', 'UTC'],
  ['0 0 30 2 *', 'UTC'],
  ['0 7 * * *', 'Mars/Olympus'],
])('checkCron refuses "%s" in %s', (cron, timeZone) => {
  expect(() => checkCron({ cron, timeZone })).toThrow(expect.objectContaining({ code: 'schedule-invalid' }));
});

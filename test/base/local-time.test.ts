import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localTimeIn } from '../../src/base/local-time.ts';

const ZONES = ['UTC', 'Europe/Stockholm', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];

/** What Intl says itself. */
function plainly(time: Date, timeZone: string) {
  const shown = time.toLocaleString('sv-SE', { timeZone, hourCycle: 'h23' });
  const [, year, month, day, hour] = /^(\d+)-(\d+)-(\d+) (\d+):/.exec(shown)!.map(Number);
  const weekday = new Date(`${shown.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7;
  return { year, month, day, weekday, hour };
}

test('equals what Intl says, in any zone at any time', () => {
  const clocks = new Map(ZONES.map((zone) => [zone, localTimeIn(zone)]));
  const time = fc.date({ min: new Date('1995-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), time, (zone, at) => {
      expect(clocks.get(zone)!(at)).toEqual(plainly(at, zone));
    }),
    { numRuns: 500 },
  );
});

test.each([
  // The clock jumps from 2 to 3, and falls back from 3 to 2.
  ['2026-03-29T00:59:59Z', 1],
  ['2026-03-29T01:00:00Z', 3],
  ['2026-10-25T00:59:59Z', 2],
  ['2026-10-25T01:00:00Z', 2],
  ['2026-10-25T02:00:00Z', 3],
])('the days on which Stockholm changes its clock: %s', (at, hour) => {
  expect(localTimeIn('Europe/Stockholm')(new Date(at)).hour).toBe(hour);
});

test('a day that a zone left out', () => {
  const apia = localTimeIn('Pacific/Apia');
  expect(apia(new Date('2011-12-30T09:59:59Z'))).toMatchObject({ day: 29, weekday: 4 });
  expect(apia(new Date('2011-12-30T10:00:00Z'))).toMatchObject({ day: 31, weekday: 6 });
});

import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clockTime, counted, day, duration, fromNow, keepTimeOf, moment, number } from '../../src/web/format.ts';
import { timeLeft } from '../../src/web/time-left.ts';

const NOON = '2026-11-22T12:00:00.000Z';
const later = (seconds: number): string => new Date(Date.parse(NOON) + seconds * 1000).toISOString();
/** Moves the page's clock, which is the service's. */
const setClock = (now: string, timeZone = 'Europe/Stockholm'): void => keepTimeOf({ now, timeZone });

beforeEach(() => {
  // The browser's clock stands still, and is wrong.
  vi.useFakeTimers({ now: new Date('2020-01-01'), toFake: ['Date'] });
  setClock(NOON);
});
afterAll(() => vi.useRealTimers());

describe('the page writes', () => {
  it('numbers with their thousands', () => {
    expect([number(0), number(28_352), number(0.12345), counted(1, 'song'), counted(1200, 'song')]).toEqual([
      '0',
      '28,352',
      '0.123',
      '1 song',
      '1,200 songs',
    ]);
  });

  it("times in the owner's zone, whatever the browser's", () => {
    expect([moment(NOON), day(NOON), clockTime(NOON)]).toEqual(['Sun 22 Nov, 13:00', '22 November 2026', '13:00:00']);
    setClock(NOON, 'Pacific/Auckland');
    expect([moment(NOON), day(NOON), clockTime(NOON)]).toEqual(['Mon 23 Nov, 01:00', '23 November 2026', '01:00:00']);
    expect(moment('2025-07-01T00:00:00Z')).toBe('Tue, 1 Jul 2025, 12:00');
  });

  it('how long ago and how far off', () => {
    const texts = [0, 30, -30, 90, -3600, 86_400 * 3].map((seconds) => fromNow(later(seconds)));
    expect(texts).toEqual(['just now', 'in 30 seconds', '30 seconds ago', 'in 2 minutes', '1 hour ago', 'in 3 days']);
  });

  it('durations in the units people use', () => {
    const spans = [0.04, 9.9, 59.9, 60, 76, 3599, 3600, 7500].map((seconds) => duration(NOON, later(seconds)));
    expect(spans).toEqual([
      '0.0 s',
      '9.9 s',
      '59 s',
      '1 min 0 s',
      '1 min 16 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 5 min',
    ]);
    expect(duration(null, null)).toBe('');
    expect(duration(later(-5), null)).toMatch(/^5 s$/);
    // A clock that is behind does not make a task end before it began.
    expect(duration(later(5), null)).toBe('0 s');
  });

  it('the time left once it has seen how fast the work goes', () => {
    const ask = (done: number, seconds: number, total: number | null = 1000) => {
      setClock(later(seconds));
      return timeLeft('7 reading', done, total);
    };
    expect([ask(100, 0), ask(110, 1), ask(200, 10), ask(600, 50), ask(600, 51, null)]).toEqual([
      '',
      '',
      'about 80 s left',
      'about 40 s left',
      '',
    ]);
    expect(timeLeft('8 reading', 0, 100_000)).toBe('');
    setClock(later(61));
    expect(timeLeft('8 reading', 1000, 100_000)).toBe('about 17 min left');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { describeMatching, matchSeeds } from '../../src/recommend/matching.ts';
import { type ListenedTrack, seedPeriods, seedsFromFavourites, weighPlays } from '../../src/recommend/seeds.ts';
import { idOf, trackOf } from './tiny-world.ts';

const now = new Date('2026-11-22T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const play = (name: string, days: number, more: Partial<ListenedTrack> = {}): ListenedTrack => ({
  ...trackOf(name, 'Marrow & Tide'),
  endedAt: daysAgo(days),
  msPlayed: null,
  ...more,
});

describe('weights', () => {
  test('log2(1 + sum of 2^(-age / half the period))', () => {
    const seeds = weighPlays([play('A', 0), play('B', 3.5), play('C', 7), play('A', 0), play('A', 0)], now, 7);
    expect(seeds.map(({ title, weight }) => [title, Number(weight.toFixed(6))])).toEqual([
      ['A', 2],
      ['B', Number(Math.log2(1.5).toFixed(6))],
      ['C', Number(Math.log2(1.25).toFixed(6))],
    ]);
  });

  test('repeated weighs more than once, recent more than old, whatever the times', () => {
    const age = fc.double({ min: 0, max: 7, noNaN: true });
    fc.assert(
      fc.property(age, age, (a, b) => {
        const [once] = weighPlays([play('A', a)], now, 7);
        const [twice] = weighPlays([play('A', a), play('A', b)], now, 7);
        expect(twice!.weight).toBeGreaterThan(once!.weight);
        const [other] = weighPlays([play('B', b)], now, 7);
        if (a < b - 1e-6) expect(once!.weight).toBeGreaterThan(other!.weight);
      }),
    );
  });

  test('all of history counts every listen alike', () => {
    const seeds = weighPlays([play('A', 3000), play('B', 1)], now, Number.POSITIVE_INFINITY);
    expect(seeds.map(({ weight }) => weight)).toEqual([1, 1]);
  });
});

test('plays outside the period, in the future or under 30 s do not count', () => {
  const plays = [
    play('old', 7.01),
    play('future', -0.01),
    play('short', 1, { msPlayed: 29_999 }),
    play('long', 1, { msPlayed: 30_000 }),
  ];
  expect(weighPlays(plays, now, 7).map(({ title }) => title)).toEqual(['long']);
});

test('editions of one recording are one seed under the id played last', () => {
  const [seed, ...others] = weighPlays(
    [
      play('Lights', 3, { id: idOf('first'), isrc: 'SE0000000001' }),
      play('Lights - Remastered 2011', 1, { id: idOf('second') }),
    ],
    now,
    7,
  );
  expect(others).toEqual([]);
  expect(seed).toMatchObject({
    id: idOf('second'),
    ids: [idOf('second'), idOf('first')],
    isrc: 'SE0000000001',
    plays: 2,
    firstPlayedAt: daysAgo(3),
    lastPlayedAt: daysAgo(1),
  });
});

test('periods grow from the one asked for', () => {
  expect(seedPeriods(7)).toEqual([7, 30, 90, 365, Number.POSITIVE_INFINITY]);
  expect(seedPeriods(100)).toEqual([100, 365, Number.POSITIVE_INFINITY]);
});

test('by id, then ISRC, then title and artist; the rest is missing and counted', () => {
  const catalogue = catalogueOf([
    trackOf('One', 'A'),
    trackOf('Two', 'A', { isrc: 'SE0000000002' }),
    trackOf('Three - Remastered 2011', 'Á'),
    trackOf('Three', 'A', { id: idOf('later') }),
  ]);
  const played = [
    { ...trackOf('One', 'A'), id: idOf('One') },
    { ...trackOf('Other name', 'B'), id: idOf('x'), isrc: 'SE0000000002' },
    { ...trackOf('Three (feat. B)', 'a'), id: idOf('y') },
    { ...trackOf('Four', 'A') },
  ];
  const matching = matchSeeds(seedsFromFavourites(played, 'liked', now), catalogue);
  expect(matching.matched.map(({ row, matchedBy }) => [row, matchedBy])).toEqual([
    [0, 'id'],
    [1, 'isrc'],
    [2, 'name'],
  ]);
  expect(matching.missing.map(({ title }) => title)).toEqual(['Four']);
  expect(describeMatching(matching)).toBe('found 3 of 4 (1 by id, 1 by ISRC, 1 by title and artist)');
  expect(describeMatching({ matched: [], missing: [] })).toBe('found 0 of 0');
});

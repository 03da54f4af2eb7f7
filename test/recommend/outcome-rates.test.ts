import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  creditsOf,
  type RatedSong,
  summariseByRecommender,
  summariseOutcomes,
  wilsonInterval,
} from '../../src/recommend/outcome-rates.ts';
import { OUTCOMES } from '../../src/recommend/outcomes.ts';

const song = (outcome: RatedSong['outcome'], more: Partial<RatedSong> = {}): RatedSong => ({
  outcome,
  settled: outcome !== 'open',
  recommender: 'ease',
  facts: {},
  ...more,
});

describe("Wilson's interval", () => {
  // As published tables have it, for example Newcombe 1998 ("Two-sided confidence intervals for the single proportion").
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [29, 29, 0.883, 1],
  ])('of %i in %i', (kept, of, low, high) => {
    const interval = wilsonInterval(kept, of);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('ends where the share seen is 1.96 standard errors of that end away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, part) => {
        const share = Math.round(part * of) / of;
        const { low, high } = wilsonInterval(share * of, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(high).toBeLessThanOrEqual(1);
        for (const end of [low, high])
          expect((share - end) ** 2).toBeCloseTo((1.959964 ** 2 * end * (1 - end)) / of, 10);
        const turned = wilsonInterval((1 - share) * of, of);
        expect(turned.low).toBeCloseTo(1 - high, 10);
      }),
    );
  });

  test('of nothing is everything', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('rates', () => {
  test('are of settled songs; what is kept early has a count and no rate', () => {
    const songs = [song('kept'), song('skipped'), song('ignored'), song('ignored'), song('open')];
    const { counts, rate } = summariseOutcomes([...songs, song('kept', { settled: false })]);
    expect(counts).toEqual({ kept: 2, skipped: 1, ignored: 2, open: 1 });
    expect(rate).toEqual({ of: 4, kept: 1, rate: 0.25, ...wilsonInterval(1, 4) });
    expect(summariseOutcomes([song('open')]).rate).toEqual({ of: 0, kept: 0, rate: null, low: 0, high: 1 });
  });

  test('go to each recommender by its share of the score', () => {
    const facts = { shares: { ease: 0.75, artists: 0.25 } };
    const found = summariseByRecommender([
      song('kept', { recommender: 'blend', facts }),
      song('skipped', { recommender: 'blend', facts: { shares: { ease: 0.5, popular: 0.25 } } }),
      song('ignored', { recommender: 'song-vectors' }),
    ]);
    expect([...found.keys()]).toEqual(['artists', 'ease', 'popular', 'song-vectors']);
    expect(found.get('ease')).toMatchObject({
      counts: { kept: 0.75, skipped: 0.5, ignored: 0, open: 0 },
      rate: { of: 1.25, kept: 0.75, rate: 0.6, ...wilsonInterval(0.75, 1.25) },
    });
    expect(found.get('artists')!.rate.rate).toBe(1);
    expect(found.get('song-vectors')!.counts.ignored).toBe(1);
  });

  test.each([
    ['no facts', null],
    ['a list', [1]],
    ['no object of shares', { shares: 3 }],
    ['no usable share', { shares: { ease: 0, popular: -0.5, artists: 1.5, factors: '0.5' } }],
  ])('go to who proposed the song where there are %s', (_, facts) => {
    expect(creditsOf({ recommender: 'blend', facts })).toEqual(new Map([['blend', 1]]));
  });

  test('hand out no more than the song, whatever the shares', () => {
    const shares = fc.dictionary(fc.string({ maxLength: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const songs = fc.array(fc.record({ outcome: fc.constantFrom(...OUTCOMES), shares }), { maxLength: 20 });
    fc.assert(
      fc.property(songs, (list) => {
        const rated = list.map(({ outcome, shares: given }) => song(outcome, { facts: { shares: given } }));
        let given = 0;
        for (const { counts, rate } of summariseByRecommender(rated).values()) {
          given += OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
          expect(rate.of).toBeCloseTo(counts.kept + counts.skipped + counts.ignored, 9);
          expect(rate.low).toBeLessThanOrEqual(rate.rate ?? 0);
          expect(rate.high).toBeGreaterThanOrEqual(rate.rate ?? 1);
        }
        expect(given).toBeLessThanOrEqual(rated.length + 1e-9);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clicks, judge, meanScores, ndcg, rPrecision } from '../../src/recommend/evaluation.ts';
import { holdOut } from '../../src/recommend/holdout.ts';
import { sequences } from '../vectors/two-genres.ts';

describe('metrics, worked by hand', () => {
  const hidden = new Set([1, 2, 3, 4]);
  const recommended = [9, 1, 8, 2, 3, ...Array.from({ length: 600 }, (_, at) => 1000 + at)];

  test('R-precision looks at as many as are hidden', () => expect(rPrecision(recommended, hidden)).toBe(2 / 4));

  test('NDCG discounts by log2(rank + 1) and knows the ideal', () => {
    const gain = 1 / Math.log2(3) + 1 / Math.log2(5) + 1 / Math.log2(6);
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4) + 1 / Math.log2(5);
    expect(ndcg(recommended, hidden)).toBeCloseTo(gain / ideal, 12);
  });

  test('clicks count tens, 51 for nothing in 500', () => {
    expect(clicks(recommended, hidden)).toBe(0);
    expect(clicks([...Array.from({ length: 10 }, () => 0), 1], hidden)).toBe(1);
    expect(clicks([...Array.from({ length: 500 }, () => 0), 1], hidden)).toBe(51);
  });

  test('perfect, empty, and nothing to find', () => {
    expect(judge([4, 3, 2, 1], hidden)).toEqual({ rPrecision: 1, ndcg: 1, clicks: 0 });
    expect(judge([], hidden)).toEqual({ rPrecision: 0, ndcg: 0, clicks: 51 });
    expect(judge([1], new Set())).toEqual({ rPrecision: 0, ndcg: 0, clicks: 51 });
    expect(meanScores([judge([4, 3, 2, 1], hidden), judge([], hidden)])).toEqual({
      cases: 2,
      rPrecision: 0.5,
      ndcg: 0.5,
      clicks: 25.5,
    });
  });
});

test('a split holds whole groups back, hides half of each, and asks for nothing that cannot be known', () => {
  const playlist = fc.record({
    group: fc.nat(8),
    tracks: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(playlist, { maxLength: 30 }), fc.nat(1000), (playlists, seed) => {
      const corpus = sequences(playlists.map(({ tracks }) => tracks));
      const groups = Uint32Array.from(playlists, ({ group }) => group);
      const { train, cases, ...rest } = holdOut(corpus, groups, { share: 0.5, seed });
      expect(holdOut(corpus, groups, { share: 0.5, seed })).toEqual({ train, cases, ...rest });
      expect(rest.groups).toHaveLength(train.offsets.length - 1);
      const learned = Array.from({ length: train.offsets.length - 1 }, (_, at) =>
        [...train.tokens.slice(train.offsets[at], train.offsets[at + 1])].join(),
      );
      const kept = new Set(playlists.filter(({ tracks }) => learned.includes(tracks.join())).map(({ group }) => group));
      const known = new Set(train.tokens);
      expect(cases.length).toBeLessThanOrEqual(new Set(groups).size);
      for (const { seeds, hidden } of cases) {
        expect(hidden.size).toBeGreaterThan(0);
        for (const track of hidden) {
          expect(known.has(track)).toBe(true);
          expect(seeds).not.toContain(track);
        }
        const all = [...seeds, ...hidden];
        const source = playlists.find(
          ({ group, tracks }) => !kept.has(group) && all.every((track) => tracks.includes(track)),
        );
        expect(source?.tracks.length ?? 10).toBeGreaterThanOrEqual(10);
      }
    }),
  );
});

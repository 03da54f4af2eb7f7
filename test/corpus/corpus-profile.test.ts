import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { profileCounts, profileLengths } from '../../src/corpus/corpus-profile.ts';

describe('the profile of a corpus', () => {
  test('how long playlists are', () => {
    const lengths = [5, 1, 9, 2, 8, 3, 7, 4, 6, 100, 10];
    const offsets = Uint32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b))]);
    expect(profileLengths(offsets)).toEqual({
      shortest: 1,
      tenth: 2,
      median: 6,
      ninetieth: 10,
      longest: 100,
      mean: 155 / 11,
    });
    expect(profileLengths(Uint32Array.of(0))).toBe(undefined);
  });

  test('what stays with a minimum count is what a count says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 130 }), { maxLength: 60 }), (counts) => {
        const falling = Uint32Array.from(counts.toSorted((a, b) => b - a));
        for (const { minCount, tracks, tokens } of profileCounts(falling)) {
          const left = counts.filter((count) => count >= minCount);
          expect([tracks, tokens]).toEqual([left.length, left.reduce((a, b) => a + b, 0)]);
        }
        const most = Math.max(0, ...counts);
        expect(profileCounts(falling).map(({ minCount }) => minCount)).toEqual(
          [1, 2, 3, 5, 10, 20, 50, 100].filter((minCount) => minCount <= most),
        );
      }),
    );
  });
});

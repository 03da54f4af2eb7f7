import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRecentlyLoved } from '../../src/recommend/recommenders/recently-loved.ts';

const listens = fc.array(
  fc.record({
    row: fc.nat(9),
    plays: fc.integer({ min: 1, max: 20 }),
    weeksAgo: fc.double({ min: 0, max: 300, noNaN: true }),
  }),
  { maxLength: 30 },
);

test('listens, half as much every few weeks', async () => {
  await fc.assert(
    fc.asyncProperty(listens, fc.constantFrom(1, 4, 10), async (history, halfLife) => {
      const { rows, scores } = await openRecentlyLoved(10, halfLife).candidates({ seeds: [], history }, 100);
      expect(new Set(rows)).toEqual(new Set(history.map(({ row }) => row)));
      for (const [at, row] of rows.entries()) {
        const sum = history
          .filter((each) => each.row === row)
          .reduce((total, { plays, weeksAgo }) => total + plays * 0.5 ** (weeksAgo / halfLife), 0);
        expect(scores[at]).toBeCloseTo(sum, 10);
      }
    }),
  );
});

test('a song of this week beats twice as many listens of nine weeks ago; a seed comes back only where it may', async () => {
  const history = [
    { row: 3, plays: 5, weeksAgo: 0.2 },
    { row: 1, plays: 10, weeksAgo: 9 },
    { row: 2, plays: 1, weeksAgo: 0 },
    { row: 2, plays: 2, weeksAgo: 1 },
  ];
  const recommender = openRecentlyLoved(4, 4);
  const seeds = [{ row: 3, weight: 1 }];
  const ask = async (excluded?: Set<number>) => [
    ...(await recommender.candidates({ seeds, history, excluded }, 10)).rows,
  ];
  expect(await ask(new Set())).toEqual([3, 2, 1]);
  expect(await ask()).toEqual([2, 1]);
  expect(await ask(new Set([1, 2, 3]))).toEqual([]);
  expect([...(await recommender.candidates({ seeds }, 10)).rows]).toEqual([]);
});

import { expect, test } from 'vitest';
import { judgePromotion, type LessonScores } from '../../src/recommend/promotion.ts';

/** Scores of playlists 0 .. n - 1, some hard and some easy, moved by `more`. */
const scores = (n: number, more: (at: number) => number, from = 0): LessonScores =>
  Object.fromEntries(Array.from({ length: n }, (_, at) => [String(from + at), 0.2 + (at % 7) / 10 + more(at)]));
const champion = { fingerprint: 'c0ffee', lessons: scores(100, () => 0) };
const noise = (at: number) => ((at * 37) % 11) / 100 - 0.05;

test('the first one is promoted', () => {
  expect(
    judgePromotion(
      scores(3, () => 0),
      undefined,
    ),
  ).toEqual({ promoted: true, why: 'first', against: null, difference: null });
});

test('better or not worse beyond doubt takes the place; worse beyond doubt does not', () => {
  const verdict = (more: (at: number) => number) => judgePromotion(scores(100, more), champion);
  expect(verdict((at) => 0.03 + noise(at))).toMatchObject({ promoted: true, why: 'better', against: 'c0ffee' });
  expect(verdict((at) => noise(at))).toMatchObject({ promoted: true, why: 'no-worse' });
  expect(verdict((at) => -0.002 + noise(at))).toMatchObject({ promoted: true, why: 'no-worse' });
  const worse = verdict((at) => -0.03 + noise(at));
  expect(worse).toMatchObject({ promoted: false, why: 'worse', difference: { cases: 100 } });
  expect(worse.difference!.high).toBeLessThan(0);
});

test('only playlists that both were asked about are compared', () => {
  // Far worse on those that the champion never saw: that says nothing.
  const some = { ...scores(60, noise), ...scores(60, () => -0.2, 1000) };
  expect(judgePromotion(some, champion)).toMatchObject({ promoted: true, difference: { cases: 60 } });
  expect(
    judgePromotion(
      scores(100, () => -0.2, 90),
      champion,
    ),
  ).toMatchObject({
    promoted: true,
    why: 'too-few-in-common',
    difference: { cases: 10 },
  });
});

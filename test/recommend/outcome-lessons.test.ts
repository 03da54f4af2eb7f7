import { describe, expect, test } from 'vitest';
import { featureNames } from '../../src/recommend/blend-features.ts';
import { type LearningCase, learnWeights } from '../../src/recommend/learn-blend.ts';
import { type LessonSong, outcomeLessons } from '../../src/recommend/outcome-lessons.ts';

const MEMBERS = ['a', 'b'];
const NAMES = featureNames(MEMBERS);
const ALL = { members: MEMBERS, playlists: 400, trainOnApiContent: true };

const song = (
  editionId: number,
  outcome: 'kept' | 'skipped' | 'ignored',
  features: Record<string, number> | null = { 'a: score': 0.5 },
  more: Partial<LessonSong> = {},
): LessonSong => ({
  editionId,
  outcome,
  settled: true,
  exportedOutcome: null,
  facts: features === null ? {} : { features, playlists: 3 },
  ...more,
});

describe('lessons of editions', () => {
  test('have the songs as candidates, their features by name, and the kept ones as found', () => {
    const { cases, leftOut, unknownFeatures } = outcomeLessons(
      [
        song(1, 'skipped', { 'a: score': 0.25, popularity: 0.125 }),
        song(2, 'kept'),
        song(1, 'kept', { 'b: place': 1, 'gone: score': 0.5 }),
        song(2, 'ignored', { 'gone: score': 1 }),
      ],
      ALL,
    );
    expect(cases).toHaveLength(2);
    expect(cases[0]).toMatchObject({ found: [1], weight: 4 });
    const { rows, values } = cases[0]!.features;
    expect([...rows]).toEqual([0, 1]);
    const named = (at: number) =>
      Object.fromEntries(
        NAMES.flatMap((name, i) => (values[at * NAMES.length + i] ? [[name, values[at * NAMES.length + i]]] : [])),
      );
    expect([named(0), named(1)]).toEqual([{ 'a: score': 0.25, popularity: 0.125 }, { 'b: place': 1 }]);
    expect(leftOut).toEqual({});
    expect(unknownFeatures).toEqual({ 'gone: score': 2 });
  });

  test('need a song that was kept and one that was not; the others are counted', () => {
    const { cases, leftOut } = outcomeLessons(
      [
        song(1, 'kept'),
        song(1, 'kept'),
        song(2, 'ignored'),
        song(3, 'kept'),
        song(3, 'skipped', null),
        song(4, 'kept'),
        song(4, 'skipped', undefined, { settled: false }),
        song(5, 'skipped', undefined, { outcome: null, settled: false }),
        song(5, 'ignored', { 'a: score': 'much' as unknown as number }),
      ],
      ALL,
    );
    expect(cases).toEqual([]);
    expect(leftOut).toEqual({ 'not-settled': 2, 'no-features': 1, 'nothing-kept': 2, 'all-kept': 4 });
  });

  test('are of the export alone where models may not learn from what the Web API told', () => {
    const songs = [
      song(1, 'kept', undefined, { exportedOutcome: 'skipped' }),
      song(1, 'ignored', undefined, { exportedOutcome: 'kept' }),
      song(2, 'kept'),
      song(2, 'skipped'),
    ];
    const exported = outcomeLessons(songs, { ...ALL, trainOnApiContent: false });
    expect(exported.cases.map(({ found }) => found)).toEqual([[1]]);
    expect(exported.leftOut).toEqual({ 'not-settled': 2 });
    expect(outcomeLessons(songs, ALL).cases.map(({ found }) => found)).toEqual([[0], [0]]);
  });

  test('weigh four playlists each, together at most as much as all playlists, and nothing without them', () => {
    const editions = Array.from({ length: 200 }, (_, id) => [song(id, 'kept'), song(id, 'ignored')]);
    const weightOf = (count: number, playlists: number) =>
      outcomeLessons(editions.slice(0, count).flat(), { ...ALL, playlists }).cases[0]!.weight;
    expect([weightOf(1, 400), weightOf(100, 400), weightOf(200, 400), weightOf(1, 2), weightOf(1, 0)]).toEqual([
      4, 4, 2, 2, 0,
    ]);
  });
});

describe('the weights', () => {
  const width = NAMES.length;
  const [a, b] = [NAMES.indexOf('a: score'), NAMES.indexOf('b: score')];
  /** Ten candidates: `a` is right of seven in ten of the playlists, `b` of the others. */
  const playlists = Array.from({ length: 40 }, (_, at): LearningCase => {
    const values = new Float64Array(10 * width);
    values[(at % 10) * width + a] = 1;
    values[((at + 5) % 10) * width + b] = 1;
    return {
      features: { rows: Uint32Array.from({ length: 10 }, (_, row) => row), values },
      found: [(at + (at % 10 < 7 ? 0 : 5)) % 10],
    };
  });
  /** Songs of `b` were kept, songs of `a` were not. */
  const lessons = (editions: number, keptOf = 'b') =>
    outcomeLessons(
      Array.from({ length: editions }, (_, id) => [
        song(id, keptOf === 'b' ? 'kept' : 'skipped', { 'b: score': 1 }),
        song(id, keptOf === 'b' ? 'ignored' : 'kept', { 'a: score': 1 }),
      ]).flat(),
      { ...ALL, playlists: playlists.length },
    ).cases;
  const lead = (cases: readonly LearningCase[]) => {
    const weights = learnWeights(cases, new Float64Array(width));
    return weights[b]! - weights[a]!;
  };

  test('move to the member whose songs were kept, the more editions say so, and no further than the playlists let them', () => {
    const leads = [0, 1, 4, 10, 20, 200].map((editions) => lead([...playlists, ...lessons(editions)]));
    // Without editions the playlists' member leads.
    expect(leads[0]).toBeLessThan(0);
    for (const [at, each] of leads.slice(1, 4).entries()) expect(each).toBeGreaterThan(leads[at]!);
    // From ten editions on they weigh as much as the forty playlists, and never more.
    expect(leads[4]).toBeCloseTo(leads[3]!, 6);
    expect(leads[5]).toBeCloseTo(leads[3]!, 6);
    // Alone they would say much more.
    expect(lead(lessons(200))).toBeGreaterThan(2 * leads[5]!);
    expect(lead([...playlists, ...lessons(10, 'a')])).toBeLessThan(leads[0]!);
  });

  test('of a case count as often as it says', () => {
    const [first, second] = playlists as [LearningCase, LearningCase];
    const begun = new Float64Array(width).fill(0.5);
    const thrice = learnWeights([first, first, first, second], begun);
    for (const [i, weight] of learnWeights([{ ...first, weight: 3 }, second], begun).entries())
      expect(weight).toBeCloseTo(thrice[i]!, 6);
    expect(learnWeights([{ ...first, weight: 1 }, second], begun)).toEqual(learnWeights([first, second], begun));
    expect(learnWeights([{ ...first, weight: 0 }, second], begun)).toEqual(learnWeights([second], begun));
    expect(learnWeights([{ ...first, weight: 0 }], begun)).toEqual(begun);
  });
});

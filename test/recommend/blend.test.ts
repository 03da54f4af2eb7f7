import { describe, expect, test } from 'vitest';
import { blendOf } from '../../src/recommend/blend.ts';
import { columnsOf, featureNames, featuresOf } from '../../src/recommend/blend-features.ts';
import { takeLessons } from '../../src/recommend/blend-lessons.ts';
import { type LearningCase, learnWeights, scoresOf } from '../../src/recommend/learn-blend.ts';
import { matrixOf, withoutPlaylists } from '../../src/recommend/playlist-matrix.ts';
import {
  makeReady,
  NO_ARTIST,
  NOTHING,
  type Question,
  type Ranking,
  type RecommenderKind,
  type World,
} from '../../src/recommend/recommender.ts';
import { neighbours } from '../../src/recommend/recommenders/neighbours.ts';
import { popular } from '../../src/recommend/recommenders/popular.ts';
import { MEMBERS, RECOMMENDERS } from '../../src/recommend/recommenders.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../../src/recommend/train-on-playlists.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { sequences, twoGenres } from '../vectors/two-genres.ts';
import { GENRE_SIZE, manyGenres } from './many-genres.ts';

const ranking = (...entries: [row: number, score: number][]): Ranking => ({
  rows: Uint32Array.from(entries, ([row]) => row),
  scores: Float64Array.from(entries, ([, score]) => score),
});

const corpus = twoGenres();
const vocabulary = buildVocabulary(corpus, 1);
const playlists = matrixOf(corpus, vocabulary);

describe('features', () => {
  test('what each member says of each candidate, and what is known besides', () => {
    const artistOf = Uint32Array.from({ length: 40 }, (_, row) => (row === 9 ? NO_ARTIST : row % 2));
    const question = {
      seeds: [
        { row: 2, weight: 1 },
        { row: 4, weight: 2 },
        { row: 5, weight: 1 },
        { row: 9, weight: 4 },
      ],
    };
    const table = featuresOf([ranking([3, 8], [1, 2]), ranking([1, 5])], question, { playlists, artistOf });
    const names = featureNames(['a', 'b']);
    expect([...table.rows]).toEqual([1, 3]);
    const row = (at: number) =>
      Object.fromEntries(names.map((name, column) => [name, table.values[at * names.length + column]]));
    expect(row(0)).toMatchObject({
      'a: score': 0.25,
      'a: root': 0.5,
      'b: score': 1,
      'b: place': 1,
      agreement: 1,
      artist: Math.sqrt(1 / 8),
    });
    expect(row(0)['a: place']).toBeCloseTo(1 - Math.log(2) / Math.log(501), 12);
    expect(row(1)).toMatchObject({ 'a: score': 1, 'a: place': 1, 'b: score': 0, 'b: place': 0, agreement: 0.5 });
    expect(row(1).popularity).toBeGreaterThan(0);
    expect(row(1).popularity).toBeLessThan(row(0).popularity!);
    expect(columnsOf(1).map((column) => names[column])).toEqual(['b: score', 'b: root', 'b: place']);
  });

  test('how lately an artist was heard halves every four weeks, whichever song of theirs it was', () => {
    const artistOf = Uint32Array.from({ length: 40 }, (_, row) => (row === 9 ? NO_ARTIST : row % 4));
    const history = [
      { row: 1, plays: 1, weeksAgo: 8 },
      { row: 5, plays: 9, weeksAgo: 4 },
      { row: 2, plays: 1, weeksAgo: 0 },
      { row: 9, plays: 1, weeksAgo: 0 },
    ];
    const spoken = [ranking([9, 3], [13, 2], [6, 2], [7, 1])];
    const table = featuresOf(spoken, { seeds: [], history }, { playlists, artistOf });
    const width = featureNames(['a']).length;
    const recency = featureNames(['a']).indexOf('recency');
    expect(Array.from(table.rows, (row, at) => [row, table.values[at * width + recency]])).toEqual([
      [6, 1],
      [7, 0],
      [9, 0],
      [13, 0.5],
    ]);
  });

  test('a silent member changes nothing', () => {
    const question = { seeds: [{ row: 2, weight: 1 }] };
    const spoken = [ranking([3, 8], [1, 2]), ranking([1, 5])];
    const names = featureNames(['a', 'b', 'silent']);
    const without = featuresOf(spoken, question, { playlists });
    const silent = featuresOf([...spoken, NOTHING], question, { playlists });
    expect(silent.rows).toEqual(without.rows);
    const kept = names.filter((name) => !name.startsWith('silent'));
    for (const [at] of silent.rows.entries()) {
      const row = silent.values.subarray(at * names.length, (at + 1) * names.length);
      expect(row.filter((_, column) => !names[column]!.startsWith('silent'))).toEqual(
        without.values.subarray(at * kept.length, (at + 1) * kept.length),
      );
      expect([...row.filter((_, column) => names[column]!.startsWith('silent'))]).toEqual([0, 0, 0]);
    }
  });

  test('scores that say nothing, or less than nothing, are nought', () => {
    const table = featuresOf([ranking([2, 0], [4, -3])], { seeds: [] }, { playlists });
    expect([...table.values].every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});

describe('weights', () => {
  /** A member that is right and one that is not, on cases of ten candidates. */
  const cases = Array.from({ length: 400 }, (_, at): LearningCase => {
    const right = at % 10;
    const values = Float64Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0 ? Number(i / 2 === right) : Number((i - 1) / 2 === (right * 3 + 1) % 10),
    );
    return { features: { rows: Uint32Array.from({ length: 10 }, (_, row) => row), values }, found: [right] };
  });

  test('go to the member that is right', () => {
    const weights = learnWeights(cases, new Float64Array(2));
    expect(weights[0]).toBeGreaterThan(1);
    expect(weights[1]).toBeLessThan(weights[0]! / 2);
    for (const { features, found } of cases) {
      const scores = scoresOf(features, weights);
      expect(scores.indexOf(Math.max(...scores))).toBe(found[0]);
    }
  });

  test('stay near those to begin with while cases are few', () => {
    const begun = Float64Array.of(0, 3);
    const few = learnWeights(cases.slice(0, 2), begun);
    const many = learnWeights(cases, begun);
    expect(few[1]! - few[0]!).toBeGreaterThan(1);
    expect(many[0]).toBeGreaterThan(many[1]!);
  });

  test('stay as they are where nothing can be learned', () => {
    const begun = Float64Array.of(1, 2);
    expect(
      learnWeights(
        cases.map((each) => ({ ...each, found: [] })),
        begun,
      ),
    ).toEqual(begun);
    expect(learnWeights([], begun)).toEqual(begun);
  });
});

test('playlists put aside leave the others as they are, and the rows too', () => {
  const lists = [
    [0, 1],
    [2, 3, 4],
    [1, 4],
    [0, 4],
  ];
  const all = matrixOf(sequences(lists), { rowOf: Int32Array.of(0, 1, 2, 3, 4), tokens: new Uint32Array(5) });
  const left = withoutPlaylists(all, (playlist) => playlist === 1);
  expect(left).toEqual(
    matrixOf(sequences([lists[0]!, lists[2]!, lists[3]!]), {
      rowOf: Int32Array.of(0, 1, 2, 3, 4),
      tokens: new Uint32Array(5),
    }),
  );
  expect([...left.holderStarts]).toEqual([0, 2, 4, 4, 4, 6]);
});

describe('the blend', () => {
  const { corpus: lists, groups } = manyGenres(240, 4);
  const words = buildVocabulary(lists, 1);
  const genreOfRow = (row: number) => Math.floor(words.tokens[row]! / GENRE_SIZE);

  /** Says nothing, and keeps what it was asked. */
  const listener = (asked: Question[]): RecommenderKind => ({
    name: 'listener',
    summary: '',
    fit: async () => ({}),
    open: async () => ({
      async candidates(question) {
        asked.push(question);
        return NOTHING;
      },
      close: async () => {},
    }),
  });
  const options = { threads: 1, signal: new AbortController().signal };
  const world: World = {
    playlists: matrixOf(lists, words),
    groups,
    names: Array.from(groups, (group) => `Playlist ${group}`),
    vectorsOf: vectorsByPlaylists(trainOnPlaylists),
  };

  test('has the same to say with a member that is silent', async () => {
    const [with_, without] = [
      await makeReady(blendOf([popular, listener([]), neighbours]), world, options),
      await makeReady(blendOf([popular, neighbours]), world, options),
    ];
    const seeds = [0, 1, 2].map((token) => ({ row: words.rowOf[token]!, weight: 1 }));
    const [one, other] = [await with_.candidates({ seeds }, 50), await without.candidates({ seeds }, 50)];
    expect({ rows: one.rows, scores: one.scores }).toEqual({ rows: other.rows, scores: other.scores });
    expect(new Set(one.parts!.listener)).toEqual(new Set([0]));
  });

  test('learns from playlists of which every second one tells its name', async () => {
    const asked: Question[] = [];
    await takeLessons([listener(asked)], world, options);
    expect(asked.length).toBe(24);
    const named = asked.filter(({ name }) => name !== undefined);
    expect(named.length).toBeGreaterThan(4);
    expect(named.length).toBeLessThan(20);
    for (const { name, seeds } of named) {
      const { starts, rows } = world.playlists;
      const at = world.names!.indexOf(name!);
      for (const { row } of seeds) expect(rows.subarray(starts[at]!, starts[at + 1]!)).toContain(row);
    }
  });

  test('learns from weeks of one listener, without the playlists made of what they played', async () => {
    const asked: Question[] = [];
    const own = 8;
    const { starts, rows } = world.playlists;
    const songs = Array.from(rows.subarray(starts[own]!, starts[own + 1]!));
    const history = songs.slice(0, 6).map((row) => ({ row, plays: 1, weeksAgo: 1 }));
    const week = {
      seeds: songs.slice(0, 6).map((row) => ({ row, weight: 1 })),
      history,
      excluded: new Set(songs.slice(0, 6)),
      hidden: new Set([...songs.slice(6), -1]),
    };
    const nothingNew = { ...week, hidden: new Set([-1]) };
    let learnedFrom: readonly string[] = [];
    const seen: RecommenderKind = {
      ...neighbours,
      async open(left, ...rest) {
        learnedFrom = left.names!;
        return await neighbours.open(left, ...rest);
      },
    };
    const isOwn = (playlist: number) => playlist === own;
    const without = await takeLessons([seen, listener([])], world, options);
    const name = world.names![own]!;
    const before = learnedFrom;
    expect(before).toContain(name);
    const lessons = await takeLessons([seen, listener(asked)], world, options, { isOwn, weeks: [week, nothingNew] });
    expect(learnedFrom).toEqual(before.filter((each) => each !== name));
    expect(without.weeks).toEqual([]);
    expect(lessons.playlists).toHaveLength(without.playlists.length);
    expect(lessons.weeks).toHaveLength(1);
    const [{ features, found, weight }] = lessons.weeks as [(typeof lessons.weeks)[number]];
    expect(weight).toBe(4);
    expect(found.map((at) => features.rows[at]!).every((row) => week.hidden.has(row))).toBe(true);
    expect(asked.at(-1)).toMatchObject({ history });
    for (const row of week.excluded) expect(asked.at(-1)!.excluded).toContain(row);
  });

  test('finds the genre, says what each member brought, and learns the same weights again', async () => {
    const kind = RECOMMENDERS.find(({ name }) => name === 'blend')!;
    const [blend, again] = [await makeReady(kind, world, options), await makeReady(kind, world, options)];
    try {
      const seeds = [0, 1, 2].map((token) => ({ row: words.rowOf[2 * GENRE_SIZE + token]!, weight: 1 }));
      const answer = await blend.candidates({ seeds }, 20);
      const { rows, parts, places, features } = answer;
      expect(Array.from(rows, genreOfRow)).toEqual(Array(20).fill(2));
      expect(Object.keys(parts!)).toEqual(MEMBERS.map(({ name }) => name));
      for (const column of [parts!, places!, features!].flatMap((columns) =>
        Object.values<ArrayLike<number>>(columns),
      )) {
        expect(column).toHaveLength(rows.length);
      }
      expect(await again.candidates({ seeds }, 20)).toEqual(answer);
    } finally {
      await Promise.all([blend.close(), again.close()]);
    }
  });
});

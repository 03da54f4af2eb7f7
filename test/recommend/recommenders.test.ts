import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standardise } from '../../src/recommend/audio-features.ts';
import { matrixOf } from '../../src/recommend/playlist-matrix.ts';
import { makeReady, type Recommender, type SeedRow, type World } from '../../src/recommend/recommender.ts';
import { RECOMMENDERS } from '../../src/recommend/recommenders.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { genreOf, twoGenres } from '../vectors/two-genres.ts';
import { featuresOf } from './feature-worlds.ts';
import { tinyWorld } from './tiny-world.ts';

// What every recommender must do, on a world whose answers are known: playlists of jazz or of techno, never of both.

const corpus = twoGenres();
const vocabulary = buildVocabulary(corpus, 1);
const world: World = {
  playlists: matrixOf(corpus, vocabulary),
  groups: Uint32Array.from({ length: corpus.offsets.length - 1 }, (_, at) => at),
  names: Array.from({ length: 200 }, (_, at) => `${at % 2 === 0 ? 'Jazz' : 'Techno'} ${at}`),
  // Of fewer playlists the same: the rows are what matters here.
  // Seven artists a genre, as in tiny-world.ts.
  artistOf: vocabulary.tokens.map((token) => 7 * genreOf(token) + (token % 7)),
  // Jazz is slow and acoustic, techno fast and not.
  features: standardise(
    featuresOf(
      Array.from(vocabulary.tokens, (token) =>
        genreOf(token) === 0
          ? { tempo: 84 + (token % 6), acousticness: 0.6 + (token % 4) / 20, key: token % 12, mode: token % 2 }
          : { tempo: 126 + (token % 6), acousticness: (token % 4) / 20, key: token % 12, mode: token % 2 },
      ),
    ),
    Uint32Array.from(vocabulary.tokens.keys()),
  ),
  vectorsOf: async () => tinyWorld().model,
};
const options = { threads: 2, signal: new AbortController().signal };
const played = (token: number) => ({ row: vocabulary.rowOf[token]!, plays: 1, weeksAgo: token % 3 });
const size = vocabulary.tokens.length;
const seed = (token: number, weight = 1): SeedRow => ({ row: vocabulary.rowOf[token]!, weight });
/** For those that go by something else than seeds: a name, and what was heard before. */
const BESIDES = {
  name: 'jazz 9',
  history: [0, 7, 9, 12, 21, 30].map((token, at) => ({ ...played(token), plays: at + 1 })),
};
const SEEDLESS = new Set(['popular', 'recently-loved', 'names']);
const genres = (rows: Uint32Array) => Array.from(rows, (row) => genreOf(vocabulary.tokens[row]!));

test('names are their own, and those of their files', async () => {
  const names = RECOMMENDERS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names.slice(0, -1))
    await expect(import(`../../src/recommend/recommenders/${name}.ts`)).resolves.toBeDefined();
});

describe.each(RECOMMENDERS)('$name', (kind) => {
  const { name } = kind;
  let recommender: Recommender;
  beforeAll(async () => {
    recommender = await makeReady(kind, world, options);
  });
  afterAll(async () => {
    await recommender.close();
  });

  test('best first, never a seed, no row twice, at most k', async () => {
    const seeds = [seed(0), seed(3, 2), seed(21)];
    const all = await recommender.candidates({ seeds, ...BESIDES }, 1000);
    expect(all.rows.length).toBeGreaterThan(3);
    expect(all.scores).toHaveLength(all.rows.length);
    expect([...all.scores]).toEqual([...all.scores].sort((a, b) => b - a));
    expect(new Set(all.rows).size).toBe(all.rows.length);
    for (const { row } of seeds) expect(all.rows).not.toContain(row);
    expect(Math.max(...all.rows)).toBeLessThan(size);
    const few = await recommender.candidates({ seeds, ...BESIDES }, 4);
    expect([...few.rows]).toEqual([...all.rows.slice(0, 4)]);
    expect((await recommender.candidates({ seeds, ...BESIDES }, 0)).rows).toHaveLength(0);
  });

  test('what the question excludes stays out, and nothing else: seeds may come back', async () => {
    const seeds = [seed(0), seed(3, 2), seed(21)];
    const all = await recommender.candidates({ seeds, ...BESIDES, excluded: new Set() }, 1000);
    const [first, second] = all.rows;
    const excluded = new Set([first!, second!]);
    const others = await recommender.candidates({ seeds, ...BESIDES, excluded }, 1000);
    expect(new Set(others.rows)).toEqual(new Set(all.rows.filter((row) => !excluded.has(row))));
    const usual = await recommender.candidates({ seeds, ...BESIDES }, 1000);
    expect(all.rows.length).toBeGreaterThan(usual.rows.length);
  });

  test('the same question has the same answer, whatever was asked in between, and made ready anew', async () => {
    const seeds = [seed(0), seed(5, 3)];
    const question = { seeds, ...BESIDES };
    const before = await recommender.candidates(question, 20);
    await recommender.candidates({ seeds: [seed(25)], name: 'techno' }, 20);
    expect(await recommender.candidates(question, 20)).toEqual(before);
    const another = await makeReady(kind, world, { ...options, threads: 1 });
    try {
      expect(await another.candidates(question, 20)).toEqual(before);
    } finally {
      await another.close();
    }
  });

  test('without seeds that it knows it has nothing to go by', async () => {
    const none = await recommender.candidates({ seeds: [] }, 5);
    // What everybody has is all that is left to say.
    expect(none.rows).toHaveLength(['popular', 'blend'].includes(name) ? 5 : 0);
  });

  test.skipIf(SEEDLESS.has(name))('jazz leads to jazz, techno to techno', async () => {
    const jazz = await recommender.candidates({ seeds: [seed(0), seed(1), seed(5)] }, 12);
    const techno = await recommender.candidates({ seeds: [seed(20), seed(27), seed(31)] }, 12);
    expect(genres(jazz.rows)).toEqual(Array(12).fill(0));
    expect(genres(techno.rows)).toEqual(Array(12).fill(1));
  });

  test.skipIf(SEEDLESS.has(name))('the heavier seed decides', async () => {
    const first = async (jazz: number, techno: number) =>
      genres((await recommender.candidates({ seeds: [seed(2, jazz), seed(22, techno)] }, 1)).rows)[0];
    expect(await first(10, 1)).toBe(0);
    expect(await first(1, 10)).toBe(1);
  });
});

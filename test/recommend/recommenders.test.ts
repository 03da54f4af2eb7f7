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
const size = vocabulary.tokens.length;
const seed = (token: number, weight = 1): SeedRow => ({ row: vocabulary.rowOf[token]!, weight });
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
    const all = await recommender.candidates({ seeds }, 1000);
    expect(all.scores).toHaveLength(all.rows.length);
    expect([...all.scores]).toEqual([...all.scores].sort((a, b) => b - a));
    expect(new Set(all.rows).size).toBe(all.rows.length);
    for (const { row } of seeds) expect(all.rows).not.toContain(row);
    expect(Math.max(...all.rows)).toBeLessThan(size);
    const few = await recommender.candidates({ seeds }, 4);
    expect([...few.rows]).toEqual([...all.rows.slice(0, 4)]);
    expect((await recommender.candidates({ seeds }, 0)).rows).toHaveLength(0);
  });

  test('the same question has the same answer, whatever was asked in between, and made ready anew', async () => {
    const seeds = [seed(0), seed(5, 3)];
    const before = await recommender.candidates({ seeds }, 20);
    await recommender.candidates({ seeds: [seed(25)] }, 20);
    expect(await recommender.candidates({ seeds }, 20)).toEqual(before);
    const another = await makeReady(kind, world, { ...options, threads: 1 });
    try {
      expect(await another.candidates({ seeds }, 20)).toEqual(before);
    } finally {
      await another.close();
    }
  });

  test('without seeds that it knows it has nothing to go by', async () => {
    const none = await recommender.candidates({ seeds: [] }, 5);
    expect([0, 5]).toContain(none.rows.length);
    if (name === 'popular') expect(none.rows).toHaveLength(5);
  });

  test.skipIf(name === 'popular')('jazz leads to jazz, techno to techno', async () => {
    const jazz = await recommender.candidates({ seeds: [seed(0), seed(1), seed(5)] }, 12);
    const techno = await recommender.candidates({ seeds: [seed(20), seed(27), seed(31)] }, 12);
    expect(genres(jazz.rows)).toEqual(Array(12).fill(0));
    expect(genres(techno.rows)).toEqual(Array(12).fill(1));
  });

  test.skipIf(name === 'popular')('the heavier seed decides', async () => {
    const first = async (jazz: number, techno: number) =>
      genres((await recommender.candidates({ seeds: [seed(2, jazz), seed(22, techno)] }, 1)).rows)[0];
    expect(await first(10, 1)).toBe(0);
    expect(await first(1, 10)).toBe(1);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexNames } from '../../src/recommend/name-index.ts';
import { gramsOf, wordsOf } from '../../src/recommend/name-words.ts';
import { holdersCount, matrixOf } from '../../src/recommend/playlist-matrix.ts';
import { makeReady, type World } from '../../src/recommend/recommender.ts';
import { type NameSettings, names, openNames } from '../../src/recommend/recommenders/names.ts';
import { withoutPlaylistsOf } from '../../src/recommend/smaller-world.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { sequences } from '../vectors/two-genres.ts';

const { signal } = new AbortController();
const options = { threads: 1, signal };

test.each([
  ["Classic Rock '70s", ['classic', 'rock', '70s']],
  ['Música & Café', ['musica', 'and', 'cafe']],
  ['rock rock ROCK', ['rock']],
  ['🔥gym🔥', ['gym', '🔥']],
  ['夏の歌', ['夏の歌']],
  [' ... ', []],
  ['', []],
])('the words of %j', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test('grams are three letters in a row, ends marked', () => {
  expect(gramsOf(['rock'])).toEqual([' ro', 'roc', 'ock', 'ck ']);
  expect(gramsOf(['a', '🔥', 'a'])).toEqual([' a ', ' 🔥 ']);
  expect(gramsOf([])).toEqual([]);
});

/** The similarity of two names by its formula. */
function similarity(a: string, b: string, all: readonly string[], gramWeight: number): number {
  const cosine = (featuresOf: (name: string) => readonly string[]) => {
    const usable = all.filter((name) => wordsOf(name).length > 0);
    const idfIn = (feature: string) => {
      const having = usable.filter((name) => featuresOf(name).includes(feature)).length;
      return having === 0 ? undefined : Math.log(1 + all.length / having);
    };
    const rarest = Math.log(1 + all.length);
    const norm = (name: string) =>
      Math.sqrt(featuresOf(name).reduce((sum, feature) => sum + (idfIn(feature) ?? rarest) ** 2, 0));
    const shared = featuresOf(a).filter((feature) => featuresOf(b).includes(feature));
    return shared.reduce((sum, feature) => sum + idfIn(feature)! ** 2, 0) / (norm(a) * norm(b) || 1);
  };
  return (1 - gramWeight) * cosine(wordsOf) + gramWeight * cosine((name) => gramsOf(wordsOf(name)));
}

const word = fc.constantFrom('rock', 'rocks', 'jazz', 'gym', '90s', '🔥', 'Été');
const name = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '));
const playlists = fc.array(fc.record({ name, tracks: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 6 }) }), {
  minLength: 2,
  maxLength: 10,
});

test('titles are as like a name as the formula says, and names of the same words are one title', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(name, { minLength: 1, maxLength: 10 }),
      name,
      fc.constantFrom(0, 0.3, 1),
      async (all, asked, grams) => {
        const index = await indexNames(all, grams, signal);
        const { titles, similarities } = index.like(asked, 100);
        const found = new Map(
          Array.from(titles, (title, at) =>
            index.playlistsOf[title]!.map((playlist) => [playlist, similarities[at]!] as const),
          ).flat(),
        );
        for (const [playlist, each] of all.entries()) {
          expect(found.get(playlist) ?? 0).toBeCloseTo(similarity(asked, each, all, grams), 10);
        }
        expect([...similarities]).toEqual([...similarities].sort((a, b) => b - a));
        if (grams > 0) expect(index.like('rock jazz', 100)).toEqual(index.like('JAZZ, rock', 100));
      },
    ),
  );
});

describe('the recommender', () => {
  const settings = fc.record({
    titles: fc.constant(100),
    gramWeight: fc.constantFrom(0, 0.3),
    amplification: fc.constantFrom(1, 2),
    lengthDamping: fc.constantFrom(0, 0.5),
    popularityDamping: fc.constantFrom(0, 0.2),
  });

  test('gives each song the similarities of the playlists it stands in, damped', async () => {
    await fc.assert(
      fc.asyncProperty(playlists, name, settings, async (given, asked, chosen: NameSettings) => {
        const lists = given.map(({ tracks }) => tracks);
        const corpus = sequences(lists);
        const vocabulary = buildVocabulary(corpus, 1);
        const matrix = matrixOf(corpus, vocabulary);
        const all = given.map((each) => each.name);
        const recommender = openNames(matrix, await indexNames(all, chosen.gramWeight, signal), chosen);
        const { rows, scores } = await recommender.candidates({ seeds: [], name: asked }, 100);
        for (const [row, token] of vocabulary.tokens.entries()) {
          const expected =
            holdersCount(matrix, row) ** -chosen.popularityDamping *
            given
              .filter(({ tracks }) => tracks.includes(token))
              .reduce(
                (sum, each) =>
                  sum +
                  similarity(asked, each.name, all, chosen.gramWeight) ** chosen.amplification *
                    each.tracks.length ** -chosen.lengthDamping,
                0,
              );
          expect(scores[rows.indexOf(row)] ?? 0).toBeCloseTo(expected, 10);
        }
      }),
    );
  });

  const corpus = sequences([
    [0, 1, 2],
    [1, 2, 3],
    [4, 5],
    [6, 7],
  ]);
  const vocabulary = buildVocabulary(corpus, 1);
  const world: World = {
    playlists: matrixOf(corpus, vocabulary),
    groups: Uint32Array.of(0, 1, 2, 3),
    names: ['Classic Rock', 'Rock Classics!', 'Sleep', ''],
    vectorsOf: async () => {
      throw new Error('nobody asked for vectors');
    },
  };
  const tokens = (rows: Uint32Array) => Array.from(rows, (row) => vocabulary.tokens[row]!).sort();

  test('continues a playlist that has a name and no songs', async () => {
    const recommender = await makeReady(names, world, options);
    expect(tokens((await recommender.candidates({ seeds: [], name: 'rock, classic' }, 10)).rows)).toEqual([0, 1, 2, 3]);
    expect(tokens((await recommender.candidates({ seeds: [], name: 'sleepy' }, 10)).rows)).toEqual([4, 5]);
  });

  test('is silent where it knows no name: of the question, of one like it, of any playlist', async () => {
    const recommender = await makeReady(names, world, options);
    for (const asked of [undefined, '', '...', 'xylophone'])
      expect((await recommender.candidates({ seeds: [{ row: 0, weight: 1 }], name: asked }, 10)).rows).toHaveLength(0);
    const nameless = await makeReady(names, { ...world, names: undefined }, options);
    expect((await nameless.candidates({ seeds: [], name: 'rock' }, 10)).rows).toHaveLength(0);
  });

  test('names follow their playlists into a smaller world', async () => {
    const smaller = withoutPlaylistsOf(world, (playlist) => playlist < 2);
    expect(smaller).toMatchObject({ names: ['Sleep', ''], groups: Uint32Array.of(2, 3) });
    const recommender = await makeReady(names, smaller, options);
    expect(tokens((await recommender.candidates({ seeds: [], name: 'Sleep' }, 10)).rows)).toEqual([4, 5]);
    expect(withoutPlaylistsOf({ ...world, names: undefined }, () => false).names).toBeUndefined();
  });
});

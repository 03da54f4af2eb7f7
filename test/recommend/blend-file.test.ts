import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBlend } from '../../src/recommend/blend.ts';
import { type BlendContents, isBlendFolder, openBlendFile, writeBlend } from '../../src/recommend/blend-file.ts';
import { matrixOf } from '../../src/recommend/playlist-matrix.ts';
import { makeReady, type World } from '../../src/recommend/recommender.ts';
import { MEMBERS, RECOMMENDERS } from '../../src/recommend/recommenders.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../../src/recommend/train-on-playlists.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { manyGenres } from './many-genres.ts';

const { corpus, groups } = manyGenres(60, 3);
const vocabulary = buildVocabulary(corpus, 1);
const playlists = matrixOf(corpus, vocabulary);
const names = {
  starts: Uint32Array.from({ length: playlists.playlists + 1 }, (_, at) => 2 * at),
  bytes: new Uint8Array(2 * playlists.playlists).fill(65),
};
const artistOf = Uint32Array.from({ length: playlists.tracks }, (_, row) => row % 7);
const plain: BlendContents = {
  playlists,
  names,
  artistOf,
  knowledge: { 'a.b': Float32Array.of(1, 2.5), w: Float64Array.of(0.1), 'c.d': new Uint32Array(0) },
};

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'segue-blend-')), 'blend');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

test('what was written is read back, and replaces what was there', async () => {
  await writeBlend(folder, { ...plain, knowledge: { other: Float64Array.of(1) } });
  await writeBlend(folder, plain);
  expect(await openBlendFile(folder)).toEqual(plain);
  expect(await readdir(join(folder, '..'))).toEqual(['blend']);
});

test('recommenders opened from files answer as those that have just learned', async () => {
  const world: World = { playlists, groups, artistOf, vectorsOf: vectorsByPlaylists(trainOnPlaylists) };
  const options = { threads: 1, signal: new AbortController().signal };
  const kind = RECOMMENDERS.at(-1)!;
  const knowledge = await kind.fit(world, options);
  await writeBlend(folder, { playlists, names, artistOf, knowledge });
  const read = await openBlendFile(folder);
  const learned = await makeReady(kind, world, options);
  const opened = await openBlend(
    MEMBERS,
    read.knowledge.weights as Float64Array,
    {
      ...world,
      playlists: read.playlists,
      artistOf: read.artistOf,
      vectorsOf: () => world.vectorsOf(playlists, options),
    },
    read.knowledge,
    options,
  );
  try {
    const question = { seeds: [3, 8, 20].map((row) => ({ row, weight: 1 })) };
    expect(await opened.candidates(question, 40)).toEqual(await learned.candidates(question, 40));
  } finally {
    await Promise.all([learned.close(), opened.close()]);
  }
});

describe('refused with a reason', () => {
  const change = async (name: string, to: (bytes: Buffer) => Buffer | string) =>
    await writeFile(join(folder, name), to(await readFile(join(folder, name))));

  test.each<[string, () => Promise<void>, string]>([
    ['nothing there', () => rm(folder, { recursive: true }), 'blend-missing'],
    ['a file gone', () => rm(join(folder, 'playlists.rows.u32')), 'blend-damaged'],
    ['a bit turned', () => change('knowledge.w.f64', (bytes) => Buffer.from(bytes.fill(7, 3, 4))), 'blend-damaged'],
    ['cut short', () => change('names.bytes.u8', (bytes) => bytes.subarray(0, -1)), 'blend-damaged'],
    ['no JSON', () => change('manifest.json', () => '{'), 'blend-damaged'],
    [
      'a newer version',
      () => change('manifest.json', (text) => `${text}`.replace('"version": 2', '"version": 3')),
      'blend-too-new',
    ],
    [
      'an older version',
      () => change('manifest.json', (text) => `${text}`.replace('"version": 2', '"version": 1')),
      'blend-too-old',
    ],
    [
      'a shape that does not fit',
      () => change('manifest.json', (text) => `${text}`.replace(/"tracks": \d+/, '"tracks": 3')),
      'blend-damaged',
    ],
    [
      'a file of no known type',
      () => change('manifest.json', (text) => `${text}`.replace('"names.bytes.u8"', '"../names"')),
      'blend-damaged',
    ],
  ])('%s', async (_, damage, code) => {
    await writeBlend(folder, plain);
    expect(await isBlendFolder(folder)).toBe(true);
    await damage();
    await expect(openBlendFile(folder)).rejects.toMatchObject({ code });
    if (['blend-missing', 'blend-too-old', 'blend-too-new'].includes(code))
      expect(await isBlendFolder(folder)).toBe(false);
  });
});

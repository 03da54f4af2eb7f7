import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { speak } from './speak.ts';

// gensim's own files (test/fixtures/vectors/LICENSE).
const fixtures = join(import.meta.dirname, '../fixtures/vectors');
const given = join(fixtures, 'tt_playlists.w2v.bin');

let world: SmallWorld;
let app: App;

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const segue = (...words: string[]) => speak(app, words, { folder: world.files });

test('without song vectors, info and export say what to do', async () => {
  for (const words of [['info'], ['export', 'songs.bin']]) {
    const { exitCode, noted } = await segue('vectors', ...words);
    expect([exitCode, noted[0]]).toEqual([1, 'There are no song vectors yet.']);
  }
});

test('info tells what a file holds before it is imported', async () => {
  const { said } = await segue('vectors', 'info', given);
  expect(said).toContainEqual(expect.stringMatching(/^vectors +30 x 32 dimensions$/));
  expect(said).toContainEqual(expect.stringMatching(/^tokens +30 Spotify ids, URIs or links$/));
  expect(said.at(-1)).toBe(`Next: segue vectors import ${given}`);
  const { json } = await segue('vectors', 'info', given, '--json');
  expect(json).toMatchObject({ format: 'word2vec-binary', hasFirstLine: true, read: 30, usable: 30, dimensions: 32 });
});

test('import, info and export go round; the export is the file that was imported', async () => {
  const odd = join(world.files, 'odd.txt');
  const lines = (await readFile(join(fixtures, 'tt_playlists.w2v.txt'), 'utf8')).trim().split('\n');
  const numbers = lines[1]!.slice(lines[1]!.indexOf(' '));
  await writeFile(
    odd,
    [`33 32`, ...lines.slice(1), `rock${numbers}`, `Nobody - Nothing${numbers}`, `${lines[1]}`, ''].join('\n'),
  );
  const imported = await segue('vectors', 'import', 'odd.txt', '--name', 'Of gensim');
  expect(imported.exitCode).toBe(0);
  expect(imported.said).toContainEqual(expect.stringMatching(/^found +30 of 33 vectors of 32 dimensions$/));
  expect(imported.said).toContainEqual(expect.stringMatching(/^1 +the same token again$/));
  expect(imported.said).toContainEqual(expect.stringMatching(/^1 +neither an id nor artist and title +rock$/));
  expect(imported.said).toContainEqual(
    expect.stringMatching(/^1 +no track of this artist and title .* Nobody - Nothing$/),
  );
  expect(imported.reports).toContainEqual({ label: 'Reading vectors', done: 33, total: 33, unit: 'vectors' });

  const info = await segue('vectors', 'info');
  expect(info.said).toContainEqual(expect.stringMatching(/^vectors +30 songs x 32 dimensions, imported$/));
  expect(info.said).toContainEqual(expect.stringMatching(/^from +Of gensim /));
  expect(info.said).toContainEqual(expect.stringMatching(/^found +30 of 33 \(30 by id, 0 by artist and title\)$/));
  for (const line of [...imported.said, ...info.said]) expect(line).not.toMatch(/[{}]|undefined|NaN,|null|\[object/);

  const exported = await segue('vectors', 'export', 'songs.bin', '--json');
  expect(exported.json).toMatchObject({
    path: join(world.files, 'songs.bin'),
    vectors: 30,
    dimensions: 32,
    bytes: 4536,
  });
  expect((await readFile(join(world.files, 'songs.bin'))).equals(await readFile(given))).toBe(true);
  expect((await segue('vectors', 'export', 'songs.bin')).noted[0]).toBe(
    `Nothing was written to ${join(world.files, 'songs.bin')}`,
  );
  const twice = await segue('vectors', 'export', 'projector', '--format', 'tsv', '--limit', '5');
  expect(twice.said[0]).toMatch(/^5 song vectors of 32 dimensions written to .*projector \(tsv, \d\.\d kB\)\.$/);
});

test.each([
  [['export', 'songs'], 'songs does not say which format is wanted.'],
  [
    ['export', 'songs.parquet', '--tokens', 'uri'],
    'A parquet export has ids, artists and titles in columns of their own.',
  ],
  [['export', 'songs.parquet.gz'], 'A parquet export is not packed as a whole.'],
  [
    ['export', 'songs.bin', '--tokens', 'name'],
    "Option '--tokens <style>' argument 'name' is invalid. Allowed choices are id, uri, artist - title.",
  ],
  [['import'], "Missing required argument 'file'."],
])('used wrongly: %s', async (words, why) => {
  const { exitCode, noted } = await segue('vectors', ...words);
  expect([exitCode, noted[1]]).toEqual([2, why]);
});

test('what cannot be imported is said in three lines', async () => {
  await writeFile(join(world.files, 'cut.bin'), (await readFile(given)).subarray(0, 3000));
  const { exitCode, noted } = await segue('vectors', 'import', 'cut.bin');
  expect([exitCode, noted]).toEqual([
    1,
    [
      `Cannot read all of ${join(world.files, 'cut.bin')}`,
      'Line 1 promises 30 vectors of 32 numbers, which take at least 3900 bytes; the file has 3000.',
      'Download, copy or export it again; nothing of it was imported.',
    ],
  ]);
});

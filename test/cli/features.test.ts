import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { bars } from '../../src/cli/features-report.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { speak } from './speak.ts';

// Thirty songs that have vectors (test/fixtures/vectors/LICENSE); features are made up for twenty of them and five others.
const fixtures = join(import.meta.dirname, '../fixtures/vectors');
const HEADER =
  'track_id,track_name,track_artist,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo';

let world: SmallWorld;
let app: App;
let ids: string[];

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  const lines = (await readFile(join(fixtures, 'tt_playlists.w2v.txt'), 'utf8')).trim().split('\n').slice(1);
  ids = lines.map((line) => line.slice(0, line.indexOf(' ')));
  const cold = Array.from({ length: 5 }, (_, at) => `Cold${at}`.padEnd(22, 'x'));
  const rows = [...ids.slice(0, 20), ...cold].map((id, at) => {
    const isFast = at % 2 === 0;
    const energy = isFast ? 0.8 + at / 200 : 0.2 + at / 200;
    const tempo = isFast ? 128 + at / 10 : 85 + at / 10;
    return `${id},Song ${at},Band ${at % 3},0.5,${energy},${at % 12},-8,${at % 2},0.1,${1 - energy},0.1,0.1,0.5,${tempo}`;
  });
  await writeFile(join(world.files, 'songs.csv'), [HEADER, ...rows, ''].join('\n'));
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const segue = (...words: string[]) => speak(app, words, { folder: world.files });

test('without features it says what to do', async () => {
  const { exitCode, noted } = await segue('features');
  expect([exitCode, noted]).toEqual([
    1,
    [
      'There are no audio features yet.',
      'Neither import-features nor enrich-features has stored any.',
      'Read a table of them: segue import-features <file.csv>, or ask ReccoBeats: segue enrich-features',
    ],
  ]);
});

test('all features without a model, then beside one', async () => {
  await segue('import-features', join(world.files, 'songs.csv'));
  const alone = await segue('features');
  expect(alone.exitCode).toBe(0);
  expect(alone.said[0]).toMatch(/^Audio features of 25 songs: there is no model yet, 25 that stand/);

  expect((await segue('vectors', 'import', join(fixtures, 'tt_playlists.w2v.bin'))).exitCode).toBe(0);
  const { said } = await segue('features', '--clusters', '2');
  expect(said.join(' ')).toContain("20 of the model's 30 songs (66.7 %), 5 that stand in none of its playlists.");
  for (const line of said) expect(line).not.toMatch(/NaN|undefined|\[object/);
  expect(said).toContainEqual(expect.stringMatching(/^energy +0 +0\.\d+ .* 0 [ ▁▂▃▄▅▆▇█]{20} 1$/));
  expect(said).toContainEqual(expect.stringMatching(/^key +0 .* C [ ▁▂▃▄▅▆▇█]{12} B$/));
  expect(said).toContainEqual('2 clusters, by k-means');
  expect(said).toContainEqual(expect.stringMatching(/^13 +52\.0 % .*high energy.* such as Song \d+ by Band \d$/));
  expect(said.join(' ')).toMatch(/energy and acousticness -1\.00/);
  expect(said.join(' ')).toMatch(/Axis 1 \(\d+\.\d % of all difference\): /);

  const { json } = await segue('features', '--json');
  expect(json.coverage).toMatchObject({ model: { songs: 30, withFeatures: 20, byId: 20 }, cold: 5, empty: 0 });
  expect(json.songs).toBe(25);
  expect(json.distributions).toHaveLength(11);
  expect(json.silhouettes.curve.map(({ k }: { k: number }) => k)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  expect(json.clusters.reduce((sum: number, { songs }: { songs: number }) => sum + songs, 0)).toBe(25);
});

test('one song beside all, cold ones too, and the songs nearest to it', async () => {
  const { json } = await segue('features', ids[0]!, '--count', '4', '--json');
  expect(json.track.id).toBe(ids[0]);
  const tempo = json.features.find(({ feature }: { feature: string }) => feature === 'tempo');
  expect(tempo.value).toBe(128);
  expect(tempo.below).toBeCloseTo(12 / 25, 10);
  expect(json.nearest).toHaveLength(4);
  for (const { id, cosine, differences } of json.nearest) {
    expect(id).not.toBe(ids[0]);
    expect(cosine).toBeGreaterThan(0);
    expect(differences.find(({ feature }: { feature: string }) => feature === 'tempo').apart).toBeLessThan(5);
  }
  const { said } = await segue('features', 'Band 0 - Song 24');
  expect(said[0]).toBe('Song 24 · Band 0');
  expect(said).toContainEqual(expect.stringMatching(/^tempo +130 BPM +\d+ BPM +96 %$/));
  expect(said).toContainEqual(expect.stringMatching(/^key +C$/));
});

test('songs nobody knows, and songs without features, are told apart', async () => {
  const known = await segue('features', ids[25]!);
  expect([known.exitCode, known.noted[0]]).toEqual([1, expect.stringMatching(/^No audio features are known of /)]);
  const unknown = await segue('features', 'Song 2400');
  expect([unknown.exitCode, unknown.noted[0]]).toEqual([2, 'No song "Song 2400" has audio features.']);
  expect(unknown.noted[2]).toMatch(/Did you mean/);
});

test('a histogram of one line shows the least there is', () => {
  expect(bars([0, 1, 500, 1000])).toBe(' ▁▄█');
  expect(bars([0, 0])).toBe('  ');
});

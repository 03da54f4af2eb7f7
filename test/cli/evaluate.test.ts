import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { genreOf, twoGenres } from '../vectors/two-genres.ts';
import { speak } from './speak.ts';

let world: SmallWorld;
let app: App;

const corpus = twoGenres(240);
const playlists = Array.from({ length: 240 }, (_, at) =>
  Array.from(corpus.tokens.subarray(corpus.offsets[at]!, corpus.offsets[at + 1]!), idOf),
);

/** 22 characters: an id of Spotify's. */
function idOf(token: number): string {
  return `${genreOf(token) === 0 ? 'Jazz' : 'Techno'}${token}`.padEnd(22, 'x');
}

/** Three artists a genre. */
function artistOf(track: string): string {
  return `${track.slice(0, 4)} artist ${Number(/\d+/.exec(track)![0]) % 3}`;
}

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  const write = (name: string, lines: unknown[]) =>
    writeFile(
      join(world.files, name),
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    );
  await write('train.jsonl', [
    ...playlists.slice(0, 200).map((tracks, id) => ({
      id,
      name: `List ${id}`,
      // Half of the lists say who made the songs.
      tracks: id % 4 < 2 ? tracks.map((track) => ({ id: track, artist: artistOf(track) })) : tracks,
    })),
    { id: 'none', tracks: [] },
    { id: 'odd', tracks: [{ title: 'no id' }] },
    '[1]',
    '{"id": "torn", "tra',
  ]);
  await write('test.jsonl', [
    ...playlists.slice(200).map((tracks, id) => ({
      id,
      seeds: tracks.slice(0, 4).map((track) => `spotify:track:${track}`),
      hidden: tracks.slice(4),
    })),
    { id: 'unknown', seeds: [idOf(0)], hidden: [idOf(1), 'never heard of', 'neither'] },
    { id: 'same', seeds: [idOf(0)], hidden: [idOf(0)] },
    { id: 'no lists', tracks: [idOf(0)] },
  ]);
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const evaluate = (...words: string[]) =>
  speak(app, ['evaluate', '--train', 'train.jsonl', '--test', 'test.jsonl', ...words], { folder: world.files });

interface Figures {
  name: string;
  metrics: Record<string, { mean: number; low: number; high: number }>;
  coverage: number;
}

test('every recommender is measured on the same cases, with intervals and what each cost', async () => {
  const { exitCode, json, reports } = await evaluate('--threads', '1', '--json');
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({
    train: {
      playlists: 200,
      tokens: 1600,
      tracks: 40,
      skipped: { 'no tracks': 1, 'tracks are not a list of ids': 1, 'not an object': 1, 'cut short': 1 },
    },
    test: {
      playlists: 41,
      hiddenUnknown: 2,
      skipped: { 'nothing hidden': 1, 'seeds or hidden are not lists of ids': 1 },
    },
    cases: 41,
  });
  const { recommenders, comparisons } = json as unknown as {
    recommenders: Figures[];
    comparisons: { better: string; than: string; mean: number; low: number; high: number }[];
  };
  const names = recommenders.map(({ name }) => name);
  expect(names).toEqual([
    'popular',
    'song-vectors',
    'neighbours',
    'co-occurrence',
    'ease',
    'factors',
    'artists',
    'blend',
  ]);
  const popular = recommenders[0]!;
  for (const { name, metrics, coverage, ...cost } of recommenders) {
    for (const { mean, low, high } of Object.values(metrics)) {
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
    expect(coverage).toBeGreaterThan(0);
    expect(coverage).toBeLessThanOrEqual(1);
    expect(cost).toEqual({
      fitSeconds: expect.any(Number),
      msPerQuery: expect.any(Number),
      memoryMb: expect.any(Number),
    });
    // All 36 others are found by everyone who looks at them all; whose genre comes first finds them sooner.
    if (name !== 'popular') expect(metrics.ndcg!.mean).toBeGreaterThan(popular.metrics.ndcg!.mean);
    expect(metrics['recall@500']!.mean).toBeGreaterThan(0.9);
    expect(metrics['hitRate@10']!.mean).toBeGreaterThanOrEqual(metrics['recall@10']!.mean);
  }
  expect(comparisons).toHaveLength(7);
  for (const { better, than, mean } of comparisons) {
    const ndcgOf = (name: string) => recommenders.find((each) => each.name === name)!.metrics.ndcg!.mean;
    expect(mean).toBeCloseTo(ndcgOf(better) - ndcgOf(than), 10);
    expect(mean).toBeGreaterThanOrEqual(0);
  }
  expect(reports).toContainEqual({ label: 'ease', done: 41, total: 41, unit: 'playlists' });
});

test('some of them, as a table with the best first', async () => {
  const { said } = await evaluate('--recommenders', 'popular, neighbours');
  expect(said[0]).toBe('Learned from 200 playlists with 1,600 songs in them, 40 different.');
  expect(said).toContainEqual('Asked to continue 41 playlists; 2 hidden songs nobody has learned of.');
  const rows = said.filter((line) => /^(popular|neighbours) +0\.\d{4} /.test(line));
  expect(rows.map((line) => line.split(' ')[0])).toEqual(['neighbours', 'popular']);
  expect(said.at(-1)).toMatch(/^neighbours is better than popular: NDCG@500 0\.\d{4} more \(0\.\d{4} to 0\.\d{4}\)\.$/);
});

test('audio features come from a table, and are measured with the others', async () => {
  const columns = [
    'danceability',
    'energy',
    'loudness',
    'speechiness',
    'acousticness',
    'instrumentalness',
    'liveness',
    'valence',
    'tempo',
  ];
  const rows = Array.from({ length: 40 }, (_, token) => {
    const energy = genreOf(token) === 0 ? 0.2 : 0.8;
    return [idOf(token), 0.5, energy + (token % 5) / 50, -8, 0.1, 1 - energy, 0.1, 0.1, 0.5, 100 + (token % 7)].join(
      ',',
    );
  });
  await writeFile(
    join(world.files, 'features.csv'),
    [['track_id', ...columns].join(','), ...rows, rows[0], `${'z'.repeat(22)},${Array(9).fill(0.5)}`, 'x'].join('\n'),
  );
  const { exitCode, json } = await evaluate(
    '--recommenders',
    'popular,audio-features',
    '--features',
    'features.csv',
    '--json',
  );
  expect(exitCode).toBe(0);
  expect(json.features).toEqual({
    songs: 40,
    skipped: { 'same track again': 1, 'in no training playlist': 1, 'no track id': 1 },
  });
  const [popular, byFeatures] = json.recommenders as Figures[];
  // Each playlist is of one genre, and each genre sounds its own way.
  expect(byFeatures!.metrics['recall@10']!.mean).toBeGreaterThan(popular!.metrics['recall@10']!.mean);
  const { said } = await evaluate('--recommenders', 'audio-features', '--features', 'features.csv');
  expect(said).toContainEqual('Audio features of 40 of the songs learned from.');
  const without = await evaluate('--recommenders', 'audio-features');
  expect([without.exitCode, without.noted[0]]).toEqual([
    2,
    'audio-features cannot be measured without audio features.',
  ]);
  const wrong = await evaluate('--recommenders', 'audio-features', '--features', 'train.jsonl');
  expect([wrong.exitCode, wrong.noted[1]]).toEqual([
    1,
    'No file there is a CSV table with columns such as danceability, energy and tempo.',
  ]);
});

test('what cannot be evaluated is refused in three lines', async () => {
  const missing = await speak(app, ['evaluate', '--train', 'train.jsonl'], { folder: world.files });
  expect([missing.exitCode, missing.noted[1]]).toEqual([
    2,
    '--test is missing: without it there is nothing to measure by.',
  ]);
  const unknown = await evaluate('--recommenders', 'horoscope');
  expect(unknown.exitCode).toBe(1);
  expect(unknown.noted.join('\n')).toMatch(/no recommender "horoscope"[\s\S]*popular, song-vectors[\s\S]*or all/);
  const swapped = await speak(app, ['evaluate', '--train', 'test.jsonl', '--test', 'train.jsonl'], {
    folder: world.files,
  });
  expect(swapped.exitCode).toBe(1);
  const noCases = await speak(app, ['evaluate', '--train', 'train.jsonl', '--test', 'train.jsonl'], {
    folder: world.files,
  });
  expect(noCases.noted.join('\n')).toMatch(
    /nothing to evaluate[\s\S]*202 seeds or hidden are not lists of ids[\s\S]*as hidden/,
  );
});

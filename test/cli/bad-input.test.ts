import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { extendedRow } from '../export/make-export.ts';
import { speak } from './speak.ts';

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

const segue = (...words: string[]) => speak(app, words);
const plays = async () => (await segue('query', 'select count(*) as plays from play', '--json')).json.rows[0].plays;

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(world.files, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const AUDIO = 'Spotify Extended Streaming History/Streaming_History_Audio_2024_0.json';
const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    extendedRow({
      ts: new Date(Date.UTC(2024, 0, 1) + (from + index) * 3_600_000).toISOString().replace('.000', ''),
      spotify_track_uri: `spotify:track:${String(from + index).padStart(22, 'A')}`,
    }),
  );

/** Three lines, exit code 1, nothing on stdout, and nothing stored. */
async function expectRefusal(words: string[], code: string): Promise<string[]> {
  const before = await plays();
  const { exitCode, said, noted, json } = await segue(...words, '--json');
  expect({ words, exitCode, said, lines: noted.length }).toEqual({ words, exitCode: 1, said: [], lines: 3 });
  expect(json.error).toMatchObject({ code, message: noted[0], why: noted[1], hint: noted[2] });
  expect(await plays()).toBe(before);
  return noted;
}

describe('an export that', () => {
  test('is cut off in the middle of the zip', async () => {
    const whole = zip({ [AUDIO]: JSON.stringify(rows(500)) });
    const path = await write('cut.zip', whole.subarray(0, Math.floor(whole.length / 2)));
    await expectRefusal(['import-history', path], 'source-damaged');
  });

  test('is something else by the name of a zip', async () => {
    const path = await write('my_spotify_data.zip', 'Dear customer, your data is not ready yet.');
    const noted = await expectRefusal(['import-history', path], 'not-a-spotify-export');
    expect(noted[2]).toContain('https://www.spotify.com/account/privacy/');
  });

  test('is a zip of somebody else', async () => {
    const path = await write('photos.zip', zip({ 'IMG_0001.jpg': '\u0001\u0002', 'notes.json': '{"a":1}' }));
    const noted = await expectRefusal(['import-history', path], 'not-a-spotify-export');
    expect(noted[1]).toContain('notes.json is not from Spotify');
  });

  test('is empty, or is not there', async () => {
    await expectRefusal(['import-history', await write('empty.zip', '')], 'source-empty');
    await mkdir(join(world.files, 'nothing'), { recursive: true });
    await expectRefusal(['import-history', join(world.files, 'nothing')], 'source-empty');
    const noted = await expectRefusal(['import-history', 'not/there.zip'], 'source-not-found');
    expect(noted[0]).toContain('not/there.zip');
  });

  test('has no zip ending, is found by what it holds', async () => {
    const path = await write('download', zip({ 'whatever.txt': JSON.stringify(rows(3, 5_000)) }));
    const { exitCode, json } = await segue('import-history', path, '--json');
    expect({ exitCode, plays: json.output.plays }).toMatchObject({ exitCode: 0, plays: { read: 3, stored: 3 } });
  });

  test('ends in the middle of its JSON: what is whole is stored, what is not is counted', async () => {
    const text = JSON.stringify(rows(10, 6_000));
    const path = await write('Streaming_History_Audio_2024_1.json', text.slice(0, text.length - 200));
    const before = await plays();
    const { exitCode, json } = await segue('import-history', path, '--json');
    expect({ exitCode, plays: json.output.plays }).toMatchObject({
      exitCode: 0,
      plays: { read: 10, stored: 9, skipped: { 'cut-off': 1 } },
    });
    expect(await plays()).toBe(before + 9);
    const words = await segue('import-history', path);
    expect(words.said).toContainEqual('Skipped rows by reason: 1 cut off.');
  });

  test('has rows with nulls, wrong types and dates to come: each is counted by its reason', async () => {
    const odd = [
      ...rows(2, 7_000),
      null,
      17,
      'a text',
      extendedRow({ ts: null }),
      extendedRow({ ts: 'yesterday' }),
      extendedRow({ ts: '2199-01-01T00:00:00Z' }),
      extendedRow({ ts: '1999-01-01T00:00:00Z' }),
      extendedRow({ ms_played: 'long' }),
      extendedRow({ spotify_track_uri: null, master_metadata_track_name: null }),
      extendedRow({ spotify_track_uri: 5 }),
    ];
    const path = await write('Streaming_History_Audio_2024_2.json', JSON.stringify(odd));
    const { exitCode, json } = await segue('import-history', path, '--json');
    const { read, stored, alreadyThere, skipped } = json.output.plays;
    expect({ exitCode, read, stored }).toEqual({ exitCode: 0, read: odd.length, stored: 2 });
    const left = Object.values(skipped as Record<string, number>).reduce((sum, count) => sum + count, 0);
    expect(stored + alreadyThere + left).toBe(read);
    expect(skipped).toMatchObject({ 'future-date': 1, 'before-2006': 1, 'bad-time': 1 });
  });

  test('is one bad file beside a good one: the good one is imported, the bad one is told', async () => {
    const good = zip({ [AUDIO]: JSON.stringify(rows(4, 8_000)) });
    await write('both/good.zip', good);
    await write('both/bad.zip', good.subarray(0, good.length - 30));
    const { exitCode, json } = await segue('import-history', join(world.files, 'both'), '--json');
    expect({ exitCode, plays: json.output.plays }).toMatchObject({ exitCode: 0, plays: { stored: 4 } });
    expect(json.output.problems).toEqual([expect.stringContaining('bad.zip')]);
    const words = await segue('import-history', join(world.files, 'both'));
    expect(words.said.at(-3)).toContain('bad.zip');
  });
});

describe('playlists that', () => {
  const mpd = (playlists: unknown[]) => JSON.stringify({ info: { slice: '0-999' }, playlists });
  const playlist = (pid: number, tracks: unknown[]) => ({
    name: `list ${pid}`,
    pid,
    num_tracks: tracks.length,
    tracks,
  });
  const track = (number: number) => ({
    pos: 0,
    artist_name: `Artist ${number}`,
    track_uri: `spotify:track:${String(number).padStart(22, 'B')}`,
    track_name: `Song ${number}`,
    album_name: 'Album',
  });

  test('have a bad one in a Million Playlist slice: it is counted, the others are kept', async () => {
    const good = [playlist(0, [track(1), track(2)]), playlist(1, [track(2), track(3)])];
    const text = mpd([good[0], { name: 'no tracks', pid: 2 }, playlist(3, []), 'a text', null, good[1]]);
    const path = await write('mpd/mpd.slice.0-999.json', text);
    const { exitCode, json } = await segue('import-playlists', dirname(path), '--json');
    const { read, stored, skipped } = json.output;
    expect({ exitCode, read, stored }).toEqual({ exitCode: 0, read: 6, stored: 2 });
    expect(Object.values(skipped as Record<string, number>).reduce((sum, count) => sum + count, 0)).toBe(4);
    const words = await segue('import-playlists', dirname(path));
    expect(words.said).toContainEqual(expect.stringMatching(/^Skipped playlists by reason: \d/));
  });

  test('are a slice cut in the middle: what is whole is kept', async () => {
    const text = mpd(Array.from({ length: 20 }, (_, pid) => playlist(pid, [track(pid), track(pid + 1)])));
    const path = await write('cut/mpd.slice.1000-1999.json', text.slice(0, Math.floor(text.length / 2)));
    const { exitCode, json } = await segue('import-playlists', dirname(path), '--json');
    expect(exitCode).toBe(0);
    expect(json.output.stored).toBeGreaterThan(5);
    expect(json.output.stored).toBeLessThan(20);
  });

  test('are none: three lines that name the formats', async () => {
    const noted = await expectRefusal(['import-playlists', await write('poem.txt', 'Roses are red')], 'no-playlists');
    expect(noted[2]).toContain('million-playlist-dataset');
    await expectRefusal(['import-playlists', 'not/there.json'], 'source-not-found');
  });
});

describe('audio features', () => {
  const COLUMNS =
    'track_id,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo';
  const row = (number: number, energy: string) =>
    `${String(number).padStart(22, 'C')},0.5,${energy},5,-6.1,1,0.05,0.1,0.0,0.1,0.5,120`;

  test('without the columns that are needed', async () => {
    const path = await write('few.csv', 'track_id,danceability,energy\nAAAAAAAAAAAAAAAAAAAAAA,0.5,0.5\n');
    const noted = await expectRefusal(['import-features', path], 'feature-columns-missing');
    expect(noted[1]).toContain('loudness');
  });

  test('in a table of something else', async () => {
    await expectRefusal(['import-features', await write('prices.csv', 'name,price\napple,3\n')], 'no-features');
  });

  test('with text where a number belongs: the row is counted, the others are kept', async () => {
    const path = await write(
      'some.csv',
      [COLUMNS, row(1, '0.5'), row(2, 'high'), row(3, ''), row(4, '7'), ''].join('\n'),
    );
    const { exitCode, json } = await segue('import-features', path, '--json');
    expect({ exitCode, output: json.output }).toEqual({
      exitCode: 0,
      output: {
        read: 4,
        stored: 1,
        alreadyThere: 0,
        skipped: { 'text where a number belongs': 1, 'empty value': 1, 'value out of range': 1 },
      },
    });
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/base/source-files.ts';
import { detectFeatureTable, type FeatureRow, readFeatureTable } from '../../src/corpus/feature-csv.ts';
import { openReccoBeats } from '../../src/corpus/reccobeats.ts';
import { folderWith, id } from './read-fixture.ts';

const TIDY =
  'track_id,track_name,track_artist,track_album_id,track_album_name,track_album_release_date,track_popularity,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms';
const KAGGLE =
  ',track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,time_signature,track_genre';

async function read(text: string) {
  await using folder = await folderWith({ 'features.csv': text });
  const rows: FeatureRow[] = [];
  const skipped: string[] = [];
  for await (const file of openSource(folder.path)) {
    for await (const row of readFeatureTable(file, () => {}))
      'skipped' in row ? skipped.push(row.skipped) : rows.push(row);
  }
  return { rows, skipped };
}

describe('tables of audio features', () => {
  test('TidyTuesday\u2019s columns: no time signature, tempo 0 is unknown, loudness may exceed 0, dates may be years', async () => {
    expect(detectFeatureTable(TIDY)).toBe('tidytuesday');
    const { rows, skipped } = await read(
      `${TIDY}\n${id(1)},"One, two",Someone,a,Album,2019-10,100,0.8,0.5,-1,1.275,1,0.09,0.6,0.0001,0.1,0.5,0,209438\n`,
    );
    expect(skipped).toEqual([]);
    expect(rows).toEqual([
      {
        trackId: id(1),
        title: 'One, two',
        artists: ['Someone'],
        album: 'Album',
        releaseDate: '2019-10',
        durationMs: 209438,
        danceability: 0.8,
        energy: 0.5,
        key: null,
        loudness: 1.275,
        mode: 1,
        speechiness: 0.09,
        acousticness: 0.6,
        instrumentalness: 0.0001,
        liveness: 0.1,
        valence: 0.5,
        tempo: null,
        timeSignature: null,
      },
    ]);
  });

  test('Kaggle\u2019s columns, and every kind of bad row', async () => {
    expect(detectFeatureTable(KAGGLE)).toBe('kaggle-spotify-tracks');
    const row = (trackId: string, danceability: string, key = '5', tempo = '120.5') =>
      `0,${trackId},Gen Hoshino;Ayase,Album,Song,73,230666,False,${danceability},0.461,${key},-6.746,0,0.143,0.0322,1.01e-06,0.358,0.715,${tempo},4,acoustic`;
    const { rows, skipped } = await read(
      [
        KAGGLE,
        row(id(1), '0.676'),
        row(id(2), 'loud'),
        row(id(3), ''),
        row(id(4), '1.5'),
        row(id(5), '0.5', '5.0'),
        row(id(6), '0.5', '12'),
        row('x', '0.5'),
        row(id(7), '0.5', '1', 'NaN'),
        '1,2,3',
      ].join('\n'),
    );
    expect(rows.map(({ trackId, artists, key, timeSignature }) => [trackId, artists, key, timeSignature])).toEqual([
      [id(1), ['Gen Hoshino', 'Ayase'], 5, 4],
      [id(5), ['Gen Hoshino', 'Ayase'], 5, 4],
    ]);
    expect(skipped).toEqual([
      'text where a number belongs',
      'empty value',
      'value out of range',
      'value out of range',
      'no track id',
      'text where a number belongs',
      'no track id',
    ]);
  });

  test('missing columns are named in three lines', async () => {
    await expect(read(`track_id,danceability,energy\n${id(1)},0.5,0.5\n`)).rejects.toMatchObject({
      code: 'feature-columns-missing',
      why: 'Its header has no column loudness, speechiness, acousticness, instrumentalness, liveness, valence, tempo.',
    });
    expect(detectFeatureTable('callsign,time,track_id\n')).toBeUndefined();
  });
});

describe('ReccoBeats', () => {
  async function answering(status: number, body: string, headers: Record<string, string> = {}) {
    const asked: { url: string; agent: string }[] = [];
    const server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', agent: request.headers['user-agent'] ?? '' });
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { client: openReccoBeats(url, 'segue-test'), asked, [Symbol.asyncDispose]: async () => void server.close() };
  }
  const { signal } = new AbortController();
  const row = (n: number, more: object = {}) => ({
    id: 'uuid',
    href: `https://open.spotify.com/track/${id(n)}`,
    danceability: 0.7,
    energy: 0.5,
    key: 9,
    loudness: -6.4,
    mode: 1,
    tempo: 127.4,
    valence: 0.5,
    speechiness: 0.04,
    acousticness: 0.1,
    instrumentalness: 0,
    liveness: 0.2,
    ...more,
  });

  test('rows are told apart by their link: order, gaps, strangers and odd rows do no harm', async () => {
    const content = [row(3, { key: -1, tempo: 0 }), row(9), { ...row(2), energy: 'high' }, null, row(1)];
    await using server = await answering(200, JSON.stringify({ content }));
    const rows = await server.client.audioFeatures([id(1), id(2), id(3)], signal);
    expect(rows.map(({ trackId, key, tempo, timeSignature }) => [trackId, key, tempo, timeSignature])).toEqual([
      [id(3), null, null, null],
      [id(1), 9, 127.4, null],
    ]);
    expect(server.asked).toEqual([{ url: `/v1/audio-features?ids=${id(1)},${id(2)},${id(3)}`, agent: 'segue-test' }]);
  });

  test.each([
    [429, 'busy', { 'retry-after': '7' }, { code: 'reccobeats-busy', retryable: true, retryAfterMs: 7000 }],
    [429, 'busy', {}, { code: 'reccobeats-busy', retryAfterMs: 60_000 }],
    [503, 'down', {}, { code: 'reccobeats-down', retryable: true }],
    [403, 'Forbidden', {}, { code: 'reccobeats-refused', retryable: false }],
    [200, '<html>', {}, { code: 'reccobeats-odd-answer', retryable: false }],
    [200, '{"content":null}', {}, { code: 'reccobeats-odd-answer' }],
  ])('%i %s is %o %o', async (status, body, headers, error) => {
    await using server = await answering(status, body, headers);
    await expect(server.client.audioFeatures([id(1)], signal)).rejects.toMatchObject(error);
  });

  test('a server that is not there may be there later', async () => {
    const client = openReccoBeats('http://127.0.0.1:9', 'segue-test');
    await expect(client.audioFeatures([id(1)], signal)).rejects.toMatchObject({
      code: 'reccobeats-unreachable',
      retryable: true,
    });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/base/random.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const WORDS = [
  'Harbour',
  'Lights',
  'Low',
  'Water',
  'Ne\u00f3n',
  'Midnight',
  'Caf\u00e9',
  'River',
  '"Quoted"',
  'Stone',
  'Fire',
  'Rain',
];

export interface GeneratedSlices {
  readonly folder: string;
  readonly files: string[];
  readonly bytes: number;
}

/**
 * Slices with the layout of the Million Playlist Dataset: 4 spaces of indentation, `, ` before line ends as Python 2 wrote
 * it, escaped non-ASCII, 66 tracks a playlist on average, tracks drawn by a Zipf-like law. Repeatable by `seed`.
 */
export function generateMpdSlices(
  folder: string,
  { slices, playlists, tracks, seed }: { slices: number; playlists: number; tracks: number; seed: number },
): GeneratedSlices {
  const random = seededRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const id = () => Array.from({ length: 22 }, () => LETTERS[pick(62)]).join('');
  const words = () => Array.from({ length: 1 + pick(4) }, () => WORDS[pick(WORDS.length)]).join(' ');
  const artists = Array.from({ length: Math.ceil(tracks / 8) }, () => ({
    name: words(),
    uri: `spotify:artist:${id()}`,
  }));
  const catalogue = Array.from({ length: tracks }, () => {
    const artist = artists[pick(artists.length)]!;
    return {
      artist_name: artist.name,
      track_uri: `spotify:track:${id()}`,
      artist_uri: artist.uri,
      track_name: words(),
      album_uri: `spotify:album:${id()}`,
      duration_ms: 120_000 + pick(240_000),
      album_name: words(),
    };
  });
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  let bytes = 0;
  for (let slice = 0; slice < slices; slice++) {
    const from = slice * playlists;
    const content = {
      info: { generated_on: '2017-12-03 08:41:42.057563', slice: `${from}-${from + playlists - 1}`, version: 'v1' },
      playlists: Array.from({ length: playlists }, (_, i) => {
        const length = Math.max(5, Math.min(250, Math.round(-Math.log(1 - random()) * 66)));
        return {
          name: words(),
          collaborative: 'false',
          pid: from + i,
          modified_at: 1_493_424_000,
          num_tracks: length,
          num_albums: length,
          num_followers: 1 + pick(5),
          tracks: Array.from({ length }, (_, pos) => ({ pos, ...catalogue[Math.floor(tracks * random() ** 3)]! })),
          num_edits: 1 + pick(20),
          duration_ms: length * 214_733,
          num_artists: length,
        };
      }),
    };
    const text = JSON.stringify(content, null, 4)
      .replaceAll(',\n', ', \n')
      .replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const file = join(folder, `mpd.slice.${from}-${from + playlists - 1}.json`);
    writeFileSync(file, text);
    files.push(file);
    bytes += Buffer.byteLength(text);
  }
  return { folder, files, bytes };
}

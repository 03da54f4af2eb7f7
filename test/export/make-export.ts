import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { strToU8, zipSync } from 'fflate';
import { seededRandom } from '../../src/base/random.ts';

/** A row of the extended history, as Spotify writes it. */
export type ExtendedRow = Record<string, string | number | boolean | null>;

interface DemoTrack {
  track_id: string;
  track_name: string;
  track_artist: string;
  track_album_name: string;
  duration_ms: string;
}

/** A row with every field of today's exports; `more` changes some. */
export function extendedRow(more: ExtendedRow = {}): ExtendedRow {
  return {
    ts: '2024-04-20T18:15:22Z',
    platform: 'android',
    ms_played: 214_733,
    conn_country: 'SE',
    ip_addr: '203.0.113.7',
    master_metadata_track_name: 'Harbour Lights',
    master_metadata_album_artist_name: 'Marrow & Tide',
    master_metadata_album_album_name: 'Low Water',
    spotify_track_uri: 'spotify:track:3cCcCcCcCcCcCcCcCcCcCc',
    episode_name: null,
    episode_show_name: null,
    spotify_episode_uri: null,
    audiobook_title: null,
    audiobook_uri: null,
    audiobook_chapter_uri: null,
    audiobook_chapter_title: null,
    reason_start: 'trackdone',
    reason_end: 'trackdone',
    shuffle: false,
    skipped: false,
    offline: false,
    offline_timestamp: 1_713_636_708,
    incognito_mode: false,
    ...more,
  };
}

/**
 * Years of listening to the demo world's tracks: a few tracks often, most rarely, in sessions, one row in fifty a podcast.
 * The same seed gives the same rows.
 */
export function makeHistory(rows: number, seed = 1): ExtendedRow[] {
  const file = join(import.meta.dirname, '../../data/demo/tracks.csv.gz');
  const tracks = (parse(gunzipSync(readFileSync(file)), { columns: true }) as DemoTrack[]).filter(
    ({ track_name }) => track_name !== '',
  );
  const random = seededRandom(seed);
  const history: ExtendedRow[] = [];
  let time = Date.UTC(2014, 0, 1);
  for (let row = 0; row < rows; row++) {
    // The cube leaves 28,000 tracks with a few hundred plays for the first and one for the last.
    const track = tracks[Math.floor(random() ** 3 * tracks.length)]!;
    const isSkipped = random() < 0.2;
    const played = isSkipped ? Math.floor(random() * 30_000) : Number(track.duration_ms);
    time += played + (random() < 0.04 ? Math.floor(random() * 24 * 3_600_000) : 1500);
    const ts = `${new Date(time).toISOString().slice(0, 19)}Z`;
    const offline_timestamp = Math.floor(time / 1000) - 1;
    if (random() < 0.02) {
      const podcast = {
        episode_name: 'An episode',
        episode_show_name: 'A show',
        spotify_episode_uri: 'spotify:episode:4eEeEeEeEeEeEeEeEeEeEe',
      };
      const noTrack = {
        master_metadata_track_name: null,
        master_metadata_album_artist_name: null,
        master_metadata_album_album_name: null,
        spotify_track_uri: null,
      };
      history.push(extendedRow({ ts, ms_played: played, offline_timestamp, ...podcast, ...noTrack }));
      continue;
    }
    history.push(
      extendedRow({
        ts,
        ms_played: played,
        offline_timestamp,
        master_metadata_track_name: track.track_name,
        master_metadata_album_artist_name: track.track_artist,
        master_metadata_album_album_name: track.track_album_name,
        spotify_track_uri: `spotify:track:${track.track_id}`,
        skipped: isSkipped,
        reason_end: isSkipped ? 'fwdbtn' : 'trackdone',
      }),
    );
  }
  return history;
}

/** The zip as Spotify packs it: files of about 12 MB. */
export function zipHistory(rows: readonly ExtendedRow[], rowsAFile = 15_000): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (let start = 0, number = 0; start < rows.length; start += rowsAFile, number++) {
    const part = rows.slice(start, start + rowsAFile);
    const years = [part[0]!, part.at(-1)!].map(({ ts }) => String(ts).slice(0, 4)).join('-');
    const name = `Spotify Extended Streaming History/Streaming_History_Audio_${years}_${number}.json`;
    files[name] = strToU8(JSON.stringify(part, null, 2));
  }
  return zipSync(
    { ...files, 'Spotify Extended Streaming History/ReadMeFirst_ExtendedStreamingHistory.pdf': strToU8('%PDF-1.4') },
    { level: 1 },
  );
}

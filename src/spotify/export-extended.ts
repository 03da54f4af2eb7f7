import { z } from 'zod';
import { parseTrackId } from '../music/track.ts';
import { cleanText, type HistoryRow, isPlausibleTime, Milliseconds, readTime, wrongType } from './export-row.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish();

/** A row of the extended streaming history (`endsong_*.json`, `Streaming_History_Audio_*.json`, `…_Video_*.json`). */
const ExtendedRow = z.object({
  ts: z.string(),
  ms_played: Milliseconds.nullish(),
  platform: text,
  conn_country: text,
  master_metadata_track_name: text,
  master_metadata_album_artist_name: text,
  master_metadata_album_album_name: text,
  spotify_track_uri: text,
  episode_name: text,
  episode_show_name: text,
  spotify_episode_uri: text,
  audiobook_title: text,
  audiobook_uri: text,
  audiobook_chapter_uri: text,
  reason_start: text,
  reason_end: text,
  shuffle: flag,
  skipped: flag,
  offline: flag,
  offline_timestamp: z.number().nullish(),
  incognito_mode: flag,
});
type ExtendedRow = z.infer<typeof ExtendedRow>;

// An offline play is reported when the device is online again. Where the device's own start time and the server's end
// time disagree by more than the play and this, the server's is the time of the upload.
const UPLOAD_DELAY_MS = 5 * 60_000;

/**
 * One row of the extended history. Skip reasons: `podcast`, `audiobook`, `no-track` (nothing says what was played),
 * `no-title`, `wrong-type:<field>`, `not-an-object`, `bad-time`, `future-date`, `before-2006`.
 */
export function readExtendedRow(raw: unknown, now: Date): HistoryRow {
  const parsed = ExtendedRow.safeParse(raw);
  if (!parsed.success) return { skip: wrongType(parsed.error) };
  const row = parsed.data;
  if (row.episode_name || row.episode_show_name || row.spotify_episode_uri) return { skip: 'podcast' };
  const trackId = parseTrackId(row.spotify_track_uri ?? '') ?? null;
  if (trackId === null && (row.audiobook_title || row.audiobook_uri || row.audiobook_chapter_uri))
    return { skip: 'audiobook' };
  const title = cleanText(row.master_metadata_track_name);
  const artist = cleanText(row.master_metadata_album_artist_name);
  // Without an id, title and artist together still name a track (local files, content that is gone).
  if (trackId === null && (title === null || artist === null)) return { skip: 'no-track' };
  if (title === null) return { skip: 'no-title' };
  const time = readTime(row.ts, now);
  if (typeof time === 'string') return { skip: time };
  const msPlayed = row.ms_played == null ? null : Math.round(row.ms_played);
  const offlineAt = readOfflineTime(row, now);
  return {
    play: {
      trackId,
      title,
      artist: artist ?? '',
      album: cleanText(row.master_metadata_album_album_name),
      endedAt: new Date(endOf(row, time, offlineAt, msPlayed ?? 0)),
      precision: 'second',
      msPlayed,
      // Never null: a stored export play without platform is one of the account data, known to the minute only.
      platform: cleanText(row.platform) ?? 'unknown',
      country: cleanText(row.conn_country),
      reasonStart: cleanText(row.reason_start),
      reasonEnd: cleanText(row.reason_end),
      shuffle: row.shuffle ?? null,
      skipped: row.skipped ?? null,
      offline: row.offline ?? null,
      offlineAt: offlineAt === null ? null : new Date(offlineAt),
      privateSession: row.incognito_mode ?? null,
    },
  };
}

/** `offline_timestamp` comes in seconds or milliseconds (below 1e11: seconds), 0 and null mean none. */
function readOfflineTime(row: ExtendedRow, now: Date): number | null {
  const stamp = row.offline_timestamp ?? 0;
  const time = Math.round(stamp < 1e11 ? stamp * 1000 : stamp);
  return isPlausibleTime(time, now) ? time : null;
}

function endOf(row: ExtendedRow, ts: number, offlineAt: number | null, msPlayed: number): number {
  const isUploadTime = row.offline === true && offlineAt !== null && ts - offlineAt > msPlayed + UPLOAD_DELAY_MS;
  return isUploadTime ? offlineAt + msPlayed : ts;
}

import { z } from 'zod';
import { NO_FACTS } from '../music/history.ts';
import { parseTrackId } from '../music/track.ts';
import { cleanText, type HistoryRow, Milliseconds, readTime, wrongType } from './export-row.ts';

const text = z.string().nullish();

/** A row of `StreamingHistory_music_0.json` (older `StreamingHistory0.json`), `…_podcast_0.json`, `…_audiobook_0.json`. */
const AccountRow = z.object({
  endTime: z.string(),
  msPlayed: Milliseconds.nullish(),
  trackName: text,
  artistName: text,
  podcastName: text,
  episodeName: text,
  audiobookName: text,
  chapterName: text,
});

/**
 * One row of the account data's listening history: no id, no album, UTC to the minute. Skip reasons: `podcast`,
 * `audiobook`, `no-title`, `no-artist`, `wrong-type:<field>`, `not-an-object`, `bad-time`, `future-date`, `before-2006`.
 */
export function readAccountRow(raw: unknown, now: Date): HistoryRow {
  const parsed = AccountRow.safeParse(raw);
  if (!parsed.success) return { skip: wrongType(parsed.error) };
  const row = parsed.data;
  if (row.podcastName || row.episodeName) return { skip: 'podcast' };
  if (row.audiobookName || row.chapterName) return { skip: 'audiobook' };
  const title = cleanText(row.trackName);
  const artist = cleanText(row.artistName);
  if (title === null) return { skip: 'no-title' };
  if (artist === null) return { skip: 'no-artist' };
  const time = readTime(row.endTime, now);
  if (typeof time === 'string') return { skip: time };
  return {
    play: {
      trackId: null,
      title,
      artist,
      album: null,
      endedAt: new Date(Math.floor(time / 60_000) * 60_000),
      precision: 'minute',
      ...NO_FACTS,
      msPlayed: row.msPlayed == null ? null : Math.round(row.msPlayed),
    },
  };
}

/** A track of the account data's library or playlists. */
export interface ExportTrack {
  readonly trackId: string | null;
  readonly title: string;
  readonly artist: string;
  readonly album: string | null;
  /** Day it was added, ISO; null in the library, which does not say. */
  readonly addedAt: string | null;
}

export interface ExportPlaylist {
  readonly name: string;
  readonly description: string | null;
  readonly tracks: readonly ExportTrack[];
  /** Items that are no tracks, by reason: `podcast`, `audiobook`, `wrong-type:<field>`, `no-track`… */
  readonly skipped: Readonly<Record<string, number>>;
}

const LibraryTrack = z.object({ artist: text, album: text, track: text, uri: text });

/** One entry of `YourLibrary.json`'s `tracks` (liked songs): a track, or the reason why it is none. */
export function readLibraryTrack(raw: unknown): { track: ExportTrack } | { skip: string } {
  const parsed = LibraryTrack.safeParse(raw);
  if (!parsed.success) return { skip: wrongType(parsed.error) };
  const { artist, album, track, uri } = parsed.data;
  return exportTrack(uri, track, artist, album, null);
}

const PlaylistTrack = z.object({ trackName: text, artistName: text, albumName: text, trackUri: text });
const PlaylistItem = z.object({
  track: PlaylistTrack.nullish(),
  episode: z.unknown().optional(),
  audiobook: z.unknown().optional(),
  localTrack: z.unknown().optional(),
  addedDate: text,
});
const Playlist = z.object({ name: text, description: text, items: z.array(z.unknown()).nullish() });

/** One playlist of `Playlist1.json`; `read` of its items = tracks + skipped. A playlist that is none gives the reason. */
export function readPlaylist(raw: unknown): { playlist: ExportPlaylist } | { skip: string } {
  const parsed = Playlist.safeParse(raw);
  if (!parsed.success) return { skip: wrongType(parsed.error) };
  const tracks: ExportTrack[] = [];
  const skipped: Record<string, number> = {};
  for (const item of parsed.data.items ?? []) {
    const read = readPlaylistItem(item);
    if ('track' in read) tracks.push(read.track);
    else skipped[read.skip] = (skipped[read.skip] ?? 0) + 1;
  }
  const name = cleanText(parsed.data.name) ?? 'Playlist without a name';
  return { playlist: { name, description: cleanText(parsed.data.description), tracks, skipped } };
}

function readPlaylistItem(raw: unknown): { track: ExportTrack } | { skip: string } {
  const parsed = PlaylistItem.safeParse(raw);
  if (!parsed.success) return { skip: wrongType(parsed.error) };
  const { track, episode, audiobook, addedDate } = parsed.data;
  if (track) return exportTrack(track.trackUri, track.trackName, track.artistName, track.albumName, addedDate);
  return { skip: episode ? 'podcast' : audiobook ? 'audiobook' : parsed.data.localTrack ? 'local-file' : 'no-track' };
}

type Text = string | null | undefined;

function exportTrack(uri: Text, title: Text, artist: Text, album: Text, added: Text) {
  const track: ExportTrack = {
    trackId: parseTrackId(uri ?? '') ?? null,
    title: cleanText(title) ?? '',
    artist: cleanText(artist) ?? '',
    album: cleanText(album),
    addedAt: added && /^\d{4}-\d\d-\d\d$/.test(added) && !Number.isNaN(Date.parse(added)) ? added : null,
  };
  if (track.trackId === null && (track.title === '' || track.artist === '')) return { skip: 'no-track' };
  return track.title === '' ? { skip: 'no-title' } : { track };
}

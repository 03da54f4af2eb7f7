import type { BadgedRow, ExportQuirks } from './export-quirks.ts';
import { audiobookColumns, type ExportEra, ending, episodeColumns, frame, wholeSeconds } from './export-rows.ts';
import { inventId } from './invent.ts';

const NOBODY = { id: 'listener', country: 'US' };
// A device that was offline uploads when it is back: here two days later, all plays within a few seconds.
const UPLOAD_DELAY_MS = 2 * 24 * 3_600_000;

/** Makes some rows odd in place. No row is taken twice; each keeps the name of what is odd about it. */
export function changeSamples(rows: readonly BadgedRow[], quirks: ExportQuirks): void {
  const plain = spread(rows);
  const take = (count: number, badge: string, change: (entry: BadgedRow, index: number) => void): void => {
    for (let i = 0; i < count; i++) {
      const entry = plain.next().value;
      if (!entry) return;
      entry.badge = badge;
      change(entry, i);
    }
  };
  take(quirks.incognito, 'incognito', ({ row }) => {
    row.incognito_mode = true;
  });
  take(quirks.withoutUri, 'withoutUri', ({ row }) => {
    row.spotify_track_uri = null;
  });
  take(quirks.nameless, 'nameless', ({ row }) => {
    row.master_metadata_track_name = null;
    row.master_metadata_album_artist_name = null;
    row.master_metadata_album_album_name = null;
    row.spotify_track_uri = null;
  });
  take(quirks.nullFlags, 'nullFlags', ({ row }, index) => {
    row.skipped = null;
    row.shuffle = null;
    row.reason_end = index % 2 === 0 ? null : 'unknown';
    row.reason_start = null;
    row.incognito_mode = null;
    row.platform = index % 2 === 0 ? row.platform : '';
    row.conn_country = '';
  });
  take(quirks.lateUploads, 'lateUploads', ({ row }, index) => {
    const endedAt = Date.parse(row.ts);
    const startedAt = endedAt - row.ms_played;
    row.offline = true;
    row.offline_timestamp = index % 2 === 0 ? Math.floor(startedAt / 1000) : startedAt;
    row.ts = wholeSeconds(Date.parse(rows[0]!.row.ts) + UPLOAD_DELAY_MS + index * 1000);
  });
}

/** Rows that stand twice: some exactly, some 3 s later and 1,500 ms shorter. */
export function duplicateRows(rows: readonly BadgedRow[], quirks: ExportQuirks): BadgedRow[] {
  const plain = rows.filter((entry) => entry.badge === 'music');
  const exact = plain
    .slice(0, quirks.exactDuplicates)
    .map(({ row }) => ({ row: { ...row }, badge: 'exactDuplicates' }));
  const near = plain.slice(-quirks.nearDuplicates || plain.length).map(({ row }) => {
    const ts = wholeSeconds(Date.parse(row.ts) + 3000);
    return { row: { ...row, ts, ms_played: Math.max(0, row.ms_played - 1500) }, badge: 'nearDuplicates' };
  });
  return [...exact, ...near];
}

/** Three plays at the edges of the 30-second rule, minutes after the first plays. */
export function shortRows(rows: readonly BadgedRow[], quirks: ExportQuirks): BadgedRow[] {
  if (!quirks.shortPlays || rows.length === 0) return [];
  const first = rows[0]!.row;
  return [0, 29_999, 30_000].map((ms, index) => ({
    row: {
      ...first,
      ts: wholeSeconds(Date.parse(first.ts) - (index + 1) * 600_000),
      ms_played: ms,
      reason_end: 'fwdbtn',
      skipped: ms < 30_000,
    },
    badge: 'shortPlays',
  }));
}

/** Podcasts, audiobook chapters and videos, an hour apart from the first play on. */
export function nonMusicRows(rows: readonly BadgedRow[], quirks: ExportQuirks, era: ExportEra) {
  const start = rows.length > 0 ? Date.parse(rows[0]!.row.ts) : Date.UTC(2024, 0, 1);
  const nameless = {
    master_metadata_track_name: null,
    master_metadata_album_artist_name: null,
    master_metadata_album_album_name: null,
    spotify_track_uri: null,
  };
  const make = (count: number, badge: string, minute: number, columns: (id: string) => object): BadgedRow[] =>
    Array.from({ length: count }, (_, index) => {
      const endedAt = start + index * 3_600_000 + minute * 60_000;
      const row = { ...frame(NOBODY, endedAt, 1_200_000, era), ...nameless, ...columns(inventId(22, badge, index)) };
      return { row: { ...row, ...ending(endedAt - 1_200_000, quirks.offlineTimestamp, index) }, badge };
    });
  const asEpisode = (id: string) => ({
    ...episodeColumns('An episode', 'A show', `spotify:episode:${id}`),
    ...audiobookColumns(era, null),
  });
  const asChapter = (id: string) => ({
    ...episodeColumns(null, null, null),
    ...audiobookColumns(era, { title: 'Chapter 1', book: 'A book', id }),
  });
  return {
    episodes: make(quirks.podcasts, 'podcasts', 7, asEpisode),
    chapters: era === 'new' ? make(quirks.audiobooks, 'audiobooks', 17, asChapter) : [],
    videos: make(quirks.videos, 'videos', 27, (id) => ({ ...asEpisode(id), episode_name: 'A video' })),
  };
}

/** Rows far apart from each other, each once: every 37th, then the ones after those. */
function* spread(rows: readonly BadgedRow[]): Generator<BadgedRow, undefined> {
  const step = 37;
  for (let first = step - 1; first >= 0; first--) {
    for (let i = first; i < rows.length; i += step) yield rows[i]!;
  }
  return undefined;
}

import type { SourceFile } from '../base/source-files.ts';
import type { PlaylistTrack } from '../music/playlist.ts';
import { parseTrackId } from '../music/track.ts';
import { columnAt, columnNames, headerOf, readCsv, splitArtists } from './csv-rows.ts';

/** What CSV tables beside the playlists say: names of tracks and of playlists by their ids. */
export interface SideTables {
  readonly tracks: Map<string, PlaylistTrack>;
  readonly playlistNames: Map<string, string>;
}

export type SideTableKind = 'tracks' | 'playlists';

const TITLE = ['title', 'track name', 'name'] as const;
const ARTISTS = ['artists', 'track artist', 'artist names', 'artist name', 'artist'] as const;

/** Whether a file is a table of tracks (`track_id, title…`) or of playlists (`playlist_id, name…`) that others refer to. */
export function detectSideTable(head: string): SideTableKind | undefined {
  const columns = headerOf(head);
  const hasTrack = columnAt(columns, 'track id') >= 0;
  if (columnAt(columns, 'playlist id') >= 0) {
    return !hasTrack && columnAt(columns, 'name', 'playlist name') >= 0 ? 'playlists' : undefined;
  }
  return hasTrack && columnAt(columns, ...TITLE) >= 0 && columnAt(columns, ...ARTISTS) >= 0 ? 'tracks' : undefined;
}

export async function readSideTable(
  file: SourceFile,
  kind: SideTableKind,
  tables: SideTables,
  noteProblem: (file: string, why: string) => void,
): Promise<void> {
  let columns: string[] | undefined;
  for await (const row of readCsv(file, noteProblem)) {
    if (!columns) columns = columnNames(row);
    else if (kind === 'tracks') addTrack(row, columns, tables);
    else {
      const name = row[columnAt(columns, 'name', 'playlist name')];
      tables.playlistNames.set(row[columnAt(columns, 'playlist id')] ?? '', name ?? '');
    }
  }
}

function addTrack(row: string[], columns: string[], tables: SideTables): void {
  const id = parseTrackId(row[columnAt(columns, 'track id')] ?? '');
  // A recorded-plays table names a track in many rows, and some rows lack the name: the first full one counts.
  if (id === undefined || tables.tracks.get(id)?.title) return;
  const title = row[columnAt(columns, ...TITLE)]?.trim() ?? '';
  const isrc = row[columnAt(columns, 'isrc')];
  tables.tracks.set(id, {
    id,
    ...(title === '' ? {} : { title }),
    artists: splitArtists(row[columnAt(columns, ...ARTISTS)] ?? ''),
    ...(isrc ? { isrc } : {}),
  });
}

import type { PlaylistTrack } from '../music/playlist.ts';
import { parseTrackId } from '../music/track.ts';
import { columnAt, columnNames, headerOf, readCsv, splitArtists } from './csv-rows.ts';
import { fileStem } from './json-file.ts';
import type { PlaylistFormat } from './playlist-format.ts';

const URI = ['track uri', 'spotify uri', 'spotify id', 'uri', 'track id', 'spotify track id'] as const;
const TITLE = ['track name', 'title', 'name', 'track'] as const;

/**
 * One playlist a CSV file, named by the file, as Exportify writes it. watsonbox/exportify: "Track URI", "Track Name",
 * "Artist URI(s)", "Artist Name(s)" (joined by `, ` with commas inside a name as `\,`), …, "ISRC". pavelkomarov/exportify:
 * Track URI, Track Name, Album Name, Artist Name(s) (joined by `;`), …; before 2023 "Spotify ID" or "Spotify URI".
 */
export const exportify: PlaylistFormat = {
  name: 'exportify',
  detect(head) {
    const columns = headerOf(head);
    return (
      columnAt(columns, ...URI) >= 0 && columnAt(columns, 'track name') >= 0 && columnAt(columns, 'artist names') >= 0
    );
  },
  async *read(files, context) {
    for await (const file of files) {
      let columns: string[] | undefined;
      const tracks: PlaylistTrack[] = [];
      for await (const row of readCsv(file, context.noteProblem)) {
        if (!columns) columns = columnNames(row);
        else {
          const track = readRow(row, columns);
          if (track) tracks.push(track);
          else context.noteTracks('names no track');
        }
      }
      await context.breathe();
      const name = fileStem(file.name);
      yield tracks.length === 0 ? { skipped: 'no tracks' } : { id: file.name, name, tracks };
    }
  },
};

function readRow(row: string[], columns: string[]): PlaylistTrack | undefined {
  const cell = (...names: string[]) => row[columnAt(columns, ...names)]?.trim() ?? '';
  const id = parseTrackId(cell(...URI));
  const title = cell(...TITLE);
  const names = cell('artist names', 'artist name', 'artist');
  const artists = columns.includes('artist uris')
    ? names.split(/(?<!\\), /).map((name) => name.replaceAll('\\,', ','))
    : splitArtists(names);
  const isrc = cell('isrc');
  if (id === undefined && (title === '' || !artists[0])) return undefined;
  return { ...(id && { id }), ...(title && { title }), artists: artists.filter(Boolean), ...(isrc && { isrc }) };
}

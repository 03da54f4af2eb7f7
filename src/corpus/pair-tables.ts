import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { parseTrackId } from '../music/track.ts';
import { columnAt, columnNames, headerOf, readCsv, splitArtists } from './csv-rows.ts';
import { describeTrack } from './loose-track.ts';
import type { PlaylistFormat, SkippedPlaylist } from './playlist-format.ts';

/**
 * A CSV table with a row for each (playlist, track): TidyTuesday's of 2020-01-21, split into three tables or in one. The
 * same pair may come twice (there: 582 pairs, one for each genre a playlist was filed under): the second is counted.
 */
export const pairTable: PlaylistFormat = {
  name: 'pair-table',
  detect(head) {
    const columns = headerOf(head);
    return columnAt(columns, 'playlist id') >= 0 && columnAt(columns, 'track id') >= 0;
  },
  async *read(files, context) {
    const playlists = new Map<string, { name: string; tracks: Map<string, PlaylistTrack> }>();
    let unusable = 0;
    for await (const file of files) {
      let columns: string[] | undefined;
      for await (const row of readCsv(file, context.noteProblem)) {
        if (!columns) {
          columns = columnNames(row);
          continue;
        }
        const cell = (...names: string[]) => row[columnAt(columns!, ...names)]?.trim() ?? '';
        const playlistId = cell('playlist id');
        const id = parseTrackId(cell('track id'));
        if (playlistId === '' || id === undefined) {
          unusable++;
          continue;
        }
        let playlist = playlists.get(playlistId);
        if (!playlist) {
          const name = cell('playlist name') || (context.tables.playlistNames.get(playlistId) ?? '');
          playlist = { name, tracks: new Map() };
          playlists.set(playlistId, playlist);
        }
        if (playlist.tracks.has(id)) context.noteTracks('twice in one playlist');
        else {
          const title = cell('track name', 'title');
          const artists = splitArtists(cell('track artist', 'artists', 'artist names'));
          const track = describeTrack(
            { id, ...(title && { title }), ...(artists.length > 0 && { artists }) },
            context.tables,
          );
          if (!track.title) context.noteTracks('kept without a title');
          playlist.tracks.set(id, track);
        }
        await context.breathe();
      }
    }
    if (unusable > 0) context.noteTracks('names no track', unusable);
    for (const [id, { name, tracks }] of playlists) {
      const playlist: Playlist | SkippedPlaylist = { id, name, tracks: [...tracks.values()] };
      yield playlist;
    }
  },
};

import { isTrackId } from '../music/track.ts';
import type { PublishedEdition } from '../recommend/outcomes.ts';
import type { PublishedSong } from '../store/outcome-evidence.ts';

/** Songs that Spotify plays, and how many others there are, by reason: what could not be listened to was not ignored. */
export function withoutUnplayable(published: readonly PublishedSong[]) {
  const reasonOf = ({ id, isPlayable }: PublishedSong) =>
    !isTrackId(id) ? 'not-on-spotify' : isPlayable === false ? 'not-playable' : undefined;
  const leftOut: Record<string, number> = {};
  const songs = published.filter((song) => {
    const reason = reasonOf(song);
    if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
    return reason === undefined;
  });
  return { songs, leftOut };
}

export function editionsOf(songs: readonly PublishedSong[]): PublishedEdition[] {
  return Array.from(Map.groupBy(songs, ({ editionId }) => editionId).values(), (items) => ({
    editionId: items[0]!.editionId,
    publishedAt: items[0]!.publishedAt,
    playlistUri: `spotify:playlist:${items[0]!.playlistId}`,
    songs: items.map((song) => ({ position: song.position, track: recordingOf(song) })),
  }));
}

export function recordingOf({ id, isrc, recordingKey }: { id: string; isrc: string | null; recordingKey: string }) {
  return { id, isrc: isrc ?? undefined, recordingKey };
}

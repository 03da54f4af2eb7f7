import type { Catalogue } from '../recommend/catalogue.ts';
import type { Familiar } from '../recommend/compose.ts';
import { rowsOfRecording } from '../recommend/heard-songs.ts';
import { knownRecordings } from '../recommend/known-recordings.ts';
import type { Store } from '../store/connect.ts';
import { recentlyRecommended } from '../store/editions.ts';
import { readLikedTracks } from '../store/favourites.ts';
import { heardTracks } from '../store/plays.ts';
import { readUnplayable } from '../store/track-availability.ts';

/**
 * What the listener need not be told of again. Any play counts as heard, a skipped one too: who skips a song does not
 * want it recommended. `heardRows`: the rows of what was heard, which recommenders need not be asked for.
 */
export async function readFamiliar(
  { db }: Store,
  listenerId: number,
  { since, runKey, catalogue }: { readonly since: Date; readonly runKey: string; readonly catalogue: Catalogue },
): Promise<Familiar & { readonly heardRows: ReadonlySet<number> }> {
  const heard = (await heardTracks(db, listenerId)).map(identityOf);
  const liked = await readLikedTracks(db, listenerId, ['api', 'export']);
  const lately = await recentlyRecommended(db, listenerId, since, runKey);
  return {
    heard: knownRecordings(heard),
    heardRows: new Set(heard.flatMap((track) => rowsOfRecording(track, catalogue))),
    liked: knownRecordings(liked),
    recommendedLately: knownRecordings(lately.map(identityOf)),
    unplayable: await readUnplayable(db),
  };
}

function identityOf(track: { trackId: string; isrc: string | null; recordingKey: string }) {
  return { id: track.trackId, isrc: track.isrc ?? undefined, recordingKey: track.recordingKey };
}

import type { Familiar } from '../recommend/compose.ts';
import { knownRecordings } from '../recommend/known-recordings.ts';
import type { Store } from '../store/connect.ts';
import { recentlyRecommended } from '../store/editions.ts';
import { readLikedTracks } from '../store/favourites.ts';
import { heardTracks } from '../store/plays.ts';
import { readUnplayable } from '../store/track-availability.ts';

/**
 * What the listener need not be told of again. Any play counts as heard, a skipped one too: who skips a song does not
 * want it recommended.
 */
export async function readFamiliar(
  { db }: Store,
  listenerId: number,
  { since, runKey }: { readonly since: Date; readonly runKey: string },
): Promise<Familiar> {
  const heard = await heardTracks(db, listenerId);
  const liked = await readLikedTracks(db, listenerId, ['api', 'export']);
  const lately = await recentlyRecommended(db, listenerId, since, runKey);
  return {
    heard: knownRecordings(heard.map(identityOf)),
    liked: knownRecordings(liked),
    recommendedLately: knownRecordings(lately.map(identityOf)),
    unplayable: await readUnplayable(db),
  };
}

function identityOf(track: { trackId: string; isrc: string | null; recordingKey: string }) {
  return { id: track.trackId, isrc: track.isrc ?? undefined, recordingKey: track.recordingKey };
}

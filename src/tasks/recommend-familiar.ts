import type { Familiar } from '../recommend/compose.ts';
import { type KnownRecordings, knownRecordings } from '../recommend/known-recordings.ts';
import type { Store } from '../store/connect.ts';
import { recentlyRecommended } from '../store/editions.ts';
import { readLikedTracks } from '../store/favourites.ts';
import { heardTracks } from '../store/plays.ts';
import { readUnplayable } from '../store/track-availability.ts';

export interface FamiliarOptions {
  readonly since: Date;
  readonly runKey: string;
  /** What counts as heard instead of all that was played. */
  readonly heard?: KnownRecordings | undefined;
  /** Likes after it are not known yet. */
  readonly until?: Date | undefined;
}

/**
 * What the listener need not be told of again. Any play counts as heard, a skipped one too: who skips a song does not
 * want it recommended.
 */
export async function readFamiliar(
  { db }: Store,
  listenerId: number,
  { since, runKey, heard, until }: FamiliarOptions,
): Promise<Familiar> {
  const liked = await readLikedTracks(db, listenerId, ['api', 'export']);
  const lately = await recentlyRecommended(db, listenerId, since, runKey);
  return {
    heard: heard ?? knownRecordings((await heardTracks(db, listenerId)).map(identityOf)),
    liked: knownRecordings(until === undefined ? liked : liked.filter(({ since }) => !(since && since > until))),
    recommendedLately: knownRecordings(lately.map(identityOf)),
    unplayable: await readUnplayable(db),
  };
}

function identityOf(track: { trackId: string; isrc: string | null; recordingKey: string }) {
  return { id: track.trackId, isrc: track.isrc ?? undefined, recordingKey: track.recordingKey };
}

import type { Catalogue } from '../recommend/catalogue.ts';
import type { Familiar } from '../recommend/compose.ts';
import { rowsOfRecording } from '../recommend/heard-songs.ts';
import { knownRecordings, type RecordingIdentity } from '../recommend/known-recordings.ts';
import type { Store } from '../store/connect.ts';
import { recentlyRecommended } from '../store/editions.ts';
import { readLikedTracks } from '../store/favourites.ts';
import { heardTracks } from '../store/plays.ts';
import { readUnplayable } from '../store/track-availability.ts';

export interface FamiliarOptions {
  readonly since: Date;
  readonly runKey: string;
  readonly catalogue: Catalogue;
  /** What counts as heard instead of all that was played. */
  readonly heard?: readonly RecordingIdentity[] | undefined;
  /** Whether liked songs may come, heard ones too. */
  readonly likedAllowed?: boolean | undefined;
  /** Likes after it are not known yet. */
  readonly until?: Date | undefined;
}

/**
 * What the listener need not be told of again. Any play counts as heard, a skipped one too: who skips a song does not
 * want it recommended. `heardRows`: the rows of what was heard, which recommenders need not be asked for; without the liked ones
 * where those may come.
 */
export async function readFamiliar(
  { db }: Store,
  listenerId: number,
  { since, runKey, catalogue, likedAllowed = false, until, ...options }: FamiliarOptions,
): Promise<Familiar & { readonly heardRows: ReadonlySet<number> }> {
  const heard = options.heard ?? (await heardTracks(db, listenerId)).map(identityOf);
  const all = await readLikedTracks(db, listenerId, ['api', 'export']);
  const liked = knownRecordings(until === undefined ? all : all.filter(({ since }) => !(since && since > until)));
  const lately = await recentlyRecommended(db, listenerId, since, runKey);
  const kept = likedAllowed ? heard.filter((track) => !liked.has(track)) : heard;
  return {
    heard: knownRecordings(heard),
    heardRows: new Set(kept.flatMap((track) => rowsOfRecording(track, catalogue))),
    liked,
    recommendedLately: knownRecordings(lately.map(identityOf)),
    unplayable: await readUnplayable(db),
  };
}

function identityOf(track: { trackId: string; isrc: string | null; recordingKey: string }) {
  return { id: track.trackId, isrc: track.isrc ?? undefined, recordingKey: track.recordingKey };
}

import { isListen } from '../music/play.ts';
import type { RecordingIdentity } from './known-recordings.ts';
import { groupRecordings } from './recording-groups.ts';

/**
 * What became of a song of a published edition. kept: saved, heard out once, or listened to twice. skipped: played, and cut
 * short each time. ignored: not played while the window was open. open: not played yet, and the window is not over.
 */
export const OUTCOMES = ['kept', 'skipped', 'ignored', 'open'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Four weeks: Spotify's own "short term", and long enough to come back to a song of a playlist that is fresh every week. */
export const WINDOW_MS = 28 * 86_400_000;

/** From here on a song was heard to its end: who goes on in the fade-out has not skipped it. */
const HEARD_OUT = 0.9;

/** An edition as it stands in the account. */
export interface PublishedEdition {
  readonly editionId: number;
  readonly publishedAt: Date;
  /** Of the playlist that it was written to, as plays name it: spotify:playlist:<id>. */
  readonly playlistUri: string;
  readonly songs: readonly { readonly position: number; readonly track: RecordingIdentity }[];
}

/** A play as far as it can be told; null where the source does not say (the Web API tells neither length nor end). */
export interface WitnessedPlay {
  readonly track: RecordingIdentity;
  readonly endedAt: Date;
  readonly msPlayed: number | null;
  readonly durationMs: number | null;
  readonly skipped: boolean | null;
  readonly reasonEnd: string | null;
  readonly contextUri: string | null;
}

/** A song liked or put into a playlist of one's own; `at` null: nobody knows when. */
export interface Save {
  readonly track: RecordingIdentity;
  readonly at: Date | null;
}

export interface Evidence {
  readonly plays: readonly WitnessedPlay[];
  readonly saves: readonly Save[];
  /** Up to when plays are known; what was not played after it may have been. Null: no play is known. */
  readonly knownUntil: Date | null;
}

export interface SongOutcome {
  readonly editionId: number;
  readonly position: number;
  readonly outcome: Outcome;
  /** Whether the window is over, so that the outcome counts. */
  readonly settled: boolean;
  readonly plays: number;
  /** Of the plays, those of 30 s or more that were not marked as skipped, and those heard out. */
  readonly listens: number;
  /** Of the listens, those to the end. */
  readonly heardOut: number;
  /** Of the plays, those that were started from the published playlist; the others came from elsewhere, or nobody told. */
  readonly fromPlaylist: number;
  readonly firstListenedAt: Date | null;
  readonly savedAt: Date | null;
  /** When the window ends; the moment itself is outside. */
  readonly windowEndsAt: Date;
}

/**
 * Decides each song of each edition, in their order. A song's window begins with the publication (included) and ends four
 * weeks later, or when a later edition brings the same recording again, whichever comes first (excluded): so every play
 * speaks for one edition. Plays count by their END, from any context, of any track of the recording (same id, ISRC, or normalised artist
 * and title). A song that was liked or in an own playlist before the publication, or at an unknown time, cannot be saved any more;
 * listening still keeps it. A window is over when plays are known from its end or later: else silence says nothing.
 */
export function decideOutcomes(editions: readonly PublishedEdition[], evidence: Evidence): SongOutcome[] {
  const watched = editions.flatMap(watchedSongs);
  const recordings = groupRecordings(watched);
  for (const same of recordings.groups) endWhereTheNextBegins(same);
  for (const play of evidence.plays) {
    const at = play.endedAt.getTime();
    for (const song of recordings.of(play.track)) if (at >= song.from && at < song.until) song.plays.push(play);
  }
  for (const save of evidence.saves) for (const song of recordings.of(save.track)) song.saves.push(save);
  const knownUntil = evidence.knownUntil?.getTime() ?? Number.NEGATIVE_INFINITY;
  return watched.map((song) => decide(song, knownUntil));
}

/** Whether a play went to the song's end. One of unknown length did unless marked as skipped: the Web API tells no more, and lists none under 30 s. */
export function wasHeardOut({ msPlayed, durationMs, skipped, reasonEnd }: WitnessedPlay): boolean {
  if (msPlayed === null) return skipped !== true;
  if (durationMs !== null && durationMs > 0 && msPlayed >= HEARD_OUT * durationMs) return true;
  // Who moves the slider to the end gets a "trackdone" after a few seconds.
  return reasonEnd === 'trackdone' && isListen({ msPlayed });
}

function wasListenedTo(play: WitnessedPlay): boolean {
  return wasHeardOut(play) || (isListen(play) && play.skipped !== true);
}

interface WatchedSong {
  readonly edition: PublishedEdition;
  readonly position: number;
  readonly track: RecordingIdentity;
  readonly from: number;
  until: number;
  readonly plays: WitnessedPlay[];
  readonly saves: Save[];
}

function watchedSongs(edition: PublishedEdition): WatchedSong[] {
  const from = edition.publishedAt.getTime();
  return edition.songs.map(({ position, track }) => {
    return { edition, position, track, from, until: from + WINDOW_MS, plays: [], saves: [] };
  });
}

function endWhereTheNextBegins(same: readonly WatchedSong[]): void {
  for (const song of same) {
    for (const { from } of same) if (from > song.from) song.until = Math.min(song.until, from);
  }
}

function decide(song: WatchedSong, knownUntil: number): SongOutcome {
  const { edition, position, until, plays } = song;
  const listened = plays.filter(wasListenedTo);
  const heardOut = plays.filter(wasHeardOut).length;
  const savedAt = savedIn(song);
  const settled = knownUntil >= until;
  const kept = savedAt !== null || heardOut > 0 || listened.length > 1;
  return {
    editionId: edition.editionId,
    position,
    outcome: kept ? 'kept' : plays.length > 0 ? 'skipped' : settled ? 'ignored' : 'open',
    settled,
    plays: plays.length,
    listens: listened.length,
    heardOut,
    fromPlaylist: plays.filter(({ contextUri }) => contextUri === edition.playlistUri).length,
    firstListenedAt:
      listened.length === 0 ? null : new Date(Math.min(...listened.map(({ endedAt }) => endedAt.getTime()))),
    savedAt,
    windowEndsAt: new Date(until),
  };
}

/** The first save of all, where the window holds it. */
function savedIn({ saves, from, until }: WatchedSong): Date | null {
  const first = Math.min(...saves.map(({ at }) => at?.getTime() ?? Number.NEGATIVE_INFINITY));
  return first >= from && first < until ? new Date(first) : null;
}

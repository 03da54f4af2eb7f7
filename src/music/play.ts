/** Where a play was learned from: the Web API's recently-played, or the owner's export. */
export type PlaySource = 'api' | 'export';

/** One playback of one track. Both of Spotify's sources mark the END of the play. */
export interface Play {
  readonly trackId: string;
  /** UTC, milliseconds. */
  readonly endedAt: Date;
  /** Milliseconds heard; null when the source does not say (the Web API never does). */
  readonly msPlayed: number | null;
  readonly source: PlaySource;
}

/** A listen is a play of at least 30 s; a play of unknown length counts, since the API lists only plays past 30 s. */
export const LISTEN_MS = 30_000;

export function isListen(play: Pick<Play, 'msPlayed'>): boolean {
  return play.msPlayed === null || play.msPlayed >= LISTEN_MS;
}

/** Two plays belong to one session when less than this lies between them. */
export const SESSION_GAP_MS = 30 * 60_000;

/** A polled and an exported play of one track this close together are the same play (Spotify rounds and delays recently-played by about a minute). */
export const SAME_PLAY_MS = 90_000;

/** How far from a play of an export a stored one may lie that can be the same: a long track's start and end. */
export const MERGE_REACH_MS = 3_600_000;

/** Cuts plays, ordered by `endedAt`, where more than `gapMs` passes without one. */
export function cutSessions<T extends Pick<Play, 'endedAt'>>(plays: readonly T[], gapMs = SESSION_GAP_MS): T[][] {
  const sessions: T[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const play of plays) {
    const at = play.endedAt.getTime();
    if (at - last > gapMs) sessions.push([]);
    sessions.at(-1)!.push(play);
    last = at;
  }
  return sessions;
}

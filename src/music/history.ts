/** What an export says of a play besides what was played and when; null where it says nothing. */
export interface PlayFacts {
  /** Milliseconds heard. */
  readonly msPlayed: number | null;
  readonly platform: string | null;
  readonly country: string | null;
  readonly reasonStart: string | null;
  readonly reasonEnd: string | null;
  readonly shuffle: boolean | null;
  readonly skipped: boolean | null;
  readonly offline: boolean | null;
  readonly offlineAt: Date | null;
  readonly privateSession: boolean | null;
}

/** Of a play of which nothing more is known than what was played and when. */
export const NO_FACTS: PlayFacts = {
  msPlayed: null,
  platform: null,
  country: null,
  reasonStart: null,
  reasonEnd: null,
  shuffle: null,
  skipped: null,
  offline: null,
  offlineAt: null,
  privateSession: null,
};

/** A play that the store holds, near in time to those of an export. */
export interface StoredPlay {
  readonly playId: number;
  readonly trackId: string;
  readonly recordingKey: string;
  readonly endedAt: Date;
  readonly msPlayed: number | null;
  /**
   * `precise`: from the extended history. `minute`: from the account data, known to the minute. `polled`: from the
   * Web API. `polled-and-minute`: both of the last two.
   */
  readonly known: 'precise' | 'minute' | 'polled' | 'polled-and-minute';
  /** Length of the track, where known. */
  readonly durationMs: number | null;
}

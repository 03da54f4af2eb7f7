/** One row of the extended streaming history, under Spotify's own names. */
export interface ExtendedRow {
  ts: string;
  ms_played: number;
  [column: string]: unknown;
}

/** A row with the name of what is odd about it; `music` for a plain one. */
export interface BadgedRow {
  readonly row: ExtendedRow;
  badge: string;
}

/** How many rows of each kind an export holds, and how it writes what real exports write in several ways. */
export interface ExportQuirks {
  /** Podcast rows, besides the plays. */
  readonly podcasts: number;
  /** Audiobook rows, besides the plays (only where the keys exist). */
  readonly audiobooks: number;
  /** The four audiobook columns: `missing` before about 2024. */
  readonly audiobookKeys: 'missing' | 'present';
  /** Rows of the video file, besides the plays. */
  readonly videos: number;
  /** Plays in a private session. */
  readonly incognito: number;
  /** Plays with names but a null `spotify_track_uri`. */
  readonly withoutUri: number;
  /** Plays of deleted or local content: names and URI all null. */
  readonly nameless: number;
  /** Plays with null where a flag or a reason belongs, as in older years. */
  readonly nullFlags: number;
  /** Offline plays whose `ts` is the time of the later upload; `offline_timestamp` is the real start. */
  readonly lateUploads: number;
  /** Rows that stand twice, in every column. */
  readonly exactDuplicates: number;
  /** Rows that stand again 3 seconds later with another `ms_played`. */
  readonly nearDuplicates: number;
  /** Whether there are rows of 0, 29,999 and 30,000 ms (one each, besides the plays). */
  readonly shortPlays: boolean;
  /** `offline_timestamp`: seconds, milliseconds, 0, null, or all of these in turn. */
  readonly offlineTimestamp: 'seconds' | 'milliseconds' | 'zero' | 'null' | 'mixed';
  /** `ts` lies up to this far off the time recently-played gave (both are about a minute off at worst). Milliseconds. */
  readonly endsOffByMs: number;
}

export const NO_QUIRKS: ExportQuirks = {
  podcasts: 0,
  audiobooks: 0,
  audiobookKeys: 'present',
  videos: 0,
  incognito: 0,
  withoutUri: 0,
  nameless: 0,
  nullFlags: 0,
  lateUploads: 0,
  exactDuplicates: 0,
  nearDuplicates: 0,
  shortPlays: false,
  offlineTimestamp: 'seconds',
  endsOffByMs: 0,
};

export const USUAL_QUIRKS: ExportQuirks = {
  podcasts: 6,
  audiobooks: 4,
  audiobookKeys: 'present',
  videos: 3,
  incognito: 5,
  withoutUri: 2,
  nameless: 3,
  nullFlags: 8,
  lateUploads: 6,
  exactDuplicates: 5,
  nearDuplicates: 4,
  shortPlays: true,
  offlineTimestamp: 'mixed',
  endsOffByMs: 0,
};

export function readQuirks(quirks: 'usual' | 'none' | Partial<ExportQuirks>): ExportQuirks {
  if (quirks === 'usual') return USUAL_QUIRKS;
  return quirks === 'none' ? NO_QUIRKS : { ...NO_QUIRKS, ...quirks };
}

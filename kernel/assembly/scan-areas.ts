// Where everything lies in the memory of scan.wasm. What is never touched costs addresses only, so each area has room
// for the largest playlist that is read (32 MB of text); the vocabulary comes last and grows.

/** Below lies the module's own data. */
const FIRST: i32 = 0x10000;

/** Copies and comparisons go on to the end of their vector. */
const PADDING: i32 = 256;

/** How a track record is laid out: the bytes between its values, and which of them are strings (scan-record.ts). */
export const MOST_FIELDS: i32 = 32;
export const GAP_BYTES: i32 = 256;
export const GAPS: i32 = FIRST;
export const GAP_LENGTHS: i32 = GAPS + (MOST_FIELDS + 1) * GAP_BYTES;
/** 16 bytes a gap: ones where its last vector counts. */
export const GAP_MASKS: i32 = GAP_LENGTHS + (MOST_FIELDS + 1) * 4;
export const IS_STRING: i32 = GAP_MASKS + (MOST_FIELDS + 1) * 16;
/** Of the record matched last: where each value starts and ends; the highest bit of the end says that it has escapes. */
export const BOUNDS: i32 = IS_STRING + (MOST_FIELDS + 1) * 4;

/** For one id from outside. */
export const ID: i32 = FIRST + 0x8000;

/** Tracks of the playlist being read: id, then start and end of title and artist. */
export const MOST_TRACKS: i32 = 1 << 19;
export const TRACK_BYTES: i32 = 20;
export const TRACKS: i32 = FIRST + 0x10000;

/** What was read, in order: u32 index of each token. */
export const MOST_TOKENS: i32 = 1 << 21;
export const TOKENS: i32 = TRACKS + MOST_TRACKS * TRACK_BYTES;
/** Of each playlist: tokens, bytes of its name, descriptions that come before its name. */
export const MOST_PLAYLISTS: i32 = 1 << 17;
export const PLAYLISTS: i32 = TOKENS + MOST_TOKENS * 4;
/** What tracks are called: index of the track, bytes of title, artists and ISRC. */
export const MOST_DESCRIPTIONS: i32 = 1 << 21;
export const DESCRIPTIONS: i32 = PLAYLISTS + MOST_PLAYLISTS * 12;
/** The texts that playlists and descriptions measure, in order. */
export const TEXT_BYTES: i32 = 100 << 20;
export const TEXTS: i32 = DESCRIPTIONS + MOST_DESCRIPTIONS * 16;

/** Room for the ids of all tokens, on their way out. */
export const IDS: i32 = TEXTS + TEXT_BYTES + PADDING;

/** The bytes being read. */
export const WINDOW_BYTES: i32 = 34 << 20;
export const WINDOW: i32 = IDS + MOST_TOKENS * 22 + PADDING;
export const FREE: i32 = WINDOW + WINDOW_BYTES + PADDING;

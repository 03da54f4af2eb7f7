// What was read, in the order in which the plain readers would give it. Whoever started the scan takes it away when an
// area is full or a file has ended (src/corpus/scan-kernel.ts).
import {
  DESCRIPTIONS,
  MOST_DESCRIPTIONS,
  MOST_PLAYLISTS,
  MOST_TOKENS,
  MOST_TRACKS,
  PLAYLISTS,
  TEXT_BYTES,
  TEXTS,
  TOKENS,
  TRACK_BYTES,
  TRACKS,
} from './scan-areas';
import { unescape } from './scan-escapes';
import { describe, intern, isDescribed, keepTouched, touchEntry, touchSlot } from './scan-vocabulary';

/** Set where white space may have to be cut off a text. */
const UNTRIMMED: u32 = 0x80000000;

export let tokens: i32 = 0;
export let playlists: i32 = 0;
export let descriptions: i32 = 0;
export let textBytes: i32 = 0;
/** How many texts are UNTRIMMED. */
export let untrimmedTexts: i32 = 0;

let tracks: i32 = 0;
let descriptionsBefore: i32 = 0;
let nameBounds: u64 = 0;

/** Forgets what was read; the vocabulary stays. */
export function clearResults(): void {
  tokens = playlists = descriptions = textBytes = untrimmedTexts = descriptionsBefore = 0;
}

/** Forgets the playlist being read. */
@inline
export function beginPlaylist(): void {
  tracks = 0;
  nameBounds = 0;
}

@inline
export function tracksRead(): i32 {
  return tracks;
}

@inline
export function namePlaylist(start: i32, end: i32): void {
  nameBounds = <u64>start | (<u64>end << 32);
}

/** A track of the playlist being read; bounds of 0 say that nothing tells what it is called. */
@inline
export function addTrack(id: i32, title: u64, artist: u64): bool {
  if (tracks == MOST_TRACKS) return false;
  const track = TRACKS + tracks * TRACK_BYTES;
  store<i32>(track, id);
  store<u64>(track, title, 4);
  store<u64>(track, artist, 12);
  tracks++;
  return true;
}

/** Puts the playlist read, of `bytes` bytes, to the results; false when they have no room for it. */
export function endPlaylist(bytes: i32): bool {
  if (tokens + tracks > MOST_TOKENS || playlists == MOST_PLAYLISTS) return false;
  if (descriptions + tracks > MOST_DESCRIPTIONS || textBytes + bytes > TEXT_BYTES) return false;
  // With a million tracks neither slots nor entries are in the cache.
  let sum: u64 = 0;
  for (let i = 0; i < tracks; i++) sum += touchSlot(load<i32>(TRACKS + i * TRACK_BYTES));
  for (let i = 0; i < tracks; i++) sum += touchEntry(load<i32>(TRACKS + i * TRACK_BYTES));
  keepTouched(sum);
  for (let i = 0; i < tracks; i++) {
    const track = TRACKS + i * TRACK_BYTES;
    const index = intern(load<i32>(track));
    store<u32>(TOKENS + ((tokens + i) << 2), index);
    if (load<i32>(track, 4) != 0 && !isDescribed(index)) addDescription(index, load<u64>(track, 4), load<u64>(track, 12));
  }
  tokens += tracks;
  recordPlaylist(tracks, nameBounds == 0 ? 0 : addText(nameBounds));
  return true;
}

/** Notes a playlist whose tokens, descriptions and name are in their areas already. */
export function recordPlaylist(length: i32, name: u32): void {
  const playlist = PLAYLISTS + playlists * 12;
  store<i32>(playlist, length);
  store<u32>(playlist, name, 4);
  store<i32>(playlist, descriptions - descriptionsBefore, 8);
  descriptionsBefore = descriptions;
  playlists++;
}

function addDescription(index: u32, title: u64, artist: u64): void {
  const description = DESCRIPTIONS + (descriptions << 4);
  const titleLength = addText(title);
  const artistLength = addText(artist);
  store<u32>(description, index);
  store<u32>(description, titleLength, 4);
  store<u32>(description, artistLength, 8);
  store<u32>(description, 0, 12);
  descriptions++;
  if (titleLength != 0 && artistLength != 0 && ((titleLength | artistLength) & UNTRIMMED) == 0) describe(index);
}

/** Puts a string of the window to the texts; its length, with UNTRIMMED where white space may stand at either end. */
function addText(bounds: u64): u32 {
  const start = <i32>bounds;
  const end = <i32>(bounds >> 32) & 0x7fffffff;
  const target = TEXTS + textBytes;
  const length = bounds >> 63 != 0 ? unescape(start, end, target) : copyText(start, end, target);
  if (length == 0) return 0;
  textBytes += length;
  if (!mayBeginWithSpace(target) && !mayEndWithSpace(target, length)) return length;
  untrimmedTexts++;
  return length | UNTRIMMED;
}

@inline
function copyText(start: i32, end: i32, target: i32): i32 {
  for (let at = start; at < end; at += 16) v128.store(target + at - start, v128.load(at));
  return end - start;
}

@inline
function mayBeginWithSpace(text: i32): bool {
  const first = <u32>load<u8>(text);
  return first <= 0x20 || first == 0xc2 || isWideLead(first);
}

@inline
function mayEndWithSpace(text: i32, length: i32): bool {
  const last = text + length - 1;
  const byte = <u32>load<u8>(last);
  if (byte < 0x80) return byte <= 0x20;
  return load<u8>(last - 1) == 0xc2 || (length > 2 && isWideLead(load<u8>(last - 2)));
}

/** First byte of the white space beyond Latin: U+1680, U+2000 and others, U+3000, U+FEFF. */
@inline
function isWideLead(byte: u32): bool {
  return byte - 0xe1 <= 2 || byte == 0xef;
}

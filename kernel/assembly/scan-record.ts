// Track records of a slice. A machine wrote them, so the next one is nearly always laid out like the last: the bytes between
// its values are compared, sixteen at once, instead of being taken apart again.
import { BOUNDS, GAP_BYTES, GAP_LENGTHS, GAP_MASKS, GAPS, IS_STRING, MOST_FIELDS } from './scan-areas';
import {
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfBytes,
  isText,
  ODD,
  QUOTE,
  skipSpace,
  stop,
  stringEnd,
  wasEscaped,
  wholeNumberEnd,
} from './scan-bytes';

/** An object ended where a key could have come. */
export const CLOSES: i32 = -3;

const TRACK_URI = memory.data<u8>([0x74, 0x72, 0x61, 0x63, 0x6b, 0x5f, 0x75, 0x72, 0x69]);
const TRACK_NAME = memory.data<u8>([0x74, 0x72, 0x61, 0x63, 0x6b, 0x5f, 0x6e, 0x61, 0x6d, 0x65]);
const ARTIST_NAME = memory.data<u8>([0x61, 0x72, 0x74, 0x69, 0x73, 0x74, 0x5f, 0x6e, 0x61, 0x6d, 0x65]);
/** Length and letters of the other keys under which the plain reader looks for what a track is: trackUri, uri, url, track_id, spotify_id, id, trackName, title, name, artists, artistName, artist, creator, isrc. */
const OTHER_NAMES = memory.data<u8>([
  0x8, 0x74, 0x72, 0x61, 0x63, 0x6b, 0x55, 0x72, 0x69, 0x3, 0x75, 0x72, 0x69, 0x3, 0x75, 0x72, 0x6c, 0x8, 0x74, 0x72, 0x61, 0x63, 0x6b, 0x5f, 0x69, 0x64, 0xa, 0x73, 0x70, 0x6f, 0x74, 0x69, 0x66, 0x79, 0x5f, 0x69, 0x64, 0x2, 0x69, 0x64, 0x9, 0x74, 0x72, 0x61, 0x63, 0x6b, 0x4e, 0x61, 0x6d, 0x65, 0x5, 0x74, 0x69, 0x74, 0x6c, 0x65, 0x4, 0x6e, 0x61, 0x6d, 0x65, 0x7, 0x61, 0x72, 0x74, 0x69, 0x73, 0x74, 0x73, 0xa, 0x61, 0x72, 0x74, 0x69, 0x73, 0x74, 0x4e, 0x61, 0x6d, 0x65, 0x6, 0x61, 0x72, 0x74, 0x69, 0x73, 0x74, 0x7, 0x63, 0x72, 0x65, 0x61, 0x74, 0x6f, 0x72, 0x4, 0x69, 0x73, 0x72, 0x63, 0x0,
]);

let fields: i32 = 0;
let uri: i32 = -1;
let title: i32 = -1;
let artist: i32 = -1;

// Results of `nextKey` besides its start.
let keyEnd: i32 = 0;
let valueAt: i32 = 0;

@inline
export function endOfKey(): i32 {
  return keyEnd;
}

/** Where the value of the key that `nextKey` found begins; after CLOSES, what follows the bracket. */
@inline
export function startOfValue(): i32 {
  return valueAt;
}

@inline
export function uriStart(): i32 {
  return load<i32>(BOUNDS + (uri << 3));
}

@inline
export function uriEnd(): i32 {
  return load<i32>(BOUNDS + (uri << 3), 4);
}

@inline
export function titleBounds(): u64 {
  return load<u64>(BOUNDS + (title << 3));
}

@inline
export function artistBounds(): u64 {
  return load<u64>(BOUNDS + (artist << 3));
}

/** From after `{` or a value: the start of the next key; or CLOSES. */
export function nextKey(start: i32, isFirst: bool): i32 {
  let at = skipSpace(start);
  if (<u32>load<u8>(at) == CLOSE_OBJECT) {
    valueAt = at + 1;
    return CLOSES;
  }
  if (!isFirst) {
    if (<u32>load<u8>(at) != COMMA) return stop(at);
    at = skipSpace(at + 1);
  }
  if (<u32>load<u8>(at) != QUOTE) return stop(at);
  const key = at + 1;
  const end = stringEnd(key);
  if (end < 0) return end;
  if (wasEscaped()) return ODD;
  at = skipSpace(end + 1);
  if (<u32>load<u8>(at) != COLON) return stop(at);
  keyEnd = end;
  valueAt = skipSpace(at + 1);
  return key;
}

/** The position after a record laid out like the one learned last, its values in BOUNDS; ODD for any other. */
@inline
export function matchRecord(start: i32): i32 {
  if (fields == 0) return ODD;
  const end = endOfBytes();
  let at = start;
  let field = 0;
  while (true) {
    const length = load<i32>(GAP_LENGTHS + (field << 2));
    if (at + length > end) return ODD;
    const gap = GAPS + field * GAP_BYTES;
    let difference = i64x2.splat(0);
    let i = 0;
    for (; i + 16 <= length; i += 16) {
      difference = v128.or(difference, v128.xor(v128.load(at + i), v128.load(gap + i)));
    }
    const last = v128.xor(v128.load(at + i), v128.load(gap + i));
    difference = v128.or(difference, v128.and(last, v128.load(GAP_MASKS + (field << 4))));
    if (v128.any_true(difference)) return ODD;
    at += length;
    if (field == fields) return at;
    const bounds = BOUNDS + (field << 3);
    store<i32>(bounds, at);
    if (load<i32>(IS_STRING + (field << 2)) != 0) {
      at = stringEnd(at);
      if (at < 0) return ODD;
      store<i32>(bounds, at | (<i32>wasEscaped() << 31), 4);
    } else {
      at = wholeNumberEnd(at);
      if (at < 0) return ODD;
      store<i32>(bounds, at, 4);
    }
    field++;
  }
}

/** Takes a record apart key by key and remembers how it is laid out; its end, MORE, or ODD for what no record has. */
export function learnRecord(start: i32): i32 {
  fields = 0;
  uri = title = artist = -1;
  let count = 0;
  let gapStart = start;
  let at = start + 1;
  while (true) {
    const key = nextKey(at, count == 0);
    if (key == CLOSES) break;
    if (key < 0) return key;
    if (count == MOST_FIELDS || isOtherName(key)) return ODD;
    at = valueAt;
    const isString = <u32>load<u8>(at) == QUOTE;
    const valueStart = isString ? at + 1 : at;
    if (isString && isText(key, keyEnd, TRACK_URI, 9)) uri = count;
    else if (isString && isText(key, keyEnd, TRACK_NAME, 10)) title = count;
    else if (isString && isText(key, keyEnd, ARTIST_NAME, 11)) artist = count;
    if (!learnGap(count, gapStart, valueStart)) return ODD;
    store<i32>(IS_STRING + (count << 2), <i32>isString);
    const valueEnd = isString ? stringEnd(valueStart) : wholeNumberEnd(valueStart);
    if (valueEnd < 0) return valueEnd;
    gapStart = valueEnd;
    at = isString ? valueEnd + 1 : valueEnd;
    count++;
  }
  if (uri < 0 || title < 0 || artist < 0 || !learnGap(count, gapStart, valueAt)) return ODD;
  fields = count;
  return valueAt;
}

function learnGap(field: i32, start: i32, end: i32): bool {
  const length = end - start;
  if (length > GAP_BYTES - 16) return false;
  const gap = GAPS + field * GAP_BYTES;
  memory.copy(gap, start, length);
  // A key beyond ASCII would have to be proved UTF-8 in every record.
  for (let i = 0; i < length; i++) if (load<u8>(gap + i) > 0x7f) return false;
  store<i32>(GAP_LENGTHS + (field << 2), length);
  const mask = GAP_MASKS + (field << 4);
  for (let i = 0; i < 16; i++) store<u8>(mask + i, i < (length & 15) ? 0xff : 0);
  return true;
}

function isOtherName(key: i32): bool {
  for (let name = OTHER_NAMES; load<u8>(name) != 0; name += <usize>load<u8>(name) + 1) {
    if (isText(key, keyEnd, name + 1, load<u8>(name))) return true;
  }
  return false;
}

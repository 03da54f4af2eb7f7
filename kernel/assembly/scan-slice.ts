// Playlists of the Million Playlist Dataset.
import { WINDOW } from './scan-areas';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfBytes,
  expectAscii,
  isId,
  isText,
  isTrackPrefix,
  MORE,
  ODD,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  sawOther,
  skipSpace,
  stop,
  stringEnd,
  wasEscaped,
  wholeNumberEnd,
} from './scan-bytes';
import {
  artistBounds,
  CLOSES,
  endOfKey,
  learnRecord,
  matchRecord,
  nextKey,
  startOfValue,
  titleBounds,
  uriEnd,
  uriStart,
} from './scan-record';
import { addTrack, beginPlaylist, endPlaylist, namePlaylist, tracksRead } from './scan-results';

/** The list has ended. */
const DONE: i32 = -4;
/** The results have no room for the playlist: take them away and scan again from where it begins. */
const FULL: i32 = -5;
/** Some strings of the playlist are not ASCII: `takePlaylist` it if all of it is UTF-8. */
const CHECK: i32 = -6;

const NAME = memory.data<u8>([0x6e, 0x61, 0x6d, 0x65]);
const TRACKS_KEY = memory.data<u8>([0x74, 0x72, 0x61, 0x63, 0x6b, 0x73]);
const PLAYLISTS_KEY = memory.data<u8>([0x70, 0x6c, 0x61, 0x79, 0x6c, 0x69, 0x73, 0x74, 0x73]);

/** Why `scanSlice` stopped: MORE, ODD, DONE, FULL or CHECK. */
export let status: i32 = 0;
/** Where the playlist to be checked ends. */
export let playlistEnd: i32 = 0;

/**
 * Reads playlists from `from`, somewhere in the list, and returns where the first one begins that it did not take.
 */
export function scanSlice(from: i32): i32 {
  let at = from;
  while (true) {
    at = skipSpace(at);
    while (<u32>load<u8>(at) == COMMA) at = skipSpace(at + 1);
    if (at >= endOfBytes()) return stopped(MORE, endOfBytes());
    if (<u32>load<u8>(at) == CLOSE_ARRAY) return stopped(DONE, at + 1);
    beginPlaylist();
    expectAscii();
    const next = <u32>load<u8>(at) == OPEN_OBJECT ? readPlaylist(at) : ODD;
    if (next < 0) return stopped(next, at);
    // Whether this was all of it shows only what follows.
    const after = skipSpace(next);
    if (after >= endOfBytes()) return stopped(MORE, at);
    if (<u32>load<u8>(after) != COMMA && <u32>load<u8>(after) != CLOSE_ARRAY) return stopped(ODD, at);
    playlistEnd = next;
    if (sawOther()) return stopped(CHECK, at);
    if (!endPlaylist(next - at)) return stopped(FULL, at);
    at = next;
  }
}

@inline
function stopped(why: i32, at: i32): i32 {
  status = why;
  return at;
}

/** A playlist from its `{`: the position after its `}`, or MORE or ODD. */
function readPlaylist(start: i32): i32 {
  let at = start + 1;
  let hasTracks = false;
  for (let isFirst = true; ; isFirst = false) {
    const key = nextKey(at, isFirst);
    if (key == CLOSES) break;
    if (key < 0) return key;
    const keyEnd = endOfKey();
    at = startOfValue();
    if (isText(key, keyEnd, TRACKS_KEY, 6)) {
      if (hasTracks || <u32>load<u8>(at) != OPEN_ARRAY) return stop(at);
      hasTracks = true;
      at = readTracks(at);
    } else if (<u32>load<u8>(at) == QUOTE) {
      const end = stringEnd(at + 1);
      if (end < 0) return end;
      if (isText(key, keyEnd, NAME, 4)) namePlaylist(at + 1, end | (<i32>wasEscaped() << 31));
      at = end + 1;
    } else if (isText(key, keyEnd, NAME, 4)) return stop(at);
    else at = wholeNumberEnd(at);
    if (at < 0) return at;
  }
  return tracksRead() == 0 ? ODD : startOfValue();
}

function readTracks(start: i32): i32 {
  let at = skipSpace(start + 1);
  if (<u32>load<u8>(at) == CLOSE_ARRAY) return at + 1;
  while (true) {
    if (<u32>load<u8>(at) != OPEN_OBJECT) return stop(at);
    let next = matchRecord(at);
    if (next < 0) {
      next = learnRecord(at);
      if (next < 0) return next;
      next = matchRecord(at);
      if (next < 0) return next;
    }
    const uri = uriStart();
    if (uriEnd() - uri != 36 || !isTrackPrefix(uri) || !isId(uri + 14)) return ODD;
    if (!addTrack(uri + 14, titleBounds(), artistBounds())) return ODD;
    at = skipSpace(next);
    const byte = <u32>load<u8>(at);
    if (byte == CLOSE_ARRAY) return at + 1;
    if (byte != COMMA) return stop(at);
    at = skipSpace(at + 1);
  }
}

/**
 * Where the list `playlists` of a slice begins, MORE when it has not come yet, ODD when there is none; as
 * src/base/json-splitter.ts finds it.
 */
export function findList(): i32 {
  const end = endOfBytes();
  let at = skipSpace(WINDOW);
  if (at >= end) return MORE;
  if (<u32>load<u8>(at) != OPEN_OBJECT) return ODD;
  let depth = 0;
  let isValue = false;
  let isName = false;
  for (at++; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == QUOTE) {
      const text = at + 1;
      for (at = text; at < end && <u32>load<u8>(at) != QUOTE; at++) if (load<u8>(at) == 0x5c) at++;
      if (at >= end) return MORE;
      if (depth == 0) isName = isText(text, at, PLAYLISTS_KEY, 9);
    } else if (byte == COLON && depth == 0) isValue = true;
    else if (byte == COMMA && depth == 0) isValue = false;
    else if (byte == OPEN_ARRAY && depth == 0 && isValue && isName) return at + 1;
    else if (byte == OPEN_ARRAY || byte == OPEN_OBJECT) depth++;
    else if (byte == CLOSE_ARRAY || byte == CLOSE_OBJECT) {
      if (depth == 0) return ODD;
      depth--;
    }
  }
  return MORE;
}

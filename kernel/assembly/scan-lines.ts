// Playlists as lines of track ids or URIs with white space between them.
import { endOfBytes, isId, isTrackPrefix, MORE, NEWLINE, ODD } from './scan-bytes';
import { addTrack, beginPlaylist, endPlaylist, tracksRead } from './scan-results';

const FULL: i32 = -5;

/** Why `scanLines` stopped: MORE, ODD or FULL. */
export let linesStatus: i32 = 0;

/** Reads whole lines from `from` and returns where the first one begins that it did not take. */
export function scanLines(from: i32): i32 {
  let line = from;
  while (true) {
    beginPlaylist();
    let at = line;
    while (true) {
      const byte = <u32>load<u8>(at);
      if (byte == NEWLINE) break;
      if (isBlank(byte)) {
        at++;
        continue;
      }
      if (at >= endOfBytes()) return stopped(MORE, line);
      const id = isTrackPrefix(at) ? at + 14 : at;
      if (!isId(id)) return stopped(mayBeCut(at) ? MORE : ODD, line);
      const after = <u32>load<u8>(id + 22);
      if (after != NEWLINE && !isBlank(after)) return stopped(id + 22 >= endOfBytes() ? MORE : ODD, line);
      if (!addTrack(id, 0, 0)) return stopped(ODD, line);
      at = id + 22;
    }
    if (tracksRead() > 0 && !endPlaylist(0)) return stopped(FULL, line);
    line = at + 1;
  }
}

@inline
function stopped(why: i32, at: i32): i32 {
  linesStatus = why;
  return at;
}

/** Whether the bytes end before a URI from here would. */
@inline
function mayBeCut(at: i32): bool {
  return at + 36 >= endOfBytes();
}

/** White space inside a line; beyond ASCII it is for the plain reader to tell. */
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0b || byte == 0x0c;
}

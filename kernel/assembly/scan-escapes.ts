// What the escapes of JSON strings mean, as UTF-8.
import { BACKSLASH } from './scan-bytes';

/** Writes a string whose escapes were found whole; returns its bytes, never more than there were. */
export function unescape(start: i32, end: i32, target: i32): i32 {
  let to = target;
  let at = start;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte != BACKSLASH) {
      store<u8>(to++, byte);
      at++;
      continue;
    }
    const kind = <u32>load<u8>(at + 1);
    if (kind != 0x75) {
      store<u8>(to++, meaningOf(kind));
      at += 2;
      continue;
    }
    let code = hexAt(at + 2);
    at += 6;
    if (code >>> 10 == 0x36 && at + 6 <= end && load<u16>(at) == 0x755c) {
      const low = hexAt(at + 2);
      if (low >>> 10 == 0x37) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    to = writeUtf8(to, code);
  }
  return to - target;
}

/** b f n r t mean control characters; quote, backslash and slash themselves. */
function meaningOf(kind: u32): u32 {
  if (kind == 0x62) return 0x08;
  if (kind == 0x66) return 0x0c;
  if (kind == 0x6e) return 0x0a;
  if (kind == 0x72) return 0x0d;
  return kind == 0x74 ? 0x09 : kind;
}

function hexAt(at: i32): u32 {
  let code: u32 = 0;
  for (let i = at; i < at + 4; i++) {
    const digit = <u32>load<u8>(i);
    code = (code << 4) | (digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x57);
  }
  return code;
}

function writeUtf8(to: i32, code: u32): i32 {
  // Half of a pair is no character: U+FFFD stands for it, as where Node writes such a string.
  if (code >>> 11 == 0x1b) code = 0xfffd;
  if (code < 0x80) {
    store<u8>(to, code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, 0xc0 | (code >>> 6));
    store<u8>(to + 1, 0x80 | (code & 0x3f));
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, 0xe0 | (code >>> 12));
    store<u8>(to + 1, 0x80 | ((code >>> 6) & 0x3f));
    store<u8>(to + 2, 0x80 | (code & 0x3f));
    return to + 3;
  }
  store<u8>(to, 0xf0 | (code >>> 18));
  store<u8>(to + 1, 0x80 | ((code >>> 12) & 0x3f));
  store<u8>(to + 2, 0x80 | ((code >>> 6) & 0x3f));
  store<u8>(to + 3, 0x80 | (code & 0x3f));
  return to + 4;
}

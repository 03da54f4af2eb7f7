// Steps over JSON, sixteen bytes at a time. Zero bytes follow the last one, and end every loop.

export const QUOTE: u32 = 0x22;
export const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const NINE: u32 = 0x39;
export const COLON: u32 = 0x3a;
export const OPEN_ARRAY: u32 = 0x5b;
export const BACKSLASH: u32 = 0x5c;
export const CLOSE_ARRAY: u32 = 0x5d;
export const OPEN_OBJECT: u32 = 0x7b;
export const CLOSE_OBJECT: u32 = 0x7d;
export const NEWLINE: u32 = 0x0a;

/** Where a step stopped short: the bytes ended, or something came that only a full parser should judge. */
export const MORE: i32 = -1;
export const ODD: i32 = -2;

let end: i32 = 0;
let escaped: bool = false;
let high: i32 = 0;

export function endAt(at: i32): void {
  end = at;
}

@inline
export function endOfBytes(): i32 {
  return end;
}

/** Whether the string that `stringEnd` passed last holds a backslash. */
@inline
export function wasEscaped(): bool {
  return escaped;
}

/** Whether any string since `expectAscii` held bytes above 0x7f. */
@inline
export function sawOther(): bool {
  return high != 0;
}

@inline
export function expectAscii(): void {
  high = 0;
}

@inline
export function stop(at: i32): i32 {
  return at >= end ? MORE : ODD;
}

@inline
export function isSpace(byte: u32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

@inline
export function skipSpace(start: i32): i32 {
  if (!isSpace(load<u8>(start))) return start;
  if (!isSpace(load<u8>(start + 1))) return start + 1;
  let at = start + 2;
  while (true) {
    const bytes = v128.load(at);
    const spaces = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x0a))),
      v128.or(i8x16.eq(bytes, i8x16.splat(0x0d)), i8x16.eq(bytes, i8x16.splat(0x09))),
    );
    const others = i8x16.bitmask(spaces) ^ 0xffff;
    if (others != 0) return at + ctz(others);
    at += 16;
  }
}

/** The position of the quote that ends a string whose first byte is at `start`. */
@inline
export function stringEnd(start: i32): i32 {
  escaped = false;
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
        i8x16.le_u(bytes, i8x16.splat(0x1f)),
      ),
    );
    const above = i8x16.bitmask(bytes);
    if (special == 0) {
      high |= above;
      at += 16;
      continue;
    }
    const length = ctz(special);
    high |= above & ((1 << length) - 1);
    at += length;
    if (<u32>load<u8>(at) == QUOTE) return at;
    at = escapeEnd(at);
    if (at < 0) return at;
  }
}

function escapeEnd(at: i32): i32 {
  if (<u32>load<u8>(at) != BACKSLASH) return stop(at);
  escaped = true;
  const kind = <u32>load<u8>(at + 1);
  if (kind == 0x75) {
    for (let i = at + 2; i < at + 6; i++) if (!isHex(load<u8>(i))) return stop(i);
    return at + 6;
  }
  // " \ / b f n r t
  if (kind == 0x22 || kind == 0x5c || kind == 0x2f || kind == 0x62 || kind == 0x66 || kind == 0x6e) return at + 2;
  return kind == 0x72 || kind == 0x74 ? at + 2 : stop(at + 1);
}

function isHex(byte: u32): bool {
  return byte - ZERO <= 9 || (byte | 0x20) - 0x61 <= 5;
}

/** The position after a whole number; any other kind is ODD. */
@inline
export function wholeNumberEnd(start: i32): i32 {
  const digits = <u32>load<u8>(start) == MINUS ? start + 1 : start;
  let at = digits;
  while (<u32>load<u8>(at) - ZERO <= 9) at++;
  if (at >= end) return MORE;
  const next = <u32>load<u8>(at);
  const isNumber = at > digits && (at == digits + 1 || <u32>load<u8>(digits) != ZERO);
  return isNumber && (next == COMMA || next == CLOSE_OBJECT || isSpace(next)) ? at : ODD;
}

/** The position of the comma or bracket that ends a value of an array, whatever it is; as src/base/json-splitter.ts. */
export function valueEnd(start: i32): i32 {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (isInString) {
      if (byte == BACKSLASH) at++;
      else if (byte == QUOTE) isInString = false;
    } else if (byte == QUOTE) isInString = true;
    else if (byte == OPEN_OBJECT || byte == OPEN_ARRAY) depth++;
    else if (depth > 0) {
      if (byte == CLOSE_OBJECT || byte == CLOSE_ARRAY) depth--;
    } else if (byte == COMMA || byte == CLOSE_ARRAY) return at;
  }
  return MORE;
}

/** Whether 22 bytes are letters and digits. */
@inline
export function isId(at: i32): bool {
  return isBase62(v128.load(at)) && isBase62(v128.load(at, 6));
}

@inline
function isBase62(bytes: v128): bool {
  const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
  const letters = i8x16.le_u(
    i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)),
    i8x16.splat(25),
  );
  return i8x16.all_true(v128.or(digits, letters));
}

/** Whether `spotify:track:` stands here. */
@inline
export function isTrackPrefix(at: i32): bool {
  const prefix = i8x16(0x73, 0x70, 0x6f, 0x74, 0x69, 0x66, 0x79, 0x3a, 0x74, 0x72, 0x61, 0x63, 0x6b, 0x3a, 0, 0);
  const counts = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0);
  return !v128.any_true(v128.and(v128.xor(v128.load(at), prefix), counts));
}

/** Whether the bytes from `start` to `end` are those at `key`. */
export function isText(start: i32, end: i32, key: usize, length: i32): bool {
  if (end - start != length) return false;
  for (let i = 0; i < length; i++) if (load<u8>(start + i) != load<u8>(key + i)) return false;
  return true;
}

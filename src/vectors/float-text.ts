// Numbers as text, as bytes: a gigabyte of vectors is 226 million of them, and strings in between cost five times as much.

/** Ten to the power of 0 to 22: those that f64 holds exactly. */
const TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Below 2^53 / 10 another digit still fits into an integer that f64 holds exactly. */
const FULL = 2 ** 53 / 10 - 1;

const [PLUS, MINUS, POINT, ZERO, UPPER_E, LOWER_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x45, 0x65];
const NOT_FINITE = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that `bytes[from .. to)` spells as Python, C or JavaScript print one, `nan` and `inf` included; undefined
 * where it spells none. Exact: what digits alone cannot settle goes the long way (Clinger 1990, the fast path).
 */
export function readNumber(bytes: Uint8Array, from: number, to: number): number | undefined {
  let at = from;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  let digits = 0;
  let seen = 0;
  let decimals = 0;
  let pointAt = -1;
  for (; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > FULL) return readSlowly(bytes, from, to);
      digits = digits * 10 + digit;
      seen++;
    } else if (bytes[at] === POINT && pointAt < 0) {
      pointAt = seen;
    } else break;
  }
  if (seen === 0) return readSlowly(bytes, from, to);
  if (pointAt >= 0) decimals = seen - pointAt;
  let power = 0;
  if (at < to) {
    if (bytes[at] !== LOWER_E && bytes[at] !== UPPER_E) return undefined;
    at++;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at++;
    if (at === to || to - at > 4) return readSlowly(bytes, from, to);
    for (; at < to; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      power = power * 10 + digit;
    }
    if (negative) power = -power;
  }
  power -= decimals;
  if (power < -22 || power > 22) return readSlowly(bytes, from, to);
  const value = power < 0 ? digits / TEN[-power]! : digits * TEN[power]!;
  return sign === MINUS ? -value : value;
}

function readSlowly(bytes: Uint8Array, from: number, to: number): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
  if (DECIMAL.test(text)) return Number(text);
  const [whole, sign, nan] = NOT_FINITE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return nan !== undefined ? Number.NaN : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Most bytes that `writeNumber` needs. */
export const NUMBER_BYTES = 24;

/**
 * Writes an f32 as decimal text that reads back as the same f32, of 8 significant digits where they suffice, else 9
 * (which always do). Returns where the text ends. `bytes` with room for NUMBER_BYTES from `at` on.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value === 0) {
    if (Object.is(value, -0)) bytes[at++] = MINUS;
    bytes[at++] = ZERO;
    return at;
  }
  let size = value;
  if (value < 0) {
    bytes[at++] = MINUS;
    size = -value;
  }
  // Song vectors live here; beyond, exponents are shorter and rare.
  if (!(size >= 1e-4 && size < 1e7)) return writeText(bytes, at, shortest(size));
  let places = placesOfNine(size);
  let digits = Math.round(size * TEN[places]!);
  const fewer = Math.round(size * TEN[places - 1]!);
  if (Math.fround(fewer / TEN[places - 1]!) === size) {
    digits = fewer;
    places--;
  }
  while (places > 0 && digits % 10 === 0) {
    digits /= 10;
    places--;
  }
  const whole = Math.floor(digits / TEN[places]!);
  const end = writeWhole(bytes, at, whole);
  if (places === 0) return end;
  bytes[end] = POINT;
  let rest = digits - whole * TEN[places]!;
  for (let place = end + places; place > end; place--) {
    const next = Math.floor(rest / 10);
    bytes[place] = ZERO + rest - next * 10;
    rest = next;
  }
  return end + places + 1;
}

const LIMITS = [1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1, 1e-1, 1e-2, 1e-3];

/** Digits after the point that make 9 significant ones: 2 for 1234567.89, 12 for 0.000123456789. */
function placesOfNine(size: number): number {
  let places = 2;
  while (places < 12 && size < LIMITS[places - 2]!) places++;
  return places;
}

function writeWhole(bytes: Uint8Array, at: number, whole: number): number {
  let end = at + 1;
  for (let rest = Math.floor(whole / 10); rest > 0; rest = Math.floor(rest / 10)) end++;
  let rest = whole;
  for (let place = end - 1; place >= at; place--) {
    const next = Math.floor(rest / 10);
    bytes[place] = ZERO + rest - next * 10;
    rest = next;
  }
  return end;
}

function shortest(size: number): string {
  const text = size.toPrecision(8);
  return String(Number(Math.fround(Number(text)) === size ? text : size.toPrecision(9)));
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let place = 0; place < text.length; place++) bytes[at + place] = text.charCodeAt(place);
  return at + text.length;
}

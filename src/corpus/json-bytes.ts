import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  isSpace,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../base/json-syntax.ts';
import { decodeText } from '../base/text-encoding.ts';

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const SMALL_U = 0x75;
const FOUR_SPACES = 0x20202020;

/** Where a scan stopped short: the bytes ended, or something came that only a full JSON parser should judge. */
export const MORE = -1;
export const ODD = -2;

const table = (test: (code: number) => boolean) => Uint8Array.from({ length: 256 }, (_, code) => (test(code) ? 1 : 0));
const endsPlainRun = table((code) => code < 0x20 || code === QUOTE || code === BACKSLASH);
const spaces = table(isSpace);
const isHex = table((code) => /[0-9A-Fa-f]/.test(String.fromCharCode(code)));
const isEscape = table((code) => '"\\/bfnrt'.includes(String.fromCharCode(code)));

// Zero bytes after the window end every loop over it, without asking for the length at each byte.
const PADDING = 8;

/** A window over JSON bytes that come in chunks, and the steps a scanner takes over it. Positions are within the window. */
export class JsonBytes {
  bytes: Buffer;
  view: DataView;
  /** How many bytes are there. */
  end = 0;
  /** Whether the string that `stringEnd` passed last holds a backslash. */
  escaped = false;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
    this.view = viewOf(this.bytes);
  }

  append(chunk: Uint8Array): void {
    const needed = this.end + chunk.length + PADDING;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
      this.view = viewOf(larger);
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
    this.bytes.fill(0, this.end, this.end + PADDING);
  }

  /** Forgets what lies before `start`. */
  dropBefore(start: number): void {
    this.bytes.copyWithin(0, start, this.end);
    this.end -= start;
    this.bytes.fill(0, this.end, this.end + PADDING);
  }

  /** MORE when the window ended here, ODD when something unexpected stands here. */
  stop(at: number): number {
    return at >= this.end ? MORE : ODD;
  }

  skipSpace(start: number): number {
    const { bytes, view } = this;
    if (spaces[bytes[start]!] === 0) return start;
    let at = start + 1;
    // Indented files are a third spaces: four at a time.
    while (view.getInt32(at, true) === FOUR_SPACES) at += 4;
    while (spaces[bytes[at]!] === 1) at++;
    return at;
  }

  /** The position of the quote that ends a string whose first byte is at `start`. */
  stringEnd(start: number): number {
    const { bytes, view } = this;
    let at = start;
    this.escaped = false;
    for (;;) {
      // Four bytes at a time while none of them is a quote, a backslash or below a space: (w - 0x01..) & ~w & 0x80.. is
      // not zero exactly when a byte of w is zero (Hacker's Delight, 6-1); the first term has 0x20 instead of 0x01.
      for (;;) {
        const word = view.getInt32(at, true);
        const quotes = word ^ 0x22222222;
        const slashes = word ^ 0x5c5c5c5c;
        const found =
          ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes);
        if ((found & 0x80808080) !== 0) break;
        at += 4;
      }
      while (endsPlainRun[bytes[at]!] === 0) at++;
      if (bytes[at] === QUOTE) return at;
      if (bytes[at] !== BACKSLASH) return this.stop(at);
      this.escaped = true;
      const escape_ = bytes[at + 1]!;
      if (escape_ === SMALL_U) {
        for (let i = at + 2; i < at + 6; i++) if (i >= this.end || isHex[bytes[i]!] === 0) return this.stop(i);
        at += 6;
      } else if (isEscape[escape_] === 1) at += 2;
      else return this.stop(at + 1);
    }
  }

  /** The position after a whole number; any other kind is ODD. */
  wholeNumberEnd(start: number): number {
    const { bytes } = this;
    const digits = bytes[start] === MINUS ? start + 1 : start;
    let at = digits;
    while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
    if (at >= this.end) return MORE;
    const isNumber = at > digits && (at === digits + 1 || bytes[digits] !== ZERO);
    const next = bytes[at]!;
    return isNumber && (next === COMMA || next === CLOSE_OBJECT || spaces[next] === 1) ? at : ODD;
  }

  /** The position after any value, found by its brackets and quotes; a scalar ends at the next comma or bracket. */
  valueEnd(start: number): number {
    const { bytes } = this;
    let depth = 0;
    let isInString = false;
    for (let at = start; at < this.end; at++) {
      const byte = bytes[at]!;
      if (isInString) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth === 0) return at;
        depth--;
      } else if (byte === COMMA && depth === 0) return at;
    }
    return MORE;
  }

  isKey(start: number, end: number, key: Uint8Array): boolean {
    if (end - start !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.bytes[start + i] !== key[i]) return false;
    return true;
  }

  /** What a string's bytes mean. */
  text(start: number, end: number, escaped: boolean): string {
    const text = decodeText(this.bytes.subarray(start, end));
    return escaped ? (JSON.parse(`"${text}"`) as string) : text;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

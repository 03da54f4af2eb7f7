import { isExpected } from '../base/errors.ts';
import type { SourceFile } from '../base/source-files.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import { readMpdPlaylist } from './mpd-playlist.ts';
import { isSkippedPlaylist, type PlaylistCounts, type ReadContext, tally } from './playlist-format.ts';

const WINDOW_BYTES = 512 * 1024;
const PADDING = 8;
const MAX_PLAYLIST_BYTES = 32 * 1024 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const SMALL_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Where a scan stopped short: the bytes ended, or something came that only a full JSON parser should judge. */
const MORE = -1;
const ODD = -2;
/** An object ended where a key could have come. */
const CLOSES = -3;

const table = (test: (code: number) => boolean) => Uint8Array.from({ length: 256 }, (_, code) => (test(code) ? 1 : 0));
const endsPlainRun = table((code) => code < 0x20 || code === QUOTE || code === BACKSLASH);
const isSpace = table((code) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09);
const isHex = table((code) => /[0-9A-Fa-f]/.test(String.fromCharCode(code)));
const isBase62 = table((code) => /[0-9A-Za-z]/.test(String.fromCharCode(code)));
const isEscape = table((code) => '"\\/bfnrt'.includes(String.fromCharCode(code)));

const TRACK_PREFIX = Buffer.from('spotify:track:');
const TRACK_URI = Buffer.from('track_uri');
const TRACK_NAME = Buffer.from('track_name');
const ARTIST_NAME = Buffer.from('artist_name');
const FOUR_SPACES = 0x20202020;
const NAME = Buffer.from('name');
const TRACKS = Buffer.from('tracks');
const PLAYLISTS = Buffer.from('"playlists"');

/**
 * Reads slices straight into a corpus. It knows the shape that MPD playlists have and walks over their bytes: a track
 * that the vocabulary holds costs a hash of its 22 id bytes and no string at all. A playlist with anything unexpected in
 * it goes through JSON.parse and readMpdPlaylist, as in the plain reader, so odd ones are judged the same.
 */
export async function scanMpdFiles(
  files: AsyncIterable<SourceFile>,
  context: ReadContext,
  writer: CorpusWriter,
): Promise<PlaylistCounts> {
  const counts = { read: 0, kept: 0, skipped: {} as Record<string, number> };
  for await (const file of files) {
    const scanner = new SliceScanner(writer, context, counts);
    let why = 'the text ends inside the list of playlists';
    try {
      for await (const chunk of readUtf8(file.stream())) {
        scanner.push(chunk);
        if (scanner.isDone) continue;
        if (scanner.waitingBytes > MAX_PLAYLIST_BYTES) {
          why = 'a playlist of more than 32 MB, most likely a missing quote or bracket';
          break;
        }
        await context.breathe();
      }
    } catch (error) {
      if (!isExpected(error)) throw error;
      why = error.why;
    }
    scanner.flush();
    if (!scanner.isDone) {
      counts.read++;
      tally(counts.skipped, 'cut short');
      context.noteProblem(file.name, why);
    }
  }
  return counts;
}

class SliceScanner {
  isDone = false;
  readonly #writer: CorpusWriter;
  readonly #context: ReadContext;
  readonly #counts: { read: number; kept: number; skipped: Record<string, number> };
  #isInList = false;
  /** The window: `#end` bytes, then PADDING zero bytes that end every loop over it. */
  #bytes: Buffer = Buffer.alloc(WINDOW_BYTES);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  #end = 0;
  /** How many bytes must wait before they are looked at again: a huge playlist is not scanned with every chunk. */
  #wanted = 0;
  /** Whether the string scanned last holds a backslash. */
  #escaped = false;

  constructor(
    writer: CorpusWriter,
    context: ReadContext,
    counts: { read: number; kept: number; skipped: Record<string, number> },
  ) {
    this.#writer = writer;
    this.#context = context;
    this.#counts = counts;
  }

  get waitingBytes(): number {
    return this.#end;
  }

  /** Reads the playlists that these bytes complete. */
  push(chunk: Uint8Array): void {
    if (this.isDone) return;
    const needed = this.#end + chunk.length + PADDING;
    if (needed > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    this.#bytes.fill(0, this.#end, this.#end + PADDING);
    if (this.#end >= this.#wanted) this.flush();
  }

  /** Reads what is complete and keeps the rest, the beginning of the next playlist. */
  flush(): void {
    const rest = this.#scan();
    this.#bytes.copyWithin(0, rest, this.#end);
    this.#end -= rest;
    this.#wanted = this.#end * 2;
    this.#bytes.fill(0, this.#end, this.#end + PADDING);
  }

  /** Returns where the first incomplete playlist begins. */
  #scan(): number {
    const bytes = this.#bytes;
    let at = 0;
    if (!this.#isInList) {
      at = this.#findList();
      if (at < 0) return 0;
      this.#isInList = true;
    }
    while (!this.isDone) {
      while (isSpace[bytes[at]!] === 1 || bytes[at] === COMMA) at++;
      if (at >= this.#end) return this.#end;
      if (bytes[at] === CLOSE_ARRAY) {
        this.isDone = true;
        return this.#end;
      }
      let next = bytes[at] === OPEN_OBJECT ? this.#playlist(at) : ODD;
      if (next < 0) this.#writer.abandonPlaylist();
      if (next === ODD) {
        next = this.#endOfValue(at);
        if (next >= 0) this.#judge(bytes.subarray(at, next));
      }
      if (next < 0) return at;
      at = next;
    }
    return this.#end;
  }

  #findList(): number {
    const bytes = this.#bytes;
    const key = bytes.indexOf(PLAYLISTS);
    if (key < 0) return MORE;
    let at = this.#skipSpace(key + PLAYLISTS.length);
    if (bytes[at] !== COLON) return MORE;
    at = this.#skipSpace(at + 1);
    return bytes[at] === OPEN_ARRAY ? at + 1 : MORE;
  }

  /** A playlist from its `{`; returns the position after its `}`. Its tokens are in the writer when that is not negative. */
  #playlist(start: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    let nameStart = -1;
    let nameEnd = -1;
    let nameEscaped = false;
    let hasTracks = false;
    for (let isFirst = true; ; isFirst = false) {
      const key = this.#nextKey(at, isFirst);
      if (key < 0) {
        if (key !== CLOSES) return key;
        at = this.#at;
        break;
      }
      const keyEnd = this.#keyEnd;
      at = this.#at;
      if (bytes[at] === QUOTE) {
        const end = this.#stringEnd(at + 1);
        if (end < 0) return end;
        if (this.#isKey(key, keyEnd, NAME)) {
          nameStart = at + 1;
          nameEnd = end;
          nameEscaped = this.#escaped;
        } else if (this.#isKey(key, keyEnd, TRACKS)) return ODD;
        at = end + 1;
      } else if (this.#isKey(key, keyEnd, TRACKS)) {
        if (hasTracks || bytes[at] !== OPEN_ARRAY) return this.#stop(at);
        hasTracks = true;
        at = this.#tracks(at);
        if (at < 0) return at;
      } else {
        at = this.#numberEnd(at);
        if (at < 0) return at;
      }
    }
    if (this.#writer.currentLength === 0) return ODD;
    const name = nameStart < 0 ? '' : this.#text(nameStart, nameEnd, nameEscaped);
    this.#writer.endPlaylist(name.trim());
    this.#counts.read++;
    this.#counts.kept++;
    return at;
  }

  #tracks(start: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpace(start + 1);
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    for (;;) {
      if (bytes[at] !== OPEN_OBJECT) return this.#stop(at);
      at = this.#track(at);
      if (at < 0) return at;
      at = this.#skipSpace(at);
      if (bytes[at] === CLOSE_ARRAY) return at + 1;
      if (bytes[at] !== COMMA) return this.#stop(at);
      at = this.#skipSpace(at + 1);
    }
  }

  #track(start: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    let uri = -1;
    let uriEnd = -1;
    let title = -1;
    let titleEnd = -1;
    let titleEscaped = false;
    let artist = -1;
    let artistEnd = -1;
    let artistEscaped = false;
    for (let isFirst = true; ; isFirst = false) {
      const key = this.#nextKey(at, isFirst);
      if (key < 0) {
        if (key !== CLOSES) return key;
        at = this.#at;
        break;
      }
      const keyEnd = this.#keyEnd;
      at = this.#at;
      if (bytes[at] !== QUOTE) {
        at = this.#numberEnd(at);
        if (at < 0) return at;
        continue;
      }
      const end = this.#stringEnd(at + 1);
      if (end < 0) return end;
      if (this.#isKey(key, keyEnd, TRACK_URI)) {
        uri = at + 1;
        uriEnd = end;
      } else if (this.#isKey(key, keyEnd, TRACK_NAME)) {
        title = at + 1;
        titleEnd = end;
        titleEscaped = this.#escaped;
      } else if (this.#isKey(key, keyEnd, ARTIST_NAME)) {
        artist = at + 1;
        artistEnd = end;
        artistEscaped = this.#escaped;
      }
      at = end + 1;
    }
    const id = uri + TRACK_PREFIX.length;
    if (uriEnd - id !== 22 || title < 0 || artist < 0) return ODD;
    for (let i = 0; i < TRACK_PREFIX.length; i++) if (bytes[uri + i] !== TRACK_PREFIX[i]) return ODD;
    for (let i = id; i < uriEnd; i++) if (isBase62[bytes[i]!] === 0) return ODD;
    const { vocabulary } = this.#writer;
    const index = vocabulary.indexOfBytes(bytes, id);
    if (!vocabulary.isDescribed(index)) {
      const titleText = this.#text(title, titleEnd, titleEscaped).trim();
      vocabulary.describe(index, titleText, this.#text(artist, artistEnd, artistEscaped).trim());
    }
    this.#writer.token(index);
    return at;
  }

  // Results of #nextKey besides the key's start: fields, because an object a key would cost as much as the scan itself.
  #keyEnd = 0;
  #at = 0;

  /**
   * From after `{` or a value: the start of the next key, with its end in #keyEnd and the start of its value in #at; or
   * CLOSES, with the position after `}` in #at.
   */
  #nextKey(start: number, isFirst: boolean): number {
    const bytes = this.#bytes;
    let at = this.#skipSpace(start);
    if (bytes[at] === CLOSE_OBJECT) {
      this.#at = at + 1;
      return CLOSES;
    }
    if (!isFirst) {
      if (bytes[at] !== COMMA) return this.#stop(at);
      at = this.#skipSpace(at + 1);
    }
    if (bytes[at] !== QUOTE) return this.#stop(at);
    const key = at + 1;
    const end = this.#stringEnd(key);
    if (end < 0) return end;
    if (this.#escaped) return ODD;
    at = this.#skipSpace(end + 1);
    if (bytes[at] !== COLON) return this.#stop(at);
    this.#keyEnd = end;
    this.#at = this.#skipSpace(at + 1);
    return key;
  }

  #isKey(start: number, end: number, key: Buffer): boolean {
    if (end - start !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.#bytes[start + i] !== key[i]) return false;
    return true;
  }

  #skipSpace(at: number): number {
    const bytes = this.#bytes;
    // Slices are indented: four spaces at a time.
    if (isSpace[bytes[at]!] === 0) return at;
    at++;
    while (this.#view.getUint32(at, true) === FOUR_SPACES) at += 4;
    while (isSpace[bytes[at]!] === 1) at++;
    return at;
  }

  /** The position of the quote that ends a string whose first byte is at `start`. */
  #stringEnd(start: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    let at = start;
    this.#escaped = false;
    for (;;) {
      // Four bytes at a time while none of them is a quote, a backslash or below a space: (w - 0x01..) & ~w & 0x80..
      // is not zero exactly when a byte of w is zero (Hacker's Delight, 6-1); the first term has 0x20 instead.
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
      if (bytes[at] !== BACKSLASH) return this.#stop(at);
      this.#escaped = true;
      const escaped = bytes[at + 1]!;
      if (escaped === SMALL_U) {
        for (let i = at + 2; i < at + 6; i++) if (i >= this.#end || isHex[bytes[i]!] === 0) return this.#stop(i);
        at += 6;
      } else if (isEscape[escaped] === 1) at += 2;
      else return this.#stop(at + 1);
    }
  }

  /** The position after a whole number, the only kind in MPD files. */
  #numberEnd(start: number): number {
    const bytes = this.#bytes;
    const digits = bytes[start] === MINUS ? start + 1 : start;
    let at = digits;
    while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
    if (at >= this.#end) return MORE;
    const isNumber = at > digits && (at === digits + 1 || bytes[digits] !== ZERO);
    const next = bytes[at]!;
    return isNumber && (next === COMMA || next === CLOSE_OBJECT || isSpace[next] === 1) ? at : ODD;
  }

  /** The position after any value, found by its brackets and quotes; a scalar ends at the next comma or bracket. */
  #endOfValue(start: number): number {
    const bytes = this.#bytes;
    let depth = 0;
    let isInString = false;
    for (let at = start; at < this.#end; at++) {
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

  #judge(text: Buffer): void {
    this.#counts.read++;
    let value: unknown;
    try {
      value = JSON.parse(decodeText(text));
    } catch {
      tally(this.#counts.skipped, 'not JSON');
      return;
    }
    const playlist = readMpdPlaylist(value, this.#context.noteTracks);
    if (isSkippedPlaylist(playlist)) tally(this.#counts.skipped, playlist.skipped);
    else {
      this.#writer.addPlaylist(playlist);
      this.#counts.kept++;
    }
  }

  #text(start: number, end: number, escaped: boolean): string {
    const text = this.#bytes.subarray(start, end);
    return escaped ? (JSON.parse(`"${decodeText(text)}"`) as string) : decodeText(text);
  }

  #stop(at: number): number {
    return at >= this.#end ? MORE : ODD;
  }
}

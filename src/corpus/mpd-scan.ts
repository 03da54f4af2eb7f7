import { isExpected } from '../base/errors.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from '../base/json-syntax.ts';
import type { SourceFile } from '../base/source-files.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import { JsonBytes, MORE, ODD } from './json-bytes.ts';
import { readMpdPlaylist } from './mpd-playlist.ts';
import { isSkippedPlaylist, type PlaylistCounts, type ReadContext, tally } from './playlist-format.ts';
import { RecordLayout } from './record-layout.ts';

const WINDOW_BYTES = 512 * 1024;
const MAX_PLAYLIST_BYTES = 32 * 1024 * 1024;

/** An object ended where a key could have come. */
const CLOSES = -3;

const isBase62 = Uint8Array.from({ length: 256 }, (_, code) => Number(/[0-9A-Za-z]/.test(String.fromCharCode(code))));
const PLAYLISTS = Buffer.from('"playlists"');
const NAME = Buffer.from('name');
const TRACKS = Buffer.from('tracks');
const TRACK_URI = Buffer.from('track_uri');
const TRACK_NAME = Buffer.from('track_name');
const ARTIST_NAME = Buffer.from('artist_name');
const TRACK_PREFIX = Buffer.from('spotify:track:');

type Counts = { read: number; kept: number; skipped: Record<string, number> };

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
  const counts: Counts = { read: 0, kept: 0, skipped: {} };
  for await (const file of files) {
    const scanner = new SliceScanner(writer, context, counts);
    let why = 'the text ends inside the list of playlists';
    try {
      for await (const chunk of readUtf8(file.stream())) {
        scanner.push(chunk);
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
  readonly #counts: Counts;
  readonly #json = new JsonBytes(WINDOW_BYTES);
  #isInList = false;
  /** How many bytes must wait before they are looked at again: a huge playlist is not scanned with every chunk. */
  #wanted = 0;
  /** Layout of the tracks seen last, and which of its values are the ones wanted. */
  #layout: RecordLayout | undefined;
  #fieldOf = { uri: -1, title: -1, artist: -1 };
  // Results of #nextKey besides the key's start: fields, because an object a key would cost as much as the scan itself.
  #keyEnd = 0;
  #at = 0;

  constructor(writer: CorpusWriter, context: ReadContext, counts: Counts) {
    this.#writer = writer;
    this.#context = context;
    this.#counts = counts;
  }

  get waitingBytes(): number {
    return this.#json.end;
  }

  /** Reads the playlists that these bytes complete. */
  push(chunk: Uint8Array): void {
    if (this.isDone) return;
    this.#json.append(chunk);
    if (this.#json.end >= this.#wanted) this.flush();
  }

  /** Reads what is complete and keeps the rest, the beginning of the next playlist. */
  flush(): void {
    this.#json.dropBefore(this.#scan());
    this.#wanted = this.#json.end * 2;
  }

  /** Returns where the first incomplete playlist begins. */
  #scan(): number {
    const json = this.#json;
    let at = 0;
    if (!this.#isInList) {
      at = this.#findList();
      if (at < 0) return 0;
      this.#isInList = true;
    }
    while (!this.isDone) {
      at = json.skipSpace(at);
      if (json.bytes[at] === COMMA) at = json.skipSpace(at + 1);
      if (at >= json.end) return json.end;
      if (json.bytes[at] === CLOSE_ARRAY) {
        this.isDone = true;
        break;
      }
      let next = json.bytes[at] === OPEN_OBJECT ? this.#playlist(at) : ODD;
      if (next < 0) this.#writer.abandonPlaylist();
      if (next === ODD) {
        next = json.valueEnd(at);
        if (next >= 0) this.#judge(json.bytes.subarray(at, next));
      }
      if (next < 0) return at;
      at = next;
    }
    return json.end;
  }

  #findList(): number {
    const { bytes } = this.#json;
    const key = bytes.subarray(0, this.#json.end).indexOf(PLAYLISTS);
    if (key < 0) return MORE;
    let at = this.#json.skipSpace(key + PLAYLISTS.length);
    if (bytes[at] !== COLON) return MORE;
    at = this.#json.skipSpace(at + 1);
    return bytes[at] === OPEN_ARRAY ? at + 1 : MORE;
  }

  /** A playlist from its `{`; returns the position after its `}`. It is in the corpus when that is not negative. */
  #playlist(start: number): number {
    const json = this.#json;
    let at = start + 1;
    let name = '';
    let hasTracks = false;
    for (let isFirst = true; ; isFirst = false) {
      const key = this.#nextKey(at, isFirst);
      if (key === CLOSES) break;
      if (key < 0) return key;
      const keyEnd = this.#keyEnd;
      at = this.#at;
      if (json.isKey(key, keyEnd, TRACKS)) {
        if (hasTracks || json.bytes[at] !== OPEN_ARRAY) return json.stop(at);
        hasTracks = true;
        at = this.#tracks(at);
      } else if (json.bytes[at] === QUOTE) {
        const end = json.stringEnd(at + 1);
        if (end >= 0 && json.isKey(key, keyEnd, NAME)) name = json.text(at + 1, end, json.escaped);
        at = end < 0 ? end : end + 1;
      } else at = json.wholeNumberEnd(at);
      if (at < 0) return at;
    }
    if (this.#writer.currentLength === 0) return ODD;
    this.#writer.endPlaylist(name.trim());
    this.#counts.read++;
    this.#counts.kept++;
    return this.#at;
  }

  #tracks(start: number): number {
    const json = this.#json;
    let at = json.skipSpace(start + 1);
    if (json.bytes[at] === CLOSE_ARRAY) return at + 1;
    for (;;) {
      if (json.bytes[at] !== OPEN_OBJECT) return json.stop(at);
      let next = this.#layout === undefined ? ODD : this.#layout.match(json, at);
      if (next < 0) {
        next = this.#learnLayout(at);
        if (next < 0) return next;
        next = this.#layout!.match(json, at);
        if (next < 0) return next;
      }
      if (!this.#takeTrack()) return ODD;
      at = json.skipSpace(next);
      if (json.bytes[at] === CLOSE_ARRAY) return at + 1;
      if (json.bytes[at] !== COMMA) return json.stop(at);
      at = json.skipSpace(at + 1);
    }
  }

  /** Takes a track apart key by key, and remembers how it was laid out. */
  #learnLayout(start: number): number {
    const json = this.#json;
    const bounds: number[] = [];
    const isString: boolean[] = [];
    const fieldOf = { uri: -1, title: -1, artist: -1 };
    let at = start + 1;
    for (;;) {
      const key = this.#nextKey(at, isString.length === 0);
      if (key === CLOSES) break;
      if (key < 0) return key;
      const keyEnd = this.#keyEnd;
      at = this.#at;
      const isText = json.bytes[at] === QUOTE;
      const valueStart = isText ? at + 1 : at;
      const valueEnd = isText ? json.stringEnd(valueStart) : json.wholeNumberEnd(valueStart);
      if (valueEnd < 0) return valueEnd;
      if (isText && json.isKey(key, keyEnd, TRACK_URI)) fieldOf.uri = isString.length;
      else if (isText && json.isKey(key, keyEnd, TRACK_NAME)) fieldOf.title = isString.length;
      else if (isText && json.isKey(key, keyEnd, ARTIST_NAME)) fieldOf.artist = isString.length;
      bounds.push(valueStart, valueEnd);
      isString.push(isText);
      at = isText ? valueEnd + 1 : valueEnd;
    }
    if (fieldOf.uri < 0 || fieldOf.title < 0 || fieldOf.artist < 0) return ODD;
    this.#layout = new RecordLayout(json, start, this.#at, bounds, isString);
    this.#fieldOf = fieldOf;
    return this.#at;
  }

  /** Puts the track that the layout matched last into the current playlist; false when its URI is not a Spotify track's. */
  #takeTrack(): boolean {
    const { bytes } = this.#json;
    const { starts, ends } = this.#layout!;
    const { uri, title, artist } = this.#fieldOf;
    const prefix = starts[uri]!;
    const id = prefix + TRACK_PREFIX.length;
    const idEnd = ends[uri]!;
    if (idEnd - id !== 22) return false;
    for (let i = 0; i < TRACK_PREFIX.length; i++) if (bytes[prefix + i] !== TRACK_PREFIX[i]) return false;
    const { vocabulary } = this.#writer;
    let index = vocabulary.findBytes(bytes, id);
    if (index < 0) {
      for (let i = id; i < idEnd; i++) if (isBase62[bytes[i]!] === 0) return false;
      index = vocabulary.indexOfBytes(bytes, id);
    }
    if (!vocabulary.isDescribed(index)) vocabulary.describe(index, this.#text(title), this.#text(artist));
    this.#writer.token(index);
    return true;
  }

  #text(field: number): string {
    const { starts, ends, escaped } = this.#layout!;
    return this.#json.text(starts[field]!, ends[field]!, escaped[field] === 1).trim();
  }

  /**
   * From after `{` or a value: the start of the next key, with its end in #keyEnd and the start of its value in #at; or
   * CLOSES, with the position after `}` in #at.
   */
  #nextKey(start: number, isFirst: boolean): number {
    const json = this.#json;
    let at = json.skipSpace(start);
    if (json.bytes[at] === CLOSE_OBJECT) {
      this.#at = at + 1;
      return CLOSES;
    }
    if (!isFirst) {
      if (json.bytes[at] !== COMMA) return json.stop(at);
      at = json.skipSpace(at + 1);
    }
    if (json.bytes[at] !== QUOTE) return json.stop(at);
    const key = at + 1;
    const end = json.stringEnd(key);
    if (end < 0) return end;
    if (json.escaped) return ODD;
    at = json.skipSpace(end + 1);
    if (json.bytes[at] !== COLON) return json.stop(at);
    this.#keyEnd = end;
    this.#at = json.skipSpace(at + 1);
    return key;
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
}

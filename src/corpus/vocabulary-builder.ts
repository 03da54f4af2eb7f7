import { grown } from './growing-columns.ts';

/** Bytes of a track id in a corpus: Spotify's 22 base-62 characters, or `name:` and 17 characters (named-track.ts). */
export const ID_BYTES = 22;

/** Between the artists of one track in a corpus: ASCII's unit separator, which no name holds. */
export const ARTIST_SEPARATOR = '\u001f';

const ISRC_BYTES = 12;
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** Tracks as bare columns, to be passed between threads; the first `size` of each count. */
export interface BuiltVocabulary {
  readonly size: number;
  /** 22 bytes a track. */
  readonly ids: Uint8Array;
  /** Tokens of each track. */
  readonly counts: Uint32Array;
  /** Four numbers a track: start in `text`, then bytes of title, of artists and of ISRC, which follow one another. */
  readonly texts: Uint32Array;
  readonly text: Uint8Array;
}

/**
 * The tracks of a corpus being written: id -> index in order of first sight, how often each came, and what it is called.
 * A hash table over bytes, not a Map of strings: a Million Playlist Dataset has 2.3 M tracks seen 66 M times.
 */
export class VocabularyBuilder implements BuiltVocabulary {
  #size = 0;
  #ids = new Uint8Array(1024 * ID_BYTES);
  #counts = new Uint32Array(1024);
  /** Open addressing with linear probing, at most half full; index + 1, 0 is free. */
  #slots = new Uint32Array(4096);
  #texts = new Uint32Array(1024 * 4);
  #text = new Uint8Array(64 * 1024);
  #textLength = 0;
  readonly #scratch = Buffer.alloc(ID_BYTES);

  get size(): number {
    return this.#size;
  }

  // These are in place, and replaced as the builder grows.
  get ids(): Uint8Array {
    return this.#ids;
  }
  get counts(): Uint32Array {
    return this.#counts;
  }
  get texts(): Uint32Array {
    return this.#texts;
  }
  get text(): Uint8Array {
    return this.#text;
  }

  /** The index of the id in `bytes[at .. at + 22)`; one that is new is added, with count 0. */
  indexOfBytes(bytes: Uint8Array, at: number): number {
    const ids = this.#ids;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashId(bytes, at) & mask;
    for (;;) {
      const index = slots[slot]! - 1;
      if (index < 0) return this.#add(bytes, at);
      const start = index * ID_BYTES;
      let i = 0;
      while (i < ID_BYTES && ids[start + i] === bytes[at + i]) i++;
      if (i === ID_BYTES) return index;
      slot = (slot + 1) & mask;
    }
  }

  /** As `indexOfBytes`, for an id as text; it must have 22 ASCII characters. */
  indexOf(id: string): number {
    this.#scratch.write(id, 0, 'latin1');
    return this.indexOfBytes(this.#scratch, 0);
  }

  /** Says what a track is called. What is already known stays; what is missing is filled in. */
  describe(index: number, title: string, artists: string, isrc = ''): void {
    if (!this.lacksAny(index, title.length, artists.length, isrc.length)) return;
    this.describeBytes(index, encoder.encode(title), encoder.encode(artists), encoder.encode(isrc));
  }

  /** Whether any of these, of which the lengths are given, is not known yet. */
  lacksAny(index: number, title: number, artists: number, isrc: number): boolean {
    const texts = this.#texts;
    const at = index * 4;
    if (title > 0 && texts[at + 1] === 0) return true;
    return (artists > 0 && texts[at + 2] === 0) || (isrc === ISRC_BYTES && texts[at + 3] === 0);
  }

  /** As `describe`, with UTF-8. */
  describeBytes(index: number, title: Uint8Array, artists: Uint8Array, isrc: Uint8Array): void {
    const texts = this.#texts;
    const at = index * 4;
    const start = this.#textLength;
    const old = texts[at]!;
    const [oldTitle, oldArtists, oldIsrc] = [texts[at + 1]!, texts[at + 2]!, texts[at + 3]!];
    texts[at + 1] = this.#keep(old, oldTitle, title);
    texts[at + 2] = this.#keep(old + oldTitle, oldArtists, artists);
    texts[at + 3] = this.#keep(old + oldTitle + oldArtists, oldIsrc, isrc.length === ISRC_BYTES ? isrc : NOTHING);
    texts[at] = start;
  }

  /** Appends to the text what lay at `old`, or where nothing did, `bytes`; says how many bytes that are. */
  #keep(old: number, oldLength: number, bytes: Uint8Array): number {
    const length = oldLength > 0 ? oldLength : bytes.length;
    if (this.#textLength + length > this.#text.length) this.#text = grown(this.#text, this.#textLength + length);
    const text = this.#text;
    if (oldLength > 0) text.copyWithin(this.#textLength, old, old + oldLength);
    // Texts are short: a loop is faster than a call of `set`.
    else for (let i = 0; i < length; i++) text[this.#textLength + i] = bytes[i]!;
    this.#textLength += length;
    return length;
  }

  #add(bytes: Uint8Array, at: number): number {
    const index = this.#size++;
    if (index === this.#counts.length) {
      this.#ids = grown(this.#ids, 0);
      this.#counts = grown(this.#counts, 0);
      this.#texts = grown(this.#texts, 0);
    }
    const start = index * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) this.#ids[start + i] = bytes[at + i]!;
    if (this.#size * 2 > this.#slots.length) {
      this.#slots = new Uint32Array(this.#slots.length * 2);
      for (let i = 0; i < this.#size; i++) this.#claimSlot(i);
    } else this.#claimSlot(index);
    return index;
  }

  #claimSlot(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashId(this.#ids, index * ID_BYTES) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }
}

/** Title (0), artists joined by ARTIST_SEPARATOR (1) or ISRC (2) of a track. */
export function builtText(vocabulary: BuiltVocabulary, index: number, part: number): string {
  const { text } = vocabulary;
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return bytes.toString('utf8', textStart(vocabulary, index, part), textStart(vocabulary, index, part + 1));
}

/** Where one of them starts in `text`; each ends where the next starts. */
export function textStart({ texts }: BuiltVocabulary, index: number, part: number): number {
  const at = index * 4;
  let start = texts[at]!;
  for (let i = 1; i <= part; i++) start += texts[at + i]!;
  return start;
}

/** Five words and a half through a multiply and shift; ids are random, so this spreads them well. */
function hashId(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let i = at; i < at + 20; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ bytes[at + 20]! ^ (bytes[at + 21]! << 8), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

import { setImmediate } from 'node:timers/promises';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { normaliseName } from '../music/track.ts';
import { type Catalogue, type CatalogueTrack, keyOf } from './catalogue.ts';

/** Dice's coefficient from which a name is worth suggesting. */
const LEAST_LIKENESS = 0.3;

/** Rows that the quick look over all titles leaves for the exact one. */
const SHORTLIST = 200;

// About 10 ms; two million titles take .6 s altogether.
const ROWS_AT_ONCE = 32_768;

/**
 * The tracks whose "artist title", in either order, or title shares most letter triples with the text (Dice's coefficient,
 * at least .3), best first, ties by popularity; each recording once.
 */
export async function nearTitles(catalogue: Catalogue, text: string, k: number): Promise<CatalogueTrack[]> {
  const wanted = triples(text);
  const near = (await shortlist(catalogue, text))
    .map((row) => ({ row, track: catalogue.track(row) }))
    .map(({ row, track }) => ({ row, track, likeness: likenessOf(track, wanted) }))
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .sort((a, b) => b.likeness - a.likeness || a.row - b.row);
  const seen = new Set<string>();
  const once = near.filter(({ track }) => {
    const isNew = !seen.has(keyOf(track));
    seen.add(keyOf(track));
    return isNew;
  });
  return once.slice(0, k).map(({ track }) => track);
}

function likenessOf({ title, artists }: CatalogueTrack, wanted: ReadonlySet<string>): number {
  const artist = artists[0] ?? '';
  const names = [`${artist} ${title}`, `${title} ${artist}`, title];
  return Math.max(...names.map((name) => dice(wanted, triples(name))));
}

function triples(text: string): Set<string> {
  const padded = ` ${normaliseName(text)} `;
  const all = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at++) all.add(padded.slice(at, at + 3));
  return all;
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const triple of a) if (b.has(triple)) shared++;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

/**
 * The rows that may be nearest: the same triples, counted on the columns' bytes without making a string, letter by letter
 * normalised through a table. Counts are a little off where a letter normalises to several or triples hash alike.
 */
async function shortlist({ size, columns }: Catalogue, text: string): Promise<number[]> {
  const scanner = new TripleScanner(text);
  const scores = new Uint8Array(size);
  const withScore = new Uint32Array(256);
  for (let row = 0; row < size; row++) {
    if (row % ROWS_AT_ONCE === 0) await setImmediate();
    scanner.begin();
    const inTitle = scanner.scan(columns.titles, row);
    const titleAlone = scanner.dice(inTitle);
    const both = scanner.dice(scanner.scan(columns.artists, row) + inTitle);
    scores[row] = 255 * Math.max(titleAlone, both);
    withScore[scores[row]!]!++;
  }
  // The exact likeness differs a little from this one, and triples over the gap between two names are missing here.
  const enough = 255 * (LEAST_LIKENESS / 2);
  let least = 255;
  let better = 0;
  for (; better + withScore[least]! < SHORTLIST && least > enough; least--) better += withScore[least]!;
  // Of those that are as far as the last, the most popular.
  let asFar = SHORTLIST - better;
  const rows: number[] = [];
  for (let row = 0; row < size; row++) {
    if (scores[row]! > least || (scores[row] === least && asFar-- > 0)) rows.push(row);
  }
  return rows;
}

const SPACE = 32;
/** For what normalising takes away: accents that stand alone, apostrophes. */
const NOTHING = 1;
const UNKNOWN = 0;

class TripleScanner {
  /** Number of a wanted triple, from 1, by its hash. */
  readonly #numbers = new Uint16Array(65_536);
  /** For each wanted triple the row in which it was last found. */
  #foundIn = new Uint32Array(0);
  readonly #folded = new Uint16Array(65_536);
  /** The hashes of the triples of the text that was scanned last; of long ones only the first. */
  readonly #hashes = new Uint16Array(4096);
  readonly #wanted: number;
  #row = 0;
  #shared = 0;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    let wanted = 0;
    for (const hash of this.#hashes.subarray(0, this.#hash(bytes, 0, bytes.length))) {
      if (this.#numbers[hash] === 0) this.#numbers[hash] = ++wanted;
    }
    this.#wanted = wanted;
    this.#foundIn = new Uint32Array(wanted + 1);
  }

  /** Forgets which triples were found. */
  begin(): void {
    this.#row++;
    this.#shared = 0;
  }

  /** Counts the wanted triples in one text, each once since `begin`. Returns how many triples the text has. */
  scan({ starts, bytes }: TextColumn, row: number): number {
    const count = this.#hash(bytes, starts[row]!, starts[row + 1]!);
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    const foundIn = this.#foundIn;
    for (let i = 0; i < count; i++) {
      const number = numbers[hashes[i]!]!;
      if (number === 0 || foundIn[number] === this.#row) continue;
      foundIn[number] = this.#row;
      this.#shared++;
    }
    return count;
  }

  dice(triples: number): number {
    return triples + this.#wanted === 0 ? 0 : (2 * this.#shared) / (triples + this.#wanted);
  }

  #hash(bytes: Uint8Array, from: number, to: number): number {
    const folded = this.#folded;
    const hashes = this.#hashes;
    let count = 0;
    let first = 0;
    let second = SPACE;
    for (let at = from; at <= to && count < hashes.length; ) {
      const byte = at < to ? bytes[at]! : SPACE;
      let code = byte;
      if (byte < 0x80) at += 1;
      else if (byte < 0xe0) {
        code = ((byte & 0x1f) << 6) | (bytes[at + 1]! & 0x3f);
        at += 2;
      } else if (byte < 0xf0) {
        code = ((byte & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f);
        at += 3;
      } else {
        // Emoji, mostly.
        code = SPACE;
        at += 4;
      }
      let letter = folded[code]!;
      if (letter === UNKNOWN) letter = folded[code] = fold(code);
      if (letter === NOTHING || (letter === SPACE && second === SPACE)) continue;
      if (first !== 0) {
        const hash = Math.imul(Math.imul(first, 0x9e37) + second, 0x85eb) + Math.imul(letter, 0x2c1b);
        hashes[count++] = hash ^ (hash >>> 16);
      }
      first = second;
      second = letter;
    }
    return count;
  }
}

/** A letter as `normaliseName` leaves it; one that becomes several (ß, Hangul) stays itself. */
function fold(code: number): number {
  const letter = String.fromCharCode(code);
  const normalised = normaliseName(letter);
  if (normalised === '') return /[\p{M}'’`´]/u.test(letter) ? NOTHING : SPACE;
  return normalised.length === 1 ? normalised.charCodeAt(0) : code;
}

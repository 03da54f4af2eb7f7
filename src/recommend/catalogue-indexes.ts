import { setImmediate } from 'node:timers/promises';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { normaliseName, normaliseTitle } from '../music/track.ts';
import { artistsReader, type CatalogueColumns, textReader } from './catalogue-columns.ts';
import { hashBytes, indexRows, type RowIndex } from './row-index.ts';

/** By what rows are looked up: the id, the ISRC, the recording's key of music/track.ts, the title without its edition. */
export const INDEXED = ['id', 'isrc', 'recording', 'title'] as const;

export type Indexed = (typeof INDEXED)[number];

export type CatalogueIndexes = { readonly [by in Indexed]: RowIndex };

// Normalising a title takes 2 µs: about 10 ms.
const ROWS_AT_ONCE = 4096;

/** One index at once: for few rows, or what is quick. */
export function buildIndex(columns: CatalogueColumns, by: Indexed): RowIndex {
  const builder = new IndexBuilder(sizeOf(columns), hashing(columns)[by]);
  for (let row = 0; row < sizeOf(columns); row++) builder.add(row);
  return builder.finish();
}

/** All of them, with turns for the event loop: 8 s for two million rows, nearly all of it for normalising titles. */
export async function buildIndexes(columns: CatalogueColumns): Promise<CatalogueIndexes> {
  const hashOf = hashing(columns);
  const builders = INDEXED.map((by) => new IndexBuilder(sizeOf(columns), hashOf[by]));
  for (let row = 0; row < sizeOf(columns); row++) {
    if (row % ROWS_AT_ONCE === 0) await setImmediate();
    for (const builder of builders) builder.add(row);
  }
  const indexes = builders.map((builder, i) => [INDEXED[i]!, builder.finish()] as const);
  return Object.fromEntries(indexes) as CatalogueIndexes;
}

export function sizeOf({ ids }: CatalogueColumns): number {
  return ids.starts.length - 1;
}

type HashOf = (row: number) => number | undefined;

class IndexBuilder {
  readonly #rows: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #hashOf: HashOf;
  #size = 0;

  constructor(rows: number, hashOf: HashOf) {
    this.#rows = new Uint32Array(rows);
    this.#hashes = new Uint32Array(rows);
    this.#hashOf = hashOf;
  }

  add(row: number): void {
    const hash = this.#hashOf(row);
    if (hash === undefined) return;
    this.#rows[this.#size] = row;
    this.#hashes[this.#size++] = hash;
  }

  finish(): RowIndex {
    return indexRows(this.#rows.subarray(0, this.#size), this.#hashes.subarray(0, this.#size));
  }
}

/** The hash of a row's key, or undefined where it has nothing to be found by. Titles and artists are normalised once. */
function hashing(columns: CatalogueColumns): { readonly [by in Indexed]: HashOf } {
  const { ids, isrcs, titles } = columns;
  const titleAt = textReader(titles);
  const artistsAt = artistsReader(columns);
  const artists = new Map<string, string>();
  let last = { row: -1, title: '' };
  const titleOf = (row: number) => {
    if (row !== last.row) last = { row, title: normaliseTitle(titleAt(row)) };
    return last.title;
  };
  const artistOf = (row: number) => {
    const name = artistsAt(row)[0] ?? '';
    const known = artists.get(name) ?? normaliseName(name);
    artists.set(name, known);
    return known;
  };
  return {
    id: (row) => hashBytes(ids.bytes, ids.starts[row], ids.starts[row + 1]),
    isrc: (row) => (hasText(isrcs, row) ? hashBytes(isrcs.bytes, isrcs.starts[row], isrcs.starts[row + 1]) : undefined),
    recording: (row) => (hasText(titles, row) ? hashText(`${artistOf(row)}|${titleOf(row)}`) : undefined),
    title: (row) => (titleOf(row) === '' ? undefined : hashText(titleOf(row))),
  };
}

export function hashText(text: string): number {
  return hashBytes(Buffer.from(text));
}

function hasText({ starts }: TextColumn, row: number): boolean {
  return starts[row]! < starts[row + 1]!;
}

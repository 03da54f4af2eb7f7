import { ID_BYTES } from './scan-kernel.ts';
import { ARTIST_SEPARATOR } from './vocabulary-builder.ts';

/** What one track of a corpus is. */
export interface VocabularyEntry {
  readonly id: string;
  readonly title: string;
  readonly artists: readonly string[];
  readonly isrc?: string;
}

/** The tracks of a corpus, most frequent first, ties by id. Memory: the files' bytes; strings are made when asked for. */
export interface Vocabulary {
  readonly size: number;
  /** Tokens of each track, falling. */
  readonly counts: Uint32Array;
  /** A track's index, or -1: a binary search over bytes, about 1 µs in two million tracks. */
  indexOf(id: string): number;
  id(index: number): string;
  title(index: number): string;
  artists(index: number): string[];
  isrc(index: number): string | undefined;
  entry(index: number): VocabularyEntry;
}

/** UTF-8 texts one after another; `starts` holds one more number than there are texts. */
export interface TextColumn {
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

export function textAt({ starts, bytes }: TextColumn, index: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    starts[index],
    starts[index + 1],
  );
}

/** The columns of a vocabulary, as they lie in a corpus. */
export interface VocabularyColumns {
  /** 22 bytes a track. */
  readonly ids: Uint8Array;
  /** All indexes, sorted by id. */
  readonly order: Uint32Array;
  readonly counts: Uint32Array;
  readonly titles: TextColumn;
  /** Joined by ARTIST_SEPARATOR. */
  readonly artists: TextColumn;
  readonly isrcs: TextColumn;
}

/** The bytes of a text, in place. */
export function bytesAt({ starts, bytes }: TextColumn, index: number): Uint8Array {
  return bytes.subarray(starts[index], starts[index + 1]);
}

export function vocabularyOver(columns: VocabularyColumns): Vocabulary {
  const { order, counts, titles, artists, isrcs } = columns;
  const ids = Buffer.from(columns.ids.buffer, columns.ids.byteOffset, columns.ids.byteLength);
  const idAt = (index: number) => ids.toString('latin1', index * ID_BYTES, (index + 1) * ID_BYTES);
  const artistsAt = (index: number) => {
    const joined = textAt(artists, index);
    return joined === '' ? [] : joined.split(ARTIST_SEPARATOR);
  };
  const isrcAt = (index: number) => textAt(isrcs, index) || undefined;
  return {
    size: counts.length,
    counts,
    indexOf(id) {
      const wanted = Buffer.from(id, 'latin1');
      if (wanted.length !== ID_BYTES) return -1;
      let low = 0;
      let high = order.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const start = order[middle]! * ID_BYTES;
        const sign = ids.compare(wanted, 0, ID_BYTES, start, start + ID_BYTES);
        if (sign === 0) return order[middle]!;
        if (sign < 0) low = middle + 1;
        else high = middle;
      }
      return -1;
    },
    id: idAt,
    title: (index) => textAt(titles, index),
    artists: artistsAt,
    isrc: isrcAt,
    entry(index) {
      const isrc = isrcAt(index);
      const entry = { id: idAt(index), title: textAt(titles, index), artists: artistsAt(index) };
      return isrc === undefined ? entry : { ...entry, isrc };
    },
  };
}

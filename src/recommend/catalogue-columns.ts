import type { TextColumn } from '../corpus/vocabulary.ts';
import type { CatalogueTrack } from './catalogue.ts';

/**
 * What each row of a model is, as columns: UTF-8 texts one after another, decoded when asked for. An object for each of
 * two million tracks would take over a gigabyte, and seconds to make. Over shared memory, threads use them without a copy.
 */
export interface CatalogueColumns {
  /** Spotify's 22 characters, or whatever the vectors came with. */
  readonly ids: TextColumn;
  readonly titles: TextColumn;
  /** Names, the primary artist first, with ASCII's unit separator between them. */
  readonly artists: TextColumn;
  /** Empty where unknown. */
  readonly isrcs: TextColumn;
}

const SEPARATOR = '\u001f';

/** Collects tracks, in row order. A unit separator inside an artist's name becomes a space; no artist and one without a name are the same. */
export class ColumnsBuilder {
  readonly #ids = new TextBuilder();
  readonly #titles = new TextBuilder();
  readonly #artists = new TextBuilder();
  readonly #isrcs = new TextBuilder();

  add({ id, title, artists, isrc }: CatalogueTrack): void {
    this.#ids.add(id);
    this.#titles.add(title);
    this.#artists.add(artists.map((name) => name.replaceAll(SEPARATOR, ' ')).join(SEPARATOR));
    this.#isrcs.add(isrc ?? '');
  }

  /** Nothing can be added afterwards. */
  finish(): CatalogueColumns {
    const [ids, titles, artists, isrcs] = [this.#ids, this.#titles, this.#artists, this.#isrcs];
    return { ids: ids.finish(), titles: titles.finish(), artists: artists.finish(), isrcs: isrcs.finish() };
  }
}

/** Decodes the text of a row; one Buffer serves all of them. */
export function textReader({ starts, bytes }: TextColumn): (row: number) => string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (row) => buffer.toString('utf8', starts[row], starts[row + 1]);
}

export function artistsReader({ artists }: CatalogueColumns): (row: number) => string[] {
  const joinedAt = textReader(artists);
  return (row) => {
    const joined = joinedAt(row);
    return joined === '' ? [] : joined.split(SEPARATOR);
  };
}

class TextBuilder {
  #starts = new Uint32Array(1024);
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #size = 0;

  add(text: string): void {
    if (this.#size + 2 > this.#starts.length) {
      const larger = new Uint32Array(this.#starts.length * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    const start = this.#starts[this.#size]!;
    // A UTF-16 unit takes at most three bytes.
    const most = start + text.length * 3;
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#starts[++this.#size] = start + this.#bytes.write(text, start, 'utf8');
  }

  finish(): TextColumn {
    const starts = this.#starts.subarray(0, this.#size + 1);
    return { starts, bytes: this.#bytes.subarray(0, starts[this.#size]) };
  }
}

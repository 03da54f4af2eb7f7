import type { CorpusWriter } from './corpus-writer.ts';
import { grown } from './growing-columns.ts';
import type { PlaylistBatch } from './playlist-batch.ts';
import { ID_BYTES } from './scan-kernel.ts';

/** Puts the batches of one scanner into a corpus: its tracks get the corpus's indexes. */
export class BatchAdder {
  readonly #writer: CorpusWriter;
  /** The corpus's index of each of the scanner's tracks. */
  #indexes = new Uint32Array(1024);
  #known = 0;

  constructor(writer: CorpusWriter) {
    this.#writer = writer;
  }

  add({ tokens, playlists, descriptions, texts, newIds }: PlaylistBatch): void {
    const { vocabulary } = this.#writer;
    const known = this.#known + newIds.length / ID_BYTES;
    if (known > this.#indexes.length) this.#indexes = grown(this.#indexes, known);
    const indexes = this.#indexes;
    vocabulary.indexAll(newIds, indexes, this.#known);
    this.#known = known;
    let token = 0;
    let description = 0;
    let text = 0;
    for (let playlist = 0; playlist < playlists.length; playlist += 3) {
      for (const end = description + playlists[playlist + 2]! * 4; description < end; description += 4) {
        const title = descriptions[description + 1]!;
        const artists = descriptions[description + 2]!;
        const isrc = descriptions[description + 3]!;
        const index = indexes[descriptions[description]!]!;
        if (vocabulary.lacksAny(index, title, artists, isrc)) {
          vocabulary.describeBytes(index, texts, text, title, artists, isrc);
        }
        text += title + artists + isrc;
      }
      this.#writer.appendTranslated(tokens, token, token + playlists[playlist]!, indexes);
      token += playlists[playlist]!;
      const name = playlists[playlist + 1]!;
      this.#writer.endPlaylistNamed(texts, text, text + name);
      text += name;
    }
  }
}

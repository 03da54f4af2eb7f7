import type { Playlist } from '../music/playlist.ts';
import { namedTrackId } from './named-track.ts';
import type { PlaylistBatch } from './playlist-batch.ts';
import type { ScanKernel } from './scan-kernel.ts';
import { trimTexts } from './trim-texts.ts';
import { ARTIST_SEPARATOR } from './vocabulary-builder.ts';

/** What a kernel has read and nobody has taken yet. Whole playlists may be put between those that it reads by itself. */
export class ScanResults {
  readonly #kernel: ScanKernel;
  readonly #onBatch: (batch: PlaylistBatch) => void;
  /** Tracks with lower numbers were in earlier batches. */
  #told = 0;

  /** `onBatch` gets what was read; it is overwritten after the call. */
  constructor(kernel: ScanKernel, onBatch: (batch: PlaylistBatch) => void) {
    this.#kernel = kernel;
    this.#onBatch = onBatch;
  }

  /** Hands over what has gathered, and says how many playlists that were. */
  flush(): number {
    const { areas, playlists, tokens, descriptions, textBytes, untrimmedTexts } = this.#kernel;
    const count = playlists.value;
    if (count === 0) return 0;
    const batch = {
      tokens: areas.tokens.subarray(0, tokens.value),
      playlists: areas.playlists.subarray(0, count * 3),
      descriptions: areas.descriptions.subarray(0, descriptions.value * 4),
    };
    let texts = areas.texts.subarray(0, textBytes.value);
    if (untrimmedTexts.value > 0) {
      texts = trimTexts(batch.playlists, batch.descriptions, texts, (track) => this.#kernel.describe(track));
    }
    const known = this.#kernel.vocabularySize();
    this.#onBatch({ ...batch, texts, newIds: this.#kernel.idsBetween(this.#told, known) });
    this.#told = known;
    this.#kernel.clearResults();
    return count;
  }

  /** Whether there is room for any playlist that was read from `bytes` bytes; if not, flush. */
  hasRoom(bytes: number): boolean {
    const { areas, playlists, tokens, descriptions, textBytes } = this.#kernel;
    // A track takes 22 bytes at least; a byte that is no UTF-8 may become three.
    const tracks = bytes / 22;
    return (
      (playlists.value + 1) * 3 <= areas.playlists.length &&
      tokens.value + tracks <= areas.tokens.length &&
      (descriptions.value + tracks) * 4 <= areas.descriptions.length &&
      textBytes.value + bytes * 3 <= areas.texts.length
    );
  }

  /** Adds a playlist that was read by other means, as CorpusWriter.addPlaylist would; false when no track of it can be named. */
  addPlaylist(playlist: Playlist): boolean {
    const { areas, tokens, recordPlaylist } = this.#kernel;
    const before = tokens.value;
    for (const { id, title = '', artists = [], isrc = '' } of playlist.tracks) {
      const named = id ?? (title && artists[0] ? namedTrackId(title, artists[0]) : undefined);
      if (named === undefined) continue;
      const track = this.#kernel.internText(named);
      areas.tokens[tokens.value++] = track;
      this.#describe(track, title, artists.join(ARTIST_SEPARATOR), isrc);
    }
    const length = tokens.value - before;
    if (length > 0) recordPlaylist(length, this.#write(playlist.name));
    return length > 0;
  }

  #describe(track: number, title: string, artists: string, isrc: string): void {
    if (`${title}${artists}${isrc}` === '' || (isrc === '' && this.#kernel.isDescribed(track) !== 0)) return;
    const { areas, descriptions } = this.#kernel;
    const at = descriptions.value++ * 4;
    areas.descriptions[at] = track;
    for (const [i, text] of [title, artists, isrc].entries()) areas.descriptions[at + 1 + i] = this.#write(text);
    if (title !== '' && artists !== '') this.#kernel.describe(track);
  }

  #write(text: string): number {
    const { areas, textBytes } = this.#kernel;
    const length = areas.texts.write(text, textBytes.value, 'utf8');
    textBytes.value += length;
    return length;
  }
}

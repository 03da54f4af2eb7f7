import type { TokenSequences, Vocabulary } from '../vectors/vocabulary.ts';

/**
 * Which tracks stand in which playlists, both ways round, by row of the catalogue; what every recommender but the song
 * vectors learns from. A playlist has a track once, at the place where it stands first. Over shared memory, so that
 * threads read it without a copy.
 */
export interface PlaylistMatrix {
  readonly playlists: number;
  readonly tracks: number;
  /** Playlist p is `rows[starts[p] .. starts[p + 1])`, in the order of the playlist. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  /** Track t stands in the playlists `holders[holderStarts[t] .. holderStarts[t + 1])`, rising. */
  readonly holderStarts: Uint32Array;
  readonly holders: Uint32Array;
}

/** Tokens without a row are left out; so are playlists of which then nothing is left, whose numbers stay. */
export function matrixOf(
  corpus: TokenSequences,
  { rowOf, tokens }: Pick<Vocabulary, 'rowOf' | 'tokens'>,
): PlaylistMatrix {
  const playlists = Math.max(0, corpus.offsets.length - 1);
  const tracks = tokens.length;
  const starts = sharedNumbers(playlists + 1);
  const rows = sharedNumbers(corpus.tokens.length);
  const holderStarts = sharedNumbers(tracks + 1);
  // The playlist that a row was last seen in, one higher.
  const seenIn = new Uint32Array(tracks);
  let length = 0;
  for (let playlist = 0; playlist < playlists; playlist++) {
    starts[playlist] = length;
    for (let at = corpus.offsets[playlist]!; at < corpus.offsets[playlist + 1]!; at++) {
      const row = rowOf[corpus.tokens[at]!]!;
      if (row < 0 || seenIn[row] === playlist + 1) continue;
      seenIn[row] = playlist + 1;
      rows[length++] = row;
      holderStarts[row + 1]!++;
    }
  }
  starts[playlists] = length;
  for (let row = 0; row < tracks; row++) holderStarts[row + 1]! += holderStarts[row]!;
  return {
    playlists,
    tracks,
    starts,
    rows: rows.subarray(0, length),
    holderStarts,
    holders: holdersOf({ playlists, starts, rows, holderStarts }, length),
  };
}

function holdersOf(
  { playlists, starts, rows, holderStarts }: Omit<PlaylistMatrix, 'tracks' | 'holders'>,
  length: number,
): Uint32Array {
  const holders = sharedNumbers(length);
  const next = holderStarts.slice(0, -1);
  for (let playlist = 0; playlist < playlists; playlist++) {
    for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) {
      const row = rows[at]!;
      holders[next[row]!] = playlist;
      next[row]!++;
    }
  }
  return holders;
}

/** How many playlists a track stands in. */
export function holdersCount({ holderStarts }: PlaylistMatrix, row: number): number {
  return holderStarts[row + 1]! - holderStarts[row]!;
}

function sharedNumbers(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

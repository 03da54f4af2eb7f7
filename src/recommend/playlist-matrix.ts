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

/** Tokens without a row are left out; a playlist of which then nothing is left stays, empty. */
export function matrixOf(
  corpus: TokenSequences,
  { rowOf, tokens }: Pick<Vocabulary, 'rowOf' | 'tokens'>,
): PlaylistMatrix {
  const playlists = Math.max(0, corpus.offsets.length - 1);
  const tracks = tokens.length;
  const starts = sharedNumbers(playlists + 1);
  const rows = sharedNumbers(corpus.tokens.length);
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
    }
  }
  starts[playlists] = length;
  return withHolders(tracks, starts, rows.subarray(0, length));
}

/** The same tracks in fewer playlists: those for which `isHeld` says so are left out, and the others move up. */
export function withoutPlaylists(matrix: PlaylistMatrix, isHeld: (playlist: number) => boolean): PlaylistMatrix {
  const kept = Array.from({ length: matrix.playlists }, (_, playlist) => playlist).filter((each) => !isHeld(each));
  const starts = sharedNumbers(kept.length + 1);
  for (const [at, playlist] of kept.entries()) {
    starts[at + 1] = starts[at]! + matrix.starts[playlist + 1]! - matrix.starts[playlist]!;
  }
  const rows = sharedNumbers(starts[kept.length]!);
  for (const [at, playlist] of kept.entries()) {
    rows.set(matrix.rows.subarray(matrix.starts[playlist]!, matrix.starts[playlist + 1]!), starts[at]!);
  }
  return withHolders(matrix.tracks, starts, rows);
}

function withHolders(tracks: number, starts: Uint32Array, rows: Uint32Array): PlaylistMatrix {
  const playlists = starts.length - 1;
  const holderStarts = sharedNumbers(tracks + 1);
  for (let at = 0; at < rows.length; at++) holderStarts[rows[at]! + 1]!++;
  for (let row = 0; row < tracks; row++) holderStarts[row + 1]! += holderStarts[row]!;
  const holders = sharedNumbers(rows.length);
  const next = holderStarts.slice(0, -1);
  for (let playlist = 0; playlist < playlists; playlist++) {
    for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) {
      const row = rows[at]!;
      holders[next[row]!] = playlist;
      next[row]!++;
    }
  }
  return { playlists, tracks, starts, rows, holderStarts, holders };
}

/** How many playlists a track stands in. */
export function holdersCount({ holderStarts }: PlaylistMatrix, row: number): number {
  return holderStarts[row + 1]! - holderStarts[row]!;
}

/** The same of every track, counted once for each matrix: 60 ms for two million. */
export function allHolders(matrix: PlaylistMatrix): Uint32Array {
  const known = counted.get(matrix);
  if (known !== undefined) return known;
  const counts = new Uint32Array(matrix.tracks);
  for (let row = 0; row < counts.length; row++) counts[row] = holdersCount(matrix, row);
  counted.set(matrix, counts);
  return counts;
}

const counted = new WeakMap<PlaylistMatrix, Uint32Array>();

function sharedNumbers(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

import { holdersCount, type PlaylistMatrix } from '../playlist-matrix.ts';
import { excludedBy, NO_KNOWLEDGE, type Recommender, type RecommenderKind } from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

export interface NeighbourSettings {
  /** Most similar playlists that have a say. */
  readonly neighbours: number;
  /** Exponent of a playlist's length in its similarity: 1 is the cosine, 0 lets long playlists win. */
  readonly lengthExponent: number;
  /** Exponent of a track's idf in the similarity; 0 counts every shared track alike. */
  readonly idfExponent: number;
  /** Exponent of the similarity as the weight of what the playlist has. */
  readonly amplification: number;
  /** Exponent of the inverse of a track's number of playlists in its own score: 0 lets popular songs win. */
  readonly popularityDamping: number;
}

export const NEIGHBOUR_DEFAULTS: NeighbourSettings = {
  neighbours: 500,
  lengthExponent: 0.4,
  idfExponent: 1,
  amplification: 2,
  popularityDamping: 0.2,
};

export const neighbours: RecommenderKind = {
  name: 'neighbours',
  summary: 'What the playlists most like your songs have, and you have not.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ playlists }) => openNeighbours(playlists, NEIGHBOUR_DEFAULTS),
};

/** Inverse document frequency, smoothed so that a track in all playlists still counts a little. */
export function idfOf({ playlists }: PlaylistMatrix, count: number): number {
  return Math.log(1 + playlists / Math.max(1, count));
}

/**
 * User-user: the playlists (and listeners) most like the seeds, and what they have. A playlist's similarity is the sum of
 * the seeds' weight x idf over what it shares with them, by its length.
 */
export function openNeighbours(matrix: PlaylistMatrix, settings: NeighbourSettings): Recommender {
  const { playlists, tracks, starts, rows, holderStarts, holders } = matrix;
  const { idfExponent, lengthExponent, amplification, popularityDamping } = settings;
  const idfs = new Float32Array(tracks);
  for (let row = 0; row < tracks; row++) idfs[row] = idfOf(matrix, holdersCount(matrix, row)) ** idfExponent;
  const scale = new Float32Array(playlists);
  for (let playlist = 0; playlist < playlists; playlist++) {
    let squares = 0;
    for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) squares += idfs[rows[at]!]!;
    scale[playlist] = squares === 0 ? 0 : squares ** -lengthExponent;
  }
  const similar = new ScoreBoard(playlists);
  const board = new ScoreBoard(tracks);
  return {
    async candidates(question, k) {
      const { seeds } = question;
      similar.clear();
      board.clear();
      for (const { row, weight } of seeds) {
        const share = weight * idfs[row]!;
        for (let at = holderStarts[row]!; at < holderStarts[row + 1]!; at++) similar.add(holders[at]!, share);
      }
      similar.weigh((playlist) => scale[playlist]!);
      const nearest = similar.best(settings.neighbours, new Set());
      for (let at = 0; at < nearest.rows.length; at++) {
        const playlist = nearest.rows[at]!;
        const weight = nearest.scores[at]! ** amplification;
        for (let item = starts[playlist]!; item < starts[playlist + 1]!; item++) board.add(rows[item]!, weight);
      }
      if (popularityDamping !== 0) board.weigh((row) => holdersCount(matrix, row) ** -popularityDamping);
      return board.best(k, excludedBy(question));
    },
    async close() {},
  };
}

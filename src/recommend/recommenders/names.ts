import { indexNames, type NameIndex } from '../name-index.ts';
import { holdersCount, type PlaylistMatrix } from '../playlist-matrix.ts';
import { excludedBy, NO_KNOWLEDGE, NOTHING, type Recommender, type RecommenderKind } from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

export interface NameSettings {
  /** Titles most like the name that have a say, with all playlists called so. */
  readonly titles: number;
  /** Share of letters in a row in the similarity of two names, against whole words. */
  readonly gramWeight: number;
  /** Exponent of the similarity as the weight of what the playlist has. */
  readonly amplification: number;
  /** Exponent of the inverse of a playlist's length: 0 lets long playlists win. */
  readonly lengthDamping: number;
  /** Exponent of the inverse of a track's number of playlists in its own score: 0 lets popular songs win. */
  readonly popularityDamping: number;
}

export const NAME_DEFAULTS: NameSettings = {
  titles: 100,
  gramWeight: 0.2,
  amplification: 1.5,
  lengthDamping: 0.5,
  popularityDamping: 0.1,
};

export const names: RecommenderKind = {
  name: 'names',
  summary: 'What stands in playlists that are called alike: goes by the name alone, without a song.',
  fit: async () => NO_KNOWLEDGE,
  open: async (world, _, { signal }) =>
    world.names === undefined
      ? silent
      : openNames(world.playlists, await indexNames(world.names, NAME_DEFAULTS.gramWeight, signal), NAME_DEFAULTS),
};

/** Where nobody knows what playlists are called. */
const silent: Recommender = { candidates: async () => NOTHING, close: async () => {} };

/**
 * score(t) = n(t)^-popularityDamping x sum over the playlists p with t, of the titles most like the question's name, of
 * similarity(p)^amplification x |p|^-lengthDamping; n(t): playlists that hold t. Silent where the question has no name, or
 * one like no other.
 */
export function openNames(matrix: PlaylistMatrix, index: NameIndex, settings: NameSettings): Recommender {
  const { starts, rows } = matrix;
  const board = new ScoreBoard(matrix.tracks);
  return {
    async candidates(question, k) {
      if (question.name === undefined) return NOTHING;
      board.clear();
      const { titles, similarities } = index.like(question.name, settings.titles);
      for (const [at, title] of titles.entries()) {
        const similarity = similarities[at]! ** settings.amplification;
        for (const playlist of index.playlistsOf[title]!) {
          const [from, to] = [starts[playlist]!, starts[playlist + 1]!];
          const weight = similarity * (to - from) ** -settings.lengthDamping;
          for (let item = from; item < to; item++) board.add(rows[item]!, weight);
        }
      }
      board.weigh((row) => holdersCount(matrix, row) ** -settings.popularityDamping);
      return board.best(k, excludedBy(question));
    },
    close: async () => {},
  };
}

import { holdersCount, type PlaylistMatrix } from '../playlist-matrix.ts';
import { excludedBy, NO_KNOWLEDGE, type Recommender, type RecommenderKind } from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

export interface CoOccurrenceSettings {
  /** Exponent of a candidate's number of playlists: .5 with the same for seeds is the cosine. */
  readonly candidateDamping: number;
  /** Exponent of a seed's number of playlists. */
  readonly seedDamping: number;
  /** Exponent of the playlist's length: what stands in long playlists together says less. */
  readonly lengthDamping: number;
  /** Exponent of the seeds that a playlist shares: above 1, playlists that fit several seeds count more than their sum. */
  readonly agreement: number;
  /** Weight of nearness in the playlist: a neighbour counts 1 + nearness, one far away 1. */
  readonly nearness: number;
  /**
   * Playlists that are looked into at most, those that say most: a hundred well-known seeds stand in half of a million. Of the
   * synthetic M (200,000 playlists) 2,000 have NDCG@500 .500, 5,000 .502, 20,000 .495 and all of them .494.
   */
  readonly most: number;
  /** Playlists of one seed that are counted at most: of more, every second, third, … one, as they stand. */
  readonly mostOfSeed: number;
}

export const CO_OCCURRENCE_DEFAULTS: CoOccurrenceSettings = {
  candidateDamping: 0.4,
  seedDamping: 0.4,
  lengthDamping: 0.5,
  agreement: 1,
  nearness: 0,
  most: 5000,
  mostOfSeed: 5000,
};

const NONE: ReadonlySet<number> = new Set();

export const coOccurrence: RecommenderKind = {
  name: 'co-occurrence',
  summary: 'What stands in the same playlists as each of your songs, popular songs damped.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ playlists }) => openCoOccurrence(playlists, CO_OCCURRENCE_DEFAULTS),
};

/**
 * Item-item: what stands in the same playlists as the seeds, popular songs and long playlists damped. Counted when asked,
 * over the playlists of the seeds alone, so that there is nothing to compute beforehand and no neighbour is cut off.
 */
export function openCoOccurrence(matrix: PlaylistMatrix, settings: CoOccurrenceSettings): Recommender {
  const { playlists, tracks, starts, rows, holderStarts, holders } = matrix;
  const { nearness, agreement } = settings;
  const shared = new ScoreBoard(playlists);
  const board = new ScoreBoard(tracks);
  const seedDamping = (row: number) => holdersCount(matrix, row) ** -settings.seedDamping;
  const candidateDamping = new Float32Array(tracks);
  for (let row = 0; row < tracks; row++) {
    candidateDamping[row] = Math.max(1, holdersCount(matrix, row)) ** -settings.candidateDamping;
  }
  const lengthDamping = (playlist: number) => (starts[playlist + 1]! - starts[playlist]!) ** -settings.lengthDamping;
  const isSeed = new Float64Array(tracks);
  return {
    async candidates(question, k) {
      const { seeds } = question;
      shared.clear();
      board.clear();
      for (const { row, weight } of seeds) {
        const share = weight * seedDamping(row);
        isSeed[row] = share;
        const step = Math.max(1, Math.ceil(holdersCount(matrix, row) / settings.mostOfSeed));
        for (let at = holderStarts[row]!; at < holderStarts[row + 1]!; at += step) shared.add(holders[at]!, share);
      }
      shared.weigh((playlist) => shared.scores[playlist]! ** (agreement - 1) * lengthDamping(playlist));
      const chosen = shared.count <= settings.most ? shared.touched : shared.best(settings.most, NONE).rows;
      for (let one = 0; one < chosen.length; one++) {
        const playlist = chosen[one]!;
        const from = starts[playlist]!;
        const to = starts[playlist + 1]!;
        const share = shared.scores[playlist]!;
        for (let at = from; at < to; at++) board.add(rows[at]!, share);
        if (nearness === 0) continue;
        const damping = lengthDamping(playlist);
        for (let at = from; at < to; at++) {
          const seedShare = isSeed[rows[at]!]!;
          if (seedShare === 0) continue;
          for (let other = Math.max(from, at - 10); other < Math.min(to, at + 11); other++) {
            if (other !== at) board.add(rows[other]!, (nearness * seedShare * damping) / Math.abs(other - at));
          }
        }
      }
      board.weigh((row) => candidateDamping[row]!);
      for (const { row } of seeds) isSeed[row] = 0;
      return board.best(k, excludedBy(question));
    },
    async close() {},
  };
}

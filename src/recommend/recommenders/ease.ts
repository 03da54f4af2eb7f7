import { setImmediate as breathe } from 'node:timers/promises';
import { type SymmetricMatrix, symmetricMatrix } from '../../vectors/inverse.ts';
import { holdersCount, type PlaylistMatrix } from '../playlist-matrix.ts';
import {
  excludedBy,
  type FitOptions,
  type Knowledge,
  NOTHING,
  type Recommender,
  type RecommenderKind,
} from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

export interface EaseSettings {
  /** Added to the diagonal: the larger, the less one track's company counts. */
  readonly regularisation: number;
  /** Part of a track's own share of the diagonal that is added besides: well-known songs are trusted less (EDLAE, Steck 2020). */
  readonly ownShare: number;
  /** Exponent of a track's number of playlists by which it weighs less in them: what everybody has says little. */
  readonly trackDamping: number;
  /** Exponent of the inverse of a candidate's number of playlists in its score: 0 lets popular songs win. */
  readonly candidateDamping: number;
  /** Rows of the matrix that is inverted at most: playlists where they are few, else the most popular tracks. */
  readonly most: number;
}

export const EASE_DEFAULTS: EaseSettings = {
  regularisation: 200,
  ownShare: 0.5,
  trackDamping: 0.25,
  candidateDamping: 0.2,
  most: 6000,
};

export const ease: RecommenderKind = {
  name: 'ease',
  summary: 'Item-item weights that give back all playlists best, by one matrix inversion.',
  fit: ({ playlists }, options) => fitEase(playlists, EASE_DEFAULTS, options),
  open: async ({ playlists }, knowledge) => openEase(playlists, knowledge, EASE_DEFAULTS),
};

/**
 * EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", WWW) over damped tracks: the item-item weights B that give back the
 * playlists X best, |X - XB|^2 + sum of l_i |B_i|^2, no track predicting itself, where a playlist has track t with s_t = (n_t / mean
 * n)^-trackDamping, and l_t = regularisation + ownShare n_t s_t^2: with P = (X'X + l)^-1, B_ij = -P_ij / P_jj. With few playlists the same
 * is had of their own matrix K = 1 + X l^-1 X', of however many tracks (Woodbury): with w_t = s_t^2 / l_t and h_p = sum of w_t q_t over
 * the seeds in p, the score of track j is (K^-1 h summed over its playlists) / (1 - w_j x_j' K^-1 x_j), by n_j^candidateDamping. `inverse`:
 * K^-1 or P, whole.
 */
export async function fitEase(matrix: PlaylistMatrix, settings: EaseSettings, options: FitOptions): Promise<Knowledge> {
  const size = sizeOf(matrix, settings);
  const shared = symmetricMatrix(size);
  const { values, stride } = shared;
  const { scales, ridges, weights } = weighTracks(matrix, settings);
  if (isByPlaylists(matrix, settings)) {
    await countSharedTracks(matrix, weights, shared, options.signal);
    for (let row = 0; row < size; row++) values[row * stride + row]! += 1;
  } else {
    await countSharedPlaylists(matrix, shared, options.signal);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) values[row * stride + column]! *= scales[row]! * scales[column]!;
      values[row * stride + row]! += ridges[row]!;
    }
  }
  await shared.invert(options);
  return { inverse: wholeOf(shared) };
}

interface TrackWeights {
  /** s. */
  readonly scales: Float64Array;
  /** l. */
  readonly ridges: Float64Array;
  /** w. */
  readonly weights: Float64Array;
  /** n^-candidateDamping. */
  readonly damping: Float64Array;
}

function weighTracks(matrix: PlaylistMatrix, settings: EaseSettings): TrackWeights {
  const { tracks, rows } = matrix;
  const mean = rows.length / Math.max(1, tracks);
  const counts = Float64Array.from({ length: tracks }, (_, row) => holdersCount(matrix, row));
  const scales = counts.map((count) => (Math.max(1, count) / mean) ** -settings.trackDamping);
  const ridges = scales.map((scale, row) => settings.regularisation + settings.ownShare * counts[row]! * scale ** 2);
  return {
    scales,
    ridges,
    weights: scales.map((scale, row) => scale ** 2 / ridges[row]!),
    damping: counts.map((count) => Math.max(1, count) ** -settings.candidateDamping),
  };
}

export function openEase(matrix: PlaylistMatrix, { inverse }: Knowledge, settings: EaseSettings): Recommender {
  const values = inverse as Float32Array;
  const weighed = weighTracks(matrix, settings);
  return isByPlaylists(matrix, settings)
    ? openByPlaylists(matrix, values, weighed)
    : openByTracks(matrix, values, sizeOf(matrix, settings), weighed);
}

function isByPlaylists({ playlists, tracks }: PlaylistMatrix, { most }: EaseSettings): boolean {
  return playlists <= most && playlists < tracks;
}

function sizeOf(matrix: PlaylistMatrix, settings: EaseSettings): number {
  return isByPlaylists(matrix, settings) ? matrix.playlists : Math.min(settings.most, matrix.tracks);
}

/** X l^-1 X', on and below the diagonal. */
async function countSharedTracks(
  { tracks, holderStarts, holders }: PlaylistMatrix,
  weights: Float64Array,
  { values, stride }: SymmetricMatrix,
  signal: AbortSignal,
): Promise<void> {
  for (let row = 0; row < tracks; row++) {
    if (row % 1000 === 0) await takeBreath(signal);
    const to = holderStarts[row + 1]!;
    for (let a = holderStarts[row]!; a < to; a++) {
      // Holders rise, so that this stays below the diagonal.
      for (let b = holderStarts[row]!; b <= a; b++) values[holders[a]! * stride + holders[b]!]! += weights[row]!;
    }
  }
}

/** How many playlists two of the first tracks share, on and below the diagonal. */
async function countSharedPlaylists(
  { playlists, starts, rows }: PlaylistMatrix,
  { size, values, stride }: SymmetricMatrix,
  signal: AbortSignal,
): Promise<void> {
  for (let playlist = 0; playlist < playlists; playlist++) {
    if (playlist % 1000 === 0) await takeBreath(signal);
    const known = rows.subarray(starts[playlist]!, starts[playlist + 1]!).filter((row) => row < size);
    known.sort();
    for (let a = 0; a < known.length; a++) {
      for (let b = 0; b <= a; b++) values[known[a]! * stride + known[b]!]!++;
    }
  }
}

async function takeBreath(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await breathe();
}

/** size x size, of what lies on and below the diagonal. */
function wholeOf({ size, values, stride }: SymmetricMatrix): Float32Array {
  const whole = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      whole[row * size + column] = values[row * stride + column]!;
      whole[column * size + row] = values[row * stride + column]!;
    }
  }
  return whole;
}

function openByPlaylists(
  matrix: PlaylistMatrix,
  inverse: Float32Array,
  { weights, damping }: TrackWeights,
): Recommender {
  const { playlists, tracks, starts, rows, holderStarts, holders } = matrix;
  const board = new ScoreBoard(tracks);
  const hits = new Float64Array(playlists);
  /** 1 / (1 - w x' K^-1 x) of a track. */
  const scaleOf = (row: number) => {
    let sum = 0;
    for (let a = holderStarts[row]!; a < holderStarts[row + 1]!; a++) {
      for (let b = holderStarts[row]!; b < holderStarts[row + 1]!; b++) {
        sum += inverse[holders[a]! * playlists + holders[b]!]!;
      }
    }
    return 1 / (1 - weights[row]! * sum);
  };
  const scale = Float64Array.from({ length: tracks }, (_, row) => scaleOf(row));
  return {
    async candidates(question, k) {
      const { seeds } = question;
      if (seeds.every(({ row }) => holdersCount(matrix, row) === 0)) return NOTHING;
      board.clear();
      hits.fill(0);
      for (const { row, weight } of seeds) {
        const said = weight * weights[row]!;
        for (let at = holderStarts[row]!; at < holderStarts[row + 1]!; at++) hits[holders[at]!]! += said;
      }
      const shares = new Float64Array(playlists);
      for (let one = 0; one < playlists; one++) {
        const hit = hits[one]!;
        if (hit === 0) continue;
        for (let other = 0; other < playlists; other++) shares[other]! += hit * inverse[one * playlists + other]!;
      }
      for (let playlist = 0; playlist < playlists; playlist++) {
        const share = shares[playlist]!;
        for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) board.add(rows[at]!, share);
      }
      board.weigh((row) => scale[row]!);
      // No track predicts itself: what a seed brought to its own score is taken back.
      for (const { row, weight } of seeds) {
        if (holdersCount(matrix, row) > 0) board.add(row, weight * (1 - scale[row]!));
      }
      board.weigh((row) => damping[row]!);
      return board.best(k, excludedBy(question));
    },
    async close() {},
  };
}

function openByTracks(
  matrix: PlaylistMatrix,
  inverse: Float32Array,
  head: number,
  { scales, damping }: TrackWeights,
): Recommender {
  const board = new ScoreBoard(matrix.tracks);
  const sums = new Float64Array(head);
  return {
    async candidates(question, k) {
      const { seeds } = question;
      board.clear();
      sums.fill(0);
      for (const { row, weight } of seeds) {
        if (row >= head) continue;
        const own = sums[row]!;
        const said = weight * scales[row]!;
        for (let other = 0; other < head; other++) sums[other]! -= said * inverse[row * head + other]!;
        // No track predicts itself.
        sums[row] = own;
      }
      for (let row = 0; row < head; row++) {
        const score = (sums[row]! * damping[row]!) / (inverse[row * head + row]! * scales[row]!);
        if (score > 0 && holdersCount(matrix, row) > 0) board.add(row, score);
      }
      return board.best(k, excludedBy(question));
    },
    async close() {},
  };
}

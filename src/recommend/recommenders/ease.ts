import { setImmediate as breathe } from 'node:timers/promises';
import { symmetricMatrix } from '../../vectors/inverse.ts';
import { holdersCount, type PlaylistMatrix } from '../playlist-matrix.ts';
import type { FitOptions, Recommender, RecommenderKind } from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

export interface EaseSettings {
  /** Added to the diagonal: the larger, the less one track's company counts. */
  readonly regularisation: number;
  /** Rows of the matrix that is inverted at most: playlists where they are few, else the most popular tracks. */
  readonly most: number;
}

export const EASE_DEFAULTS: EaseSettings = { regularisation: 200, most: 6000 };

export const ease: RecommenderKind = {
  name: 'ease',
  summary: 'Item-item weights that give back all playlists best, by one matrix inversion.',
  fit: ({ playlists }, options) => fitEase(playlists, EASE_DEFAULTS, options),
};

/**
 * EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", WWW): the item-item weights B that give back the
 * playlists X best, |X - XB|^2 + l |B|^2, no track predicting itself: with P = (X'X + l)^-1, B_ij = -P_ij / P_jj. With few
 * playlists the same is had of their own matrix K = XX' + l, of however many tracks (Woodbury): the score of track j for
 * seeds q is (X' K^-1 X q)_j / (1 - x_j' K^-1 x_j).
 */
export async function fitEase(
  matrix: PlaylistMatrix,
  settings: EaseSettings,
  options: FitOptions,
): Promise<Recommender> {
  const { playlists, tracks } = matrix;
  return playlists <= settings.most && playlists < tracks
    ? await fitByPlaylists(matrix, settings, options)
    : await fitByTracks(matrix, settings, options);
}

async function fitByPlaylists(
  matrix: PlaylistMatrix,
  { regularisation }: EaseSettings,
  options: FitOptions,
): Promise<Recommender> {
  const { playlists, tracks, starts, rows, holderStarts, holders } = matrix;
  const shared = symmetricMatrix(playlists);
  const { values, stride } = shared;
  for (let row = 0; row < tracks; row++) {
    const to = holderStarts[row + 1]!;
    for (let a = holderStarts[row]!; a < to; a++) {
      // Holders rise, so that this stays below the diagonal.
      for (let b = holderStarts[row]!; b <= a; b++) values[holders[a]! * stride + holders[b]!]!++;
    }
  }
  for (let playlist = 0; playlist < playlists; playlist++) values[playlist * stride + playlist]! += regularisation;
  await shared.invert(options);
  mirror(values, playlists, stride);
  const scale = new Float64Array(tracks);
  for (let row = 0; row < tracks; row++) {
    let sum = 0;
    for (let a = holderStarts[row]!; a < holderStarts[row + 1]!; a++) {
      for (let b = holderStarts[row]!; b < holderStarts[row + 1]!; b++)
        sum += values[holders[a]! * stride + holders[b]!]!;
    }
    scale[row] = 1 / (1 - sum);
  }
  const hits = new Float64Array(playlists);
  const board = new ScoreBoard(tracks);
  return {
    async candidates({ seeds }, k) {
      board.clear();
      hits.fill(0);
      for (const { row, weight } of seeds) {
        for (let at = holderStarts[row]!; at < holderStarts[row + 1]!; at++) hits[holders[at]!]! += weight;
      }
      const shares = new Float64Array(playlists);
      for (let one = 0; one < playlists; one++) {
        const hit = hits[one]!;
        if (hit === 0) continue;
        for (let other = 0; other < playlists; other++) shares[other]! += hit * values[one * stride + other]!;
      }
      for (let playlist = 0; playlist < playlists; playlist++) {
        const share = shares[playlist]!;
        for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) board.add(rows[at]!, share);
      }
      board.weigh((row) => scale[row]!);
      return board.best(k, new Set(seeds.map(({ row }) => row)));
    },
    async close() {},
  };
}

async function fitByTracks(
  matrix: PlaylistMatrix,
  { regularisation, most }: EaseSettings,
  options: FitOptions,
): Promise<Recommender> {
  const { playlists, tracks, starts, rows } = matrix;
  const head = Math.min(most, tracks);
  const shared = symmetricMatrix(head);
  const { values, stride } = shared;
  for (let playlist = 0; playlist < playlists; playlist++) {
    if (playlist % 10_000 === 0) await breathe();
    const known = rows.subarray(starts[playlist]!, starts[playlist + 1]!).filter((row) => row < head);
    known.sort();
    for (let a = 0; a < known.length; a++) {
      for (let b = 0; b <= a; b++) values[known[a]! * stride + known[b]!]!++;
    }
  }
  for (let row = 0; row < head; row++) values[row * stride + row]! += regularisation;
  await shared.invert(options);
  mirror(values, head, stride);
  const board = new ScoreBoard(tracks);
  const sums = new Float64Array(head);
  return {
    async candidates({ seeds }, k) {
      board.clear();
      sums.fill(0);
      for (const { row, weight } of seeds) {
        if (row >= head) continue;
        for (let other = 0; other < head; other++) sums[other]! -= weight * values[row * stride + other]!;
      }
      for (let row = 0; row < head; row++) {
        const score = sums[row]! / values[row * stride + row]!;
        if (score > 0 && holdersCount(matrix, row) > 0) board.add(row, score);
      }
      return board.best(k, new Set(seeds.map(({ row }) => row)));
    },
    async close() {},
  };
}

function mirror(values: Float32Array, size: number, stride: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) values[column * stride + row] = values[row * stride + column]!;
  }
}

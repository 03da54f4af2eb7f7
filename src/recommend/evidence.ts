import { holdersCount, type PlaylistMatrix } from './playlist-matrix.ts';
import type { SeedRow } from './recommender.ts';
import { idfOf } from './recommenders/neighbours.ts';
import { ScoreBoard } from './score-board.ts';

/** What playlists say of a song and the seeds. */
export interface Evidence {
  /** Playlists that hold the song. */
  readonly holders: number;
  /** Of these, how many hold a seed. */
  readonly shared: number;
  /** Of these the ones most like the seeds, best first, each with the seeds in it, heaviest first. */
  readonly playlists: readonly { readonly playlist: number; readonly seeds: readonly number[] }[];
  /** Seeds that share playlists with the song, the most telling first: how many, and how many hold the seed at all. */
  readonly seeds: readonly { readonly row: number; readonly together: number; readonly holders: number }[];
}

const MOST_PLAYLISTS = 5;
const MOST_SEEDS = 10;

/**
 * Says of a row which playlists and which seeds speak for it. A playlist counts by the weight x idf of the seeds in it, by its
 * length^.4, as `neighbours` has it; a seed by its weight x how many playlists it shares x idf. All of it is looked up when
 * asked, in time of the seeds' playlists.
 */
export function evidenceFinder(matrix: PlaylistMatrix, seeds: readonly SeedRow[]): (row: number) => Evidence {
  const { playlists, holderStarts, holders, starts, rows } = matrix;
  const isHolder = new Uint8Array(playlists);
  const board = new ScoreBoard(playlists);
  const known = seeds.filter(({ row }) => row < matrix.tracks && holdersCount(matrix, row) > 0);
  const weightOf = new Map(known.map(({ row, weight }) => [row, weight * idfOf(matrix, holdersCount(matrix, row))]));
  const heaviestFirst = (a: number, b: number) => weightOf.get(b)! - weightOf.get(a)! || a - b;
  return (row) => {
    if (row >= matrix.tracks) return { holders: 0, shared: 0, playlists: [], seeds: [] };
    const own = holders.subarray(holderStarts[row]!, holderStarts[row + 1]!);
    for (const playlist of own) isHolder[playlist] = 1;
    board.clear();
    const beside: Evidence['seeds'][number][] = [];
    for (const { row: seed } of known) {
      const weight = weightOf.get(seed)!;
      let together = 0;
      for (let at = holderStarts[seed]!; at < holderStarts[seed + 1]!; at++) {
        if (isHolder[holders[at]!] === 0) continue;
        together++;
        board.add(holders[at]!, weight);
      }
      if (together > 0) beside.push({ row: seed, together, holders: holdersCount(matrix, seed) });
    }
    for (const playlist of own) isHolder[playlist] = 0;
    board.weigh((playlist) => (starts[playlist + 1]! - starts[playlist]!) ** -0.4);
    const said = ({ row: seed, together }: Evidence['seeds'][number]) => weightOf.get(seed)! * together;
    return {
      holders: own.length,
      shared: board.count,
      playlists: Array.from(board.best(MOST_PLAYLISTS, new Set()).rows, (playlist) => ({
        playlist,
        seeds: Array.from(new Set(rows.subarray(starts[playlist]!, starts[playlist + 1]!)))
          .filter((each) => weightOf.has(each))
          .sort(heaviestFirst),
      })),
      seeds: beside.sort((a, b) => said(b) - said(a) || a.row - b.row).slice(0, MOST_SEEDS),
    };
  };
}

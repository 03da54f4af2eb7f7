import { DEPTH } from './evaluation.ts';
import { holdersCount } from './playlist-matrix.ts';
import { NO_ARTIST, type PlayedRow, type Question, type Ranking, type World } from './recommender.ts';
import { HALF_LIFE_WEEKS } from './recommenders/recently-loved.ts';

/** How a member's opinion of a candidate enters: its score by the member's best one, the root of that, and its place by the logarithm. Absent: 0. */
const VIEWS = ['score', 'root', 'place'] as const;
/**
 * What is known of a candidate besides: how popular it is, the share of the members with anything to say that propose it, the root of its
 * artist's share of the seeds, and how lately its artist was heard, halved every four weeks; 0 where there is no history.
 */
const FACTS = ['popularity', 'agreement', 'artist', 'recency'] as const;

/** The union of all members' candidates, each with its features: row-major, candidates x features. */
export interface FeatureTable {
  /** Rising. */
  readonly rows: Uint32Array;
  readonly values: Float64Array;
}

/** Names of the features for members of these names, in the order of the table's columns. */
export function featureNames(members: readonly string[]): string[] {
  return [...members.flatMap((member) => VIEWS.map((view) => `${member}: ${view}`)), ...FACTS];
}

/** Which columns speak for which member, for shares. */
export function columnsOf(member: number): readonly number[] {
  return VIEWS.map((_, view) => member * VIEWS.length + view);
}

/** `rankings`: what each member answered to the question, in their order. Places beyond the 500 that the blend learns from count nothing. */
export function featuresOf(
  rankings: readonly Ranking[],
  { seeds, history = [] }: Question,
  { playlists, artistOf }: Pick<World, 'playlists' | 'artistOf'>,
): FeatureTable {
  const rows = Uint32Array.from(new Set(rankings.flatMap((ranking) => Array.from(ranking.rows)))).sort();
  const placeOf = new Map(Array.from(rows, (row, at) => [row, at]));
  const width = rankings.length * VIEWS.length + FACTS.length;
  const values = new Float64Array(rows.length * width);
  const [popularity, agreement, artist, recency] = FACTS.map((_, at) => width - FACTS.length + at) as [
    number,
    number,
    number,
    number,
  ];
  const most = Math.log1p(playlists.playlists);
  const shares = artistShares(seeds, artistOf);
  const lately = artistsHeard(history, artistOf);
  // A silent member is as if it were not there.
  const speaking = rankings.filter((ranking) => ranking.rows.length > 0).length;
  for (const [member, { rows: proposed, scores }] of rankings.entries()) {
    const best = scores[0] ?? 0;
    for (const [rank, row] of proposed.entries()) {
      const at = placeOf.get(row)! * width;
      const share = best > 0 ? Math.max(0, scores[rank]! / best) : 0;
      const column = at + member * VIEWS.length;
      values[column] = share;
      values[column + 1] = Math.sqrt(share);
      values[column + 2] = Math.max(0, 1 - Math.log1p(rank) / Math.log1p(DEPTH));
      values[at + agreement] = values[at + agreement]! + 1 / speaking;
    }
  }
  for (const [at, row] of rows.entries()) {
    values[at * width + popularity] = Math.log1p(holdersCount(playlists, row)) / most;
    values[at * width + artist] = Math.sqrt(shares.get(artistOf?.[row] ?? NO_ARTIST) ?? 0);
    values[at * width + recency] = lately.get(artistOf?.[row] ?? NO_ARTIST) ?? 0;
  }
  return { rows, values };
}

/** Share of the seeds' weight that each artist has. */
function artistShares(seeds: Question['seeds'], artistOf: Uint32Array | undefined): Map<number, number> {
  const shares = new Map<number, number>();
  const total = seeds.reduce((sum, { weight }) => sum + weight, 0);
  for (const { row, weight } of seeds) {
    const artist = artistOf?.[row] ?? NO_ARTIST;
    if (artist !== NO_ARTIST) shares.set(artist, (shares.get(artist) ?? 0) + weight / total);
  }
  return shares;
}

/** 2^(-weeks / 4) of the last listen of each artist that was heard. */
function artistsHeard(history: readonly PlayedRow[], artistOf: Uint32Array | undefined): Map<number, number> {
  const lately = new Map<number, number>();
  for (const { row, weeksAgo } of history) {
    const artist = artistOf?.[row] ?? NO_ARTIST;
    if (artist === NO_ARTIST) continue;
    lately.set(artist, Math.max(lately.get(artist) ?? 0, 2 ** (-weeksAgo / HALF_LIFE_WEEKS)));
  }
  return lately;
}

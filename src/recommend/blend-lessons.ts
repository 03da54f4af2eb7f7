import { setImmediate as breathe } from 'node:timers/promises';
import { type FeatureTable, featuresOf } from './blend-features.ts';
import type { EvaluationCase } from './evaluate-recommenders.ts';
import { DEPTH, ndcg } from './evaluation.ts';
import type { LearningCase } from './learn-blend.ts';
import { holdersCount } from './playlist-matrix.ts';
import {
  type FitOptions,
  makeReady,
  type Question,
  type Ranking,
  type Recommender,
  type RecommenderKind,
  type World,
} from './recommender.ts';
import { withoutPlaylistsOf } from './smaller-world.ts';

/** Playlists that are put aside: a tenth, at most so many. */
const SHARE = 0.1;
const MOST = 400;
/** Shorter ones say too little. */
const LEAST_TRACKS = 10;

/** What the members said of a playlist that they did not know, half of it shown, and what of the other half they found. */
export interface BlendLesson {
  /** A number of the playlist that stays the same whatever else is in the corpus. */
  readonly key: number;
  readonly features: FeatureTable;
  /** The hidden rows that another playlist holds: nobody can find the others. */
  readonly hidden: ReadonlySet<number>;
  /** Places of those that anybody found, in the table's rows. */
  readonly found: readonly number[];
  /** NDCG@500 of each member. */
  readonly members: readonly number[];
}

/** The listener's own history, where anything may be learned from it. */
export interface OwnHistory {
  /** Whether a playlist was made of what the listener plays: it would give the weeks away, and is put aside with them. */
  readonly isOwn: (playlist: number) => boolean;
  /** Weeks, each asked for the songs that were new in it (`splitHistory`). */
  readonly weeks: readonly EvaluationCase[];
}

export interface Lessons {
  readonly playlists: readonly BlendLesson[];
  /** Weeks in which something was found, weighed beside the playlists. */
  readonly weeks: readonly LearningCase[];
}

/** What a week says in playlists put aside, as an edition (outcome-lessons.ts): it is the listener that is to be pleased. */
const WEEK_WEIGHT = 4;

/**
 * Puts playlists aside (whole groups of them), makes the members ready on the others, and asks them to continue a half of each
 * one put aside. Of the same playlist always the same half: nothing is left to chance, and a corpus that grows keeps its lessons. Then asks
 * them for the weeks of the listener's own, each by what was heard before it; all weeks together weigh at most as much as the playlists.
 */
export async function takeLessons(
  members: readonly RecommenderKind[],
  world: World,
  options: FitOptions,
  { isOwn, weeks }: OwnHistory = NO_HISTORY,
): Promise<Lessons> {
  const held = chooseHeld(world);
  if (held.length === 0) return { playlists: [], weeks: [] };
  const heldGroups = new Set(held.map(({ playlist }) => world.groups[playlist]!));
  const putAside = weeks.length === 0 ? () => false : isOwn;
  const left = withoutPlaylistsOf(world, (playlist) => heldGroups.has(world.groups[playlist]!) || putAside(playlist));
  const ready: Recommender[] = [];
  try {
    for (const [at, kind] of members.entries()) {
      options.onStep?.(`Learning without some playlists: ${kind.name}`, at, members.length);
      ready.push(await makeReady(kind, left, options));
    }
    const unheld = rowsWithoutHolders(left);
    const lessons: BlendLesson[] = [];
    for (const [at, each] of held.entries()) {
      options.onStep?.('Continuing those playlists', at, held.length);
      options.signal.throwIfAborted();
      await breathe();
      lessons.push(await takeLesson(ready, left, halve(world, each), unheld));
    }
    const playlists = lessons.filter(({ hidden }) => hidden.size > 0);
    const cases: LearningCase[] = [];
    for (const [at, week] of weeks.entries()) {
      options.onStep?.('Asking for weeks of your own', at, weeks.length);
      options.signal.throwIfAborted();
      await breathe();
      const { features, found } = await ask(ready, left, week, week.hidden, unheld);
      if (found.length > 0) cases.push({ features, found });
    }
    const weight = Math.min(WEEK_WEIGHT, playlists.length / Math.max(1, cases.length));
    return { playlists, weeks: cases.map((each) => ({ ...each, weight })) };
  } finally {
    for (const member of ready) await member.close();
  }
}

async function takeLesson(
  members: readonly Recommender[],
  world: World,
  { key, name, seeds, hidden: half }: HalvedPlaylist,
  unheld: ReadonlySet<number>,
): Promise<BlendLesson> {
  const question = { seeds: seeds.map((row) => ({ row, weight: 1 })), name, excluded: new Set(seeds) };
  const { hidden, rankings, features, found } = await ask(members, world, question, half, unheld);
  return { key, features, hidden, found, members: rankings.map(({ rows }) => ndcg(Array.from(rows), hidden)) };
}

async function ask(
  members: readonly Recommender[],
  world: World,
  question: Question,
  wanted: ReadonlySet<number>,
  unheld: ReadonlySet<number>,
) {
  const excluded = new Set(unheld);
  for (const row of question.excluded ?? []) excluded.add(row);
  const hidden = new Set(Array.from(wanted).filter((row) => row >= 0 && !unheld.has(row)));
  const rankings = await askAll(members, { ...question, excluded }, DEPTH);
  const features = featuresOf(rankings, question, world);
  const found = [...features.rows.entries()].filter(([, row]) => hidden.has(row)).map(([at]) => at);
  return { hidden, rankings, features, found };
}

const NO_HISTORY: OwnHistory = { isOwn: () => false, weeks: [] };

/**
 * Tracks that stand in the playlists put aside alone. Of all tracks in no playlist just these would be there to be found, and the
 * blend learned to look for songs that nobody holds: .22 instead of .25 on the bundled playlists.
 */
function rowsWithoutHolders({ playlists }: World): Set<number> {
  const rows = new Set<number>();
  for (let row = 0; row < playlists.tracks; row++) if (holdersCount(playlists, row) === 0) rows.add(row);
  return rows;
}

export async function askAll(members: readonly Recommender[], question: Question, depth: number): Promise<Ranking[]> {
  const rankings: Ranking[] = [];
  for (const member of members) rankings.push(await member.candidates(question, depth));
  return rankings;
}

interface HalvedPlaylist {
  readonly key: number;
  readonly name: string | undefined;
  readonly seeds: readonly number[];
  readonly hidden: ReadonlySet<number>;
}

interface HeldPlaylist {
  readonly playlist: number;
  readonly key: number;
}

/** The longest playlist of each group that is put aside: those with the lowest keys. */
function chooseHeld(world: World): HeldPlaylist[] {
  const { playlists, groups } = world;
  const longest = new Map<number, number>();
  const lengthOf = (playlist: number) => playlists.starts[playlist + 1]! - playlists.starts[playlist]!;
  for (let playlist = 0; playlist < playlists.playlists; playlist++) {
    const other = longest.get(groups[playlist]!);
    if (other === undefined || lengthOf(playlist) > lengthOf(other)) longest.set(groups[playlist]!, playlist);
  }
  const long = [...longest.values()]
    .filter((playlist) => lengthOf(playlist) >= LEAST_TRACKS)
    .map((playlist) => ({ playlist, key: keyOf(world, playlist) }))
    .sort((a, b) => a.key - b.key || a.playlist - b.playlist);
  return long.slice(0, Math.min(MOST, Math.round(SHARE * long.length)));
}

/** Every second one is asked without its name: most questions have none, and the others must be weighed by themselves too. */
function halve(world: World, { playlist, key }: HeldPlaylist): HalvedPlaylist {
  const { starts, rows } = world.playlists;
  const order = Array.from(rows.subarray(starts[playlist]!, starts[playlist + 1]!), (row) => ({
    row,
    place: mix(identityOf(world, row) ^ key),
  })).sort((a, b) => a.place - b.place || a.row - b.row);
  const all = order.map(({ row }) => row);
  const half = all.length >> 1;
  const name = key % 2 === 0 ? world.names?.[playlist] : undefined;
  return { key, name, seeds: all.slice(0, half), hidden: new Set(all.slice(half)) };
}

/** Of which tracks a playlist has, in whatever order. */
function keyOf(world: World, playlist: number): number {
  const { starts, rows } = world.playlists;
  let sum = 0;
  for (let at = starts[playlist]!; at < starts[playlist + 1]!; at++) sum += mix(identityOf(world, rows[at]!));
  return mix(sum);
}

function identityOf({ identities }: World, row: number): number {
  return identities?.[row] ?? row;
}

/** Spreads 32 bits over 32 bits: the finaliser of MurmurHash3 (Appleby 2016). */
function mix(bits: number): number {
  let h = bits | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

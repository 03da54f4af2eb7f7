import type { Model } from '../vectors/model.ts';
import type { FeatureMatrix } from './audio-features.ts';
import type { PlaylistMatrix } from './playlist-matrix.ts';

/** A song to start from, by its row in the catalogue. */
export interface SeedRow {
  readonly row: number;
  readonly weight: number;
}

/** Listens of one song that lie about as long back; a song may come more than once, for each week it was heard in. */
export interface PlayedRow {
  readonly row: number;
  readonly plays: number;
  /** From these listens to the question, 0 or more. */
  readonly weeksAgo: number;
}

/** What recommenders are asked. */
export interface Question {
  /** Songs to start from, each row once. */
  readonly seeds: readonly SeedRow[];
  /** Name of the playlist that is to be continued, where it has one. */
  readonly name?: string | undefined;
  /** What the listener has heard before, where the question is a listener's. */
  readonly history?: readonly PlayedRow[] | undefined;
  /**
   * Rows that must not come back. Absent: the seeds, as where a playlist is continued. Empty where songs may be heard
   * again; everything heard where only what is new counts.
   */
  readonly excluded?: ReadonlySet<number> | undefined;
}

/** The rows that an answer to this question must not hold. */
export function excludedBy({ seeds, excluded }: Question): ReadonlySet<number> {
  return excluded ?? new Set(seeds.map(({ row }) => row));
}

/** Rows with their scores, best first; higher is better, comparable only within one answer. Equal scores by row, the more popular first. */
export interface Ranking {
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
  /** What the scores are made of, by name, for `segue why`. */
  readonly parts?: { readonly [name: string]: Float64Array };
  /** Of a blend: each candidate's place with each member, from 1; 0 where the member does not have it. */
  readonly places?: { readonly [member: string]: Uint32Array };
  /** Of a blend: what it weighs, by feature. */
  readonly features?: { readonly [feature: string]: Float64Array };
  /** Where a dial was turned: what it went by. */
  readonly turned?: { readonly [name: string]: Float64Array };
}

/**
 * One way to get candidates, made ready. The same seeds give the same answer; long work lets the event loop breathe or sits
 * in worker threads. One question at a time.
 */
export interface Recommender {
  /** At most k candidates, best first, none of those that the question excludes. A seed that it knows nothing of is passed over. */
  candidates(question: Question, k: number): Promise<Ranking>;
  /** Ends the threads it started, if any. */
  close(): Promise<void>;
}

/** What there is to learn from; all of it speaks of rows of one catalogue, most popular first. */
export interface World {
  readonly playlists: PlaylistMatrix;
  /** One number a playlist; snapshots of one playlist share theirs, and are put aside together. */
  readonly groups: Uint32Array;
  /** Name of each playlist, empty where it has none; absent where nobody knows. */
  readonly names?: readonly string[] | undefined;
  /** Number of the primary artist of each row, NO_ARTIST where unknown; absent where nobody knows. */
  readonly artistOf?: Uint32Array | undefined;
  /**
   * A number of each row's track that stays the same whatever else is in the catalogue: by them the same playlists are put
   * aside of a corpus that has grown. Absent: the rows' own numbers.
   */
  readonly identities?: Uint32Array | undefined;
  /** How songs sound, those that anybody knows it of; absent where nobody does. */
  readonly features?: FeatureMatrix | undefined;
  /** Song vectors of these playlists (all, or without some), by row of the catalogue. Asked again, it has the same ones. */
  readonly vectorsOf: (playlists: PlaylistMatrix, options: FitOptions) => Promise<Model>;
}

/** What a recommender has learned, by name; files keep it, so that it is learned once and opened often. */
export interface Knowledge {
  readonly [name: string]: Float32Array | Float64Array | Uint32Array;
}

export interface FitOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onStep?: (label: string, done: number, total: number) => void;
}

/**
 * A kind of recommender: one file in recommenders/, and a line in recommenders.ts.
 * test/recommend/recommenders.test.ts says what all of them must do.
 */
export interface RecommenderKind {
  /** Its file's name. */
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Learns what takes long; nothing where all is counted when asked. Throws the signal's reason. */
  fit(world: World, options: FitOptions): Promise<Knowledge>;
  /** Ready to answer, from what `fit` learned of the same world. */
  open(world: World, knowledge: Knowledge, options: FitOptions): Promise<Recommender>;
}

/** Learns and opens. */
export async function makeReady(kind: RecommenderKind, world: World, options: FitOptions): Promise<Recommender> {
  return await kind.open(world, await kind.fit(world, options), options);
}

/** What recommenders learn that count when asked. */
export const NO_KNOWLEDGE: Knowledge = {};

export const NO_ARTIST = 0xffff_ffff;

export const NOTHING: Ranking = { rows: new Uint32Array(0), scores: new Float64Array(0) };

/** What a ranking says of the candidate at a place, by name. */
export function columnsAt(
  columns: { readonly [name: string]: ArrayLike<number> },
  at: number,
): { [name: string]: number } {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at]!]));
}

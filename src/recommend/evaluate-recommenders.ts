import { setImmediate as breathe } from 'node:timers/promises';
import { clicks, DEPTH, ndcg, recallAt, rPrecision } from './evaluation.ts';
import { type DifferenceInterval, differenceInterval } from './paired-difference.ts';
import { holdersCount } from './playlist-matrix.ts';
import {
  makeReady,
  type Question,
  type Ranking,
  type Recommender,
  type RecommenderKind,
  type SeedRow,
  type World,
} from './recommender.ts';

/** One playlist to be continued, or one listener's question, by rows of the catalogue. */
export interface EvaluationCase extends Question {
  /** Rows to be found; -1 for each hidden track that training never saw: nobody can find it, and it counts as missed. */
  readonly hidden: ReadonlySet<number>;
}

/** Depths that recall and hit rate are looked at. */
export const DEPTHS = [10, 100, 500] as const;

/** What is measured case by case. */
export const METRICS = [
  'ndcg',
  'rPrecision',
  'clicks',
  ...DEPTHS.map((depth) => `recall@${depth}` as const),
  ...DEPTHS.map((depth) => `hitRate@${depth}` as const),
  'novelty',
] as const;
export type Metric = (typeof METRICS)[number];

export interface Interval {
  readonly mean: number;
  /** Ends of the 95 % interval of the mean, by bootstrap over cases. */
  readonly low: number;
  readonly high: number;
}

export interface EvaluatedRecommender {
  readonly name: string;
  readonly metrics: { readonly [metric in Metric]: Interval };
  /** Cases in which it had anything to say. */
  readonly answered: number;
  /** Share of all tracks that stand among the first ten of some case. */
  readonly coverage: number;
  readonly fitSeconds: number;
  /** Median over the cases. */
  readonly msPerQuery: number;
  /** What the process grew by while it was made ready, in megabytes. */
  readonly memoryMb: number;
}

/** One recommender against another on the same cases. */
export interface Comparison extends Interval {
  readonly better: string;
  readonly than: string;
  readonly metric: Metric;
}

export interface Evaluation {
  readonly cases: number;
  readonly recommenders: readonly EvaluatedRecommender[];
  /** By NDCG, the best one against each other. */
  readonly comparisons: readonly Comparison[];
}

export interface EvaluateOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onStep?: (label: string, done: number, total: number) => void;
  /** Told of each answer: the rows found, best first. */
  readonly onCase?: (found: readonly number[], asked: EvaluationCase) => void;
}

/** Novelty of a list is the mean of -log2 of the share of playlists that hold each of its first ten (Vargas and Castells 2011, "Rank and relevance in novelty and diversity metrics", RecSys). */
const NOVELTY_DEPTH = 10;

/** Seeds that all weigh the same. */
export function alike(rows: Iterable<number>): SeedRow[] {
  return Array.from(rows, (row) => ({ row, weight: 1 }));
}

/** Makes each recommender ready, asks it for every case and measures. Throws the signal's reason. */
export async function evaluateRecommenders(
  kinds: readonly RecommenderKind[],
  world: World,
  cases: readonly EvaluationCase[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const [evaluation] = await evaluateSets(kinds, world, [cases], options);
  return evaluation!;
}

/** The same for several sets of cases, each measured by itself: every recommender learns once. */
export async function evaluateSets(
  kinds: readonly RecommenderKind[],
  world: World,
  sets: readonly (readonly EvaluationCase[])[],
  options: EvaluateOptions,
): Promise<Evaluation[]> {
  const evaluated: Evaluated[][] = [];
  for (const kind of kinds) evaluated.push(await evaluateOne(kind, world, sets, options));
  return sets.map((cases, set) =>
    summarise(
      cases,
      evaluated.map((each) => each[set]!),
    ),
  );
}

interface Evaluated {
  readonly summary: EvaluatedRecommender;
  readonly scores: Record<Metric, number[]>;
}

function summarise(cases: readonly EvaluationCase[], evaluated: readonly Evaluated[]): Evaluation {
  const best = evaluated.reduce((a, b) => (b.summary.metrics.ndcg.mean > a.summary.metrics.ndcg.mean ? b : a));
  return {
    cases: cases.length,
    recommenders: evaluated.map(({ summary }) => summary),
    comparisons: evaluated
      .filter((each) => each !== best)
      .map((each) => ({
        better: best.summary.name,
        than: each.summary.name,
        metric: 'ndcg',
        ...interval(differenceInterval(best.scores.ndcg, each.scores.ndcg)),
      })),
  };
}

async function evaluateOne(
  kind: RecommenderKind,
  world: World,
  sets: readonly (readonly EvaluationCase[])[],
  options: EvaluateOptions,
): Promise<Evaluated[]> {
  const { threads, signal, onStep } = options;
  const total = sets.reduce((sum, cases) => sum + cases.length, 0);
  signal.throwIfAborted();
  onStep?.(`${kind.name}: learning`, 0, total);
  const memory = process.memoryUsage().rss;
  const began = performance.now();
  const recommender = await makeReady(kind, world, { threads, signal });
  const fitSeconds = (performance.now() - began) / 1000;
  const memoryMb = Math.max(0, process.memoryUsage().rss - memory) / 1e6;
  const asked: Asked[] = [];
  try {
    let done = 0;
    for (const cases of sets) {
      asked.push(await ask(recommender, world, cases, options, () => onStep?.(kind.name, ++done, total)));
    }
  } finally {
    await recommender.close();
  }
  return asked.map(({ scores, answered, shown, times }) => {
    const coverage = shown.size / world.playlists.tracks;
    const msPerQuery = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const summary = {
      name: kind.name,
      metrics: intervalsOf(scores),
      answered,
      coverage,
      fitSeconds,
      msPerQuery,
      memoryMb,
    };
    return { summary, scores };
  });
}

interface Asked {
  readonly scores: Record<Metric, number[]>;
  readonly answered: number;
  /** Rows among the first ten of some case. */
  readonly shown: ReadonlySet<number>;
  /** Milliseconds of each question. */
  readonly times: number[];
}

async function ask(
  recommender: Recommender,
  world: World,
  cases: readonly EvaluationCase[],
  { signal, onCase }: EvaluateOptions,
  onAnswer: () => void,
): Promise<Asked> {
  const scores = Object.fromEntries(METRICS.map((metric) => [metric, [] as number[]])) as Record<Metric, number[]>;
  const times: number[] = [];
  const shown = new Set<number>();
  let answered = 0;
  for (const one of cases) {
    const { hidden, ...question } = one;
    signal.throwIfAborted();
    await breathe();
    const asked = performance.now();
    const ranking = await recommender.candidates(question, DEPTH);
    times.push(performance.now() - asked);
    onCase?.(Array.from(ranking.rows), one);
    if (ranking.rows.length > 0) answered++;
    for (const row of ranking.rows.subarray(0, NOVELTY_DEPTH)) shown.add(row);
    for (const [metric, score] of Object.entries(measure(ranking, hidden, world))) scores[metric as Metric].push(score);
    onAnswer();
  }
  return { scores, answered, shown, times };
}

function intervalsOf(scores: Record<Metric, number[]>): Record<Metric, Interval> {
  const none = scores.ndcg.map(() => 0);
  return Object.fromEntries(
    METRICS.map((metric) => [metric, interval(differenceInterval(scores[metric], none))]),
  ) as Record<Metric, Interval>;
}

function measure({ rows }: Ranking, hidden: ReadonlySet<number>, { playlists }: World): Record<Metric, number> {
  const found = Array.from(rows);
  const first = found.slice(0, NOVELTY_DEPTH);
  const informative = first.map((row) => Math.log2(playlists.playlists / Math.max(1, holdersCount(playlists, row))));
  const recalls = DEPTHS.map((depth) => [depth, recallAt(found, hidden, depth)] as const);
  return {
    ndcg: ndcg(found, hidden),
    rPrecision: rPrecision(found, hidden),
    clicks: clicks(found, hidden),
    ...Object.fromEntries(recalls.map(([depth, recall]) => [`recall@${depth}`, recall])),
    ...Object.fromEntries(recalls.map(([depth, recall]) => [`hitRate@${depth}`, recall > 0 ? 1 : 0])),
    novelty: informative.reduce((sum, bits) => sum + bits, 0) / Math.max(1, first.length),
  } as Record<Metric, number>;
}

function interval({ mean, low, high }: DifferenceInterval): Interval {
  return { mean, low, high };
}

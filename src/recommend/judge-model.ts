import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../vectors/model.ts';
import { indexModel } from '../vectors/model-index.ts';
import { meanVector } from '../vectors/nearest.ts';
import type { Vocabulary } from '../vectors/vocabulary.ts';
import { type ContinuationCase, DEPTH, judge, type Scores } from './evaluation.ts';
import { openVectorRecommender } from './recommenders/song-vectors.ts';

/** Few enough that a large model's answers to them lie in memory easily. */
const CASES_AT_ONCE = 32;

/** What a model is worth as a continuation of playlists: the scores of each case, by three ways to ask it. */
export interface ModelScores {
  /** Mean input vector of the seeds x output vectors: what CBOW is trained to answer. One pass over the vectors a case. */
  readonly inputXOutput: readonly Scores[];
  /** Mean input vector of the seeds, by cosine to input vectors. */
  readonly meanCosine: readonly Scores[];
  /** What `song-vectors` recommends, if asked for: one pass a seed. */
  readonly recommender: readonly Scores[];
}

/**
 * Judges a model by playlists of which a half is hidden; `cases` speak of tokens of the corpus. Lets the event loop breathe;
 * throws the signal's reason.
 */
export async function judgeModel(
  { model, vocabulary }: { readonly model: Model; readonly vocabulary: Vocabulary },
  cases: readonly ContinuationCase<number>[],
  options: { readonly recommender: boolean; readonly signal?: AbortSignal | undefined },
): Promise<ModelScores> {
  const asked = cases.map(({ seeds }) => seeds.map((token) => vocabulary.rowOf[token] ?? -1).filter((row) => row >= 0));
  const answers = (matrix: 'input' | 'output', measure: 'cosine' | 'dot') =>
    answerMeans(model, matrix, measure, asked, options.signal);
  const score = (found: readonly (readonly number[])[]) =>
    cases.map(({ hidden }, at) =>
      judge(
        found[at]!.map((row) => vocabulary.tokens[row]!),
        hidden,
      ),
    );
  return {
    inputXOutput: score(await answers('output', 'dot')),
    meanCosine: score(await answers('input', 'cosine')),
    recommender: options.recommender ? await judgeRecommender(model, vocabulary, cases, options.signal) : [],
  };
}

/** For each case the best rows of a matrix against the mean input vector of its seeds, best first, without the seeds. */
async function answerMeans(
  model: Model,
  matrix: 'input' | 'output',
  measure: 'cosine' | 'dot',
  seedRows: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
): Promise<number[][]> {
  const input = { values: model.input, dimensions: model.dimensions };
  const index = indexModel(model, matrix);
  try {
    const found: number[][] = [];
    for (let from = 0; from < seedRows.length; from += CASES_AT_ONCE) {
      signal?.throwIfAborted();
      await breathe();
      const batch = seedRows.slice(from, from + CASES_AT_ONCE);
      const queries = batch.map((rows) =>
        rows.length === 0 ? new Float64Array(model.dimensions) : meanVector(input, rows),
      );
      // One search for all of them: each gets so many that its own seeds can be left out afterwards.
      const k = DEPTH + Math.max(...batch.map((rows) => rows.length));
      const near = await index.nearestBatch(queries, { k, measure });
      for (const [at, rows] of batch.entries()) {
        const seeds = new Set(rows);
        const others = near[at]!.map(({ row }) => row).filter((row) => !seeds.has(row));
        found.push(rows.length === 0 ? [] : others.slice(0, DEPTH));
      }
    }
    return found;
  } finally {
    await index.close();
  }
}

async function judgeRecommender(
  model: Model,
  vocabulary: Vocabulary,
  cases: readonly ContinuationCase<number>[],
  signal: AbortSignal | undefined,
): Promise<Scores[]> {
  const recommender = openVectorRecommender(model);
  try {
    const scores: Scores[] = [];
    for (const { seeds, hidden } of cases) {
      signal?.throwIfAborted();
      const known = seeds.map((token) => vocabulary.rowOf[token] ?? -1).filter((row) => row >= 0);
      const { rows } = await recommender.candidates({ seeds: known.map((row) => ({ row, weight: 1 })) }, DEPTH);
      scores.push(
        judge(
          Array.from(rows, (row) => vocabulary.tokens[row]!),
          hidden,
        ),
      );
    }
    return scores;
  } finally {
    await recommender.close();
  }
}

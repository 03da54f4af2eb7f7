import { DEPTH, judge, meanScores } from '../../src/recommend/evaluation.ts';
import type { Holdout } from '../../src/recommend/holdout.ts';
import { indexVectors } from '../../src/vectors/search-index.ts';

/** Vectors of any trainer. n = rows, d = dimensions. */
export interface TrainedVectors {
  readonly dimensions: number;
  /** Token of each row (n). */
  readonly tokens: Uint32Array;
  /** n x d. */
  readonly input: Float32Array;
  /** n x d; gensim's syn1neg. */
  readonly output: Float32Array;
}

/** NDCG@500 of held-out continuation by two ways of asking the same vectors. */
export interface Quality {
  /** Mean input vector of the seeds x output vectors. */
  readonly together: number;
  /** That mean against input vectors, by cosine. */
  readonly cosine: number;
  /** The better of the two: what is compared. */
  readonly ndcg: number;
}

/** Judges any trainer's vectors by the same code: all rows are candidates but the seeds. */
export async function judgeVectors(
  vectors: TrainedVectors,
  cases: Holdout['cases'],
  threads: number,
): Promise<Quality> {
  // A rate too high for a corpus makes numbers that are none; such vectors know nothing.
  if (!allFinite(vectors.input) || !allFinite(vectors.output)) return { together: 0, cosine: 0, ndcg: 0 };
  const rowOf = new Map<number, number>();
  for (const [row, token] of vectors.tokens.entries()) rowOf.set(token, row);
  const asked = cases
    .map(({ seeds, hidden }) => ({
      hidden,
      seedRows: new Set(seeds.map((token) => rowOf.get(token) ?? -1).filter((row) => row >= 0)),
    }))
    .map((one) => ({ ...one, query: meanOf(vectors, one.seedRows) }));
  const mostSeeds = asked.reduce((most, { seedRows }) => Math.max(most, seedRows.size), 0);
  const ndcg = async (matrix: Float32Array, measure: 'dot' | 'cosine') => {
    const index = indexVectors(matrix, vectors.dimensions, { threads });
    try {
      // Seeds differ by query and are left out afterwards: so many more are asked for.
      const found = await index.nearestBatch(
        asked.map(({ query }) => query),
        { k: DEPTH + mostSeeds, measure },
      );
      return meanScores(
        asked.map(({ hidden, seedRows }, at) => {
          const best = seedRows.size === 0 ? [] : found[at]!.filter(({ row }) => !seedRows.has(row));
          return judge(
            best.slice(0, DEPTH).map(({ row }) => vectors.tokens[row]!),
            hidden,
          );
        }),
      ).ndcg;
    } finally {
      await index.close();
    }
  };
  const together = await ndcg(vectors.output, 'dot');
  const cosine = await ndcg(vectors.input, 'cosine');
  return { together, cosine, ndcg: Math.max(together, cosine) };
}

/** The floor: the most frequent tracks, whatever the seeds. `tokens` by falling frequency. */
export function judgePopularity(tokens: Uint32Array, cases: Holdout['cases']): number {
  return meanScores(
    cases.map(({ seeds, hidden }) => {
      const shown = new Set(seeds);
      const best = Array.from(tokens.subarray(0, DEPTH + shown.size)).filter((token) => !shown.has(token));
      return judge(best.slice(0, DEPTH), hidden);
    }),
  ).ndcg;
}

function meanOf({ input, dimensions }: TrainedVectors, rows: ReadonlySet<number>): Float64Array {
  const mean = new Float64Array(dimensions);
  for (const row of rows) {
    for (let i = 0; i < dimensions; i++) mean[i] = mean[i]! + input[row * dimensions + i]! / rows.size;
  }
  return mean;
}

function allFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at]!)) return false;
  return true;
}

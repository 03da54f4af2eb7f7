import { DEPTH, judge, meanScores } from '../../src/recommend/evaluation.ts';
import type { Holdout } from '../../src/recommend/holdout.ts';
import { topRows } from '../../src/vectors/nearest.ts';

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

/** Queries scored in one pass over the rows: a row is read from memory once for all of them. */
const BLOCK = 8;

/** Judges any trainer's vectors by the same code: all rows are candidates but the seeds. */
export function judgeVectors(vectors: TrainedVectors, cases: Holdout['cases']): Quality {
  const rowOf = new Map<number, number>();
  for (const [row, token] of vectors.tokens.entries()) rowOf.set(token, row);
  const asked = cases.map(({ seeds, hidden }) => ({
    hidden,
    seedRows: seeds.map((token) => rowOf.get(token) ?? -1).filter((row) => row >= 0),
  }));
  const rows = vectors.tokens.length;
  const norms = rowNorms(vectors.input, vectors.dimensions);
  const excluded = new Uint8Array(rows);
  const scores = Array.from({ length: BLOCK }, () => new Float64Array(rows));
  const ndcg = (matrix: Float32Array, divisors?: Float64Array) => {
    const judged = [];
    for (let from = 0; from < asked.length; from += BLOCK) {
      const block = asked.slice(from, from + BLOCK);
      scoreBlock(
        matrix,
        vectors.dimensions,
        block.map(({ seedRows }) => meanOf(vectors, seedRows)),
        scores,
        divisors,
      );
      for (const [at, { seedRows, hidden }] of block.entries()) {
        for (const row of seedRows) excluded[row] = 1;
        const best = seedRows.length === 0 ? [] : topRows(scores[at]!, DEPTH, excluded);
        for (const row of seedRows) excluded[row] = 0;
        judged.push(
          judge(
            best.map(({ row }) => vectors.tokens[row]!),
            hidden,
          ),
        );
      }
    }
    return meanScores(judged).ndcg;
  };
  const together = ndcg(vectors.output);
  // The length of the query is the same for all rows and changes no order.
  const cosine = ndcg(vectors.input, norms);
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

function meanOf({ input, dimensions }: TrainedVectors, rows: readonly number[]): Float64Array {
  const mean = new Float64Array(dimensions);
  for (const row of rows) {
    for (let i = 0; i < dimensions; i++) mean[i] = mean[i]! + input[row * dimensions + i]! / rows.length;
  }
  return mean;
}

function rowNorms(matrix: Float32Array, dimensions: number): Float64Array {
  const norms = new Float64Array(matrix.length / dimensions);
  for (let row = 0; row < norms.length; row++) {
    let squares = 0;
    for (let i = 0; i < dimensions; i++) squares += matrix[row * dimensions + i]! ** 2;
    norms[row] = Math.sqrt(squares) || 1;
  }
  return norms;
}

/** Scores four queries a pass, in registers: 600 queries over 200,000 rows of 100 take seconds, one by one a minute. */
function scoreBlock(
  matrix: Float32Array,
  d: number,
  queries: readonly Float64Array[],
  scores: readonly Float64Array[],
  divisors?: Float64Array,
): void {
  const rows = matrix.length / d;
  for (let from = 0; from < queries.length; from += 4) {
    const [a, b, c, e] = [0, 1, 2, 3].map((i) => queries[from + i] ?? queries[from]!) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const into = [0, 1, 2, 3].map((i) => scores[from + i < queries.length ? from + i : from]!);
    const [intoA, intoB, intoC, intoE] = into as [Float64Array, Float64Array, Float64Array, Float64Array];
    for (let row = 0; row < rows; row++) {
      const at = row * d;
      let [sumA, sumB, sumC, sumE] = [0, 0, 0, 0];
      for (let i = 0; i < d; i++) {
        const value = matrix[at + i]!;
        sumA += value * a[i]!;
        sumB += value * b[i]!;
        sumC += value * c[i]!;
        sumE += value * e[i]!;
      }
      const scale = divisors === undefined ? 1 : 1 / divisors[row]!;
      intoE[row] = sumE * scale;
      intoC[row] = sumC * scale;
      intoB[row] = sumB * scale;
      intoA[row] = sumA * scale;
    }
  }
}

import type { VectorRows } from './vector-rows.ts';

/** Why a vector of a file cannot be used. */
export type RowProblem = 'empty-token' | 'not-finite' | 'same-token-again';

export interface RowTally {
  read: number;
  /** Rows that cannot be used, by reason. */
  readonly unusable: { [reason in RowProblem]?: number };
}

/**
 * The rows that can be used, some hundred at a time; the others are counted: a token of nothing but blanks, NaN or
 * infinity among the numbers, a token that was there before (the first counts, as in gensim).
 */
export async function* usableRows(rows: AsyncIterable<VectorRows>, tally: RowTally): AsyncGenerator<VectorRows> {
  const seen = new Set<string>();
  for await (const { tokens, values } of rows) {
    const dimensions = values.length / tokens.length;
    const kept: string[] = [];
    for (const [row, token] of tokens.entries()) {
      const problem = problemOf(token, values.subarray(row * dimensions, (row + 1) * dimensions), seen);
      tally.read++;
      if (problem !== undefined) {
        tally.unusable[problem] = (tally.unusable[problem] ?? 0) + 1;
        continue;
      }
      seen.add(token);
      if (kept.length < row) values.copyWithin(kept.length * dimensions, row * dimensions, (row + 1) * dimensions);
      kept.push(token);
    }
    if (kept.length > 0) yield { tokens: kept, values: values.subarray(0, kept.length * dimensions) };
  }
}

function problemOf(token: string, values: Float32Array, seen: ReadonlySet<string>): RowProblem | undefined {
  if (token.trim() === '') return 'empty-token';
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return 'not-finite';
  return seen.has(token) ? 'same-token-again' : undefined;
}

import { ExpectedError } from '../base/errors.ts';
import type { CatalogueTrack } from '../recommend/catalogue.ts';
import type { Model } from '../vectors/model.ts';
import type { VectorTable } from '../vectors/vector-table.ts';

/** The rows of a model made of imported vectors. */
export interface ImportedRows {
  readonly model: Model;
  /** Of each row. */
  readonly tracks: readonly CatalogueTrack[];
  /** Tokens with a track that the output vectors lack: they are left out. */
  readonly withoutOutput: number;
  /** Kept tokens that the counts lack: they count as 1. */
  readonly withoutCount: number;
}

const MOST = 2 ** 32 - 1;

/**
 * The vectors of the tokens that have a track. Rows fall in count; without counts they keep the file's order, which in
 * word2vec's formats falls too, and all count 1: nothing is known of how sure each is. Without output vectors, the output
 * vectors are the input vectors scaled to length 1, so that mean input x output ranks by cosine. Throws ExpectedError
 * `vectors-differ` where input and output have different dimensions, or no token has a count.
 */
export function gatherRows(
  input: VectorTable,
  tracks: readonly (CatalogueTrack | undefined)[],
  output: VectorTable | undefined,
  countOf: ReadonlyMap<string, number> | undefined,
): ImportedRows {
  const { dimensions } = input.shape;
  if (output !== undefined && output.shape.dimensions !== dimensions) throw differentDimensions(dimensions, output);
  const outputRows = output && new Map(output.tokens.map((token, row) => [token, row]));
  const withTrack = input.tokens.map((_, row) => row).filter((row) => tracks[row] !== undefined);
  const kept = withTrack.filter((row) => outputRows?.has(input.tokens[row]!) ?? true);
  const count = (row: number) => Math.min(MOST, Math.max(1, countOf?.get(input.tokens[row]!) ?? 1));
  const withoutCount = countOf === undefined ? 0 : kept.filter((row) => !countOf.has(input.tokens[row]!)).length;
  if (kept.length > 0 && withoutCount === kept.length) throw noCounts();
  if (countOf !== undefined) kept.sort((a, b) => count(b) - count(a) || a - b);

  const model = {
    dimensions,
    counts: Uint32Array.from(kept, count),
    input: new Float32Array(kept.length * dimensions),
    output: new Float32Array(kept.length * dimensions),
  };
  for (const [at, row] of kept.entries()) {
    const vector = input.values.subarray(row * dimensions, (row + 1) * dimensions);
    const from = outputRows?.get(input.tokens[row]!);
    model.input.set(vector, at * dimensions);
    if (from === undefined) scaleToOne(vector, model.output.subarray(at * dimensions, (at + 1) * dimensions));
    else model.output.set(output!.values.subarray(from * dimensions, (from + 1) * dimensions), at * dimensions);
  }
  return {
    model,
    tracks: kept.map((row) => tracks[row]!),
    withoutOutput: withTrack.length - kept.length,
    withoutCount,
  };
}

function scaleToOne(vector: Float32Array, into: Float32Array): void {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < vector.length; i++) into[i] = vector[i]! / length;
}

function differentDimensions(dimensions: number, output: VectorTable): ExpectedError {
  return new ExpectedError('vectors-differ', 'Input and output vectors do not fit together', {
    why: `The input vectors have ${dimensions} dimensions, the output vectors ${output.shape.dimensions}.`,
    hint: 'Both must be of one model: docs/vectors.md has the lines of Python that write them.',
  });
}

function noCounts(): ExpectedError {
  return new ExpectedError('vectors-differ', 'Vectors and counts do not fit together', {
    why: 'No token of the vectors has a count.',
    hint: 'The counts must be of the same model: a line a token, as gensim writes them with save_word2vec_format(…, fvocab=…).',
  });
}

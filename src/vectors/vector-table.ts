import { ExpectedError } from '../base/errors.ts';
import { noProgress, type Progress } from '../base/progress.ts';
import { type RowTally, usableRows } from './usable-rows.ts';
import { type VectorFile, withVectorFile } from './vector-file.ts';
import type { ShapeOptions } from './vector-file-shape.ts';
import type { VectorFileShape } from './vector-rows.ts';

/** A vector file in memory: the rows that can be used, in its order. */
export interface VectorTable {
  readonly shape: VectorFileShape;
  readonly tally: RowTally;
  /** n, all different. */
  readonly tokens: readonly string[];
  /** n x d, row-major. */
  readonly values: Float32Array;
}

export interface TableWatch {
  readonly signal: AbortSignal;
  readonly progress?: Progress;
}

/**
 * Reads a whole vector file; memory: its floats once. Throws what `withVectorFile` and its rows throw, the signal's reason,
 * and ExpectedError `out-of-memory`.
 */
export async function readVectorTable(path: string, options: ShapeOptions, watch: TableWatch): Promise<VectorTable> {
  return await withVectorFile(path, options, async (file) => {
    const rows = file.promised ?? (await countRows(file, watch));
    const tokens: string[] = [];
    const values = allocate(rows, file.dimensions, path);
    const tally: RowTally = { read: 0, unusable: {} };
    for await (const part of usableRows(file.rows(), tally)) {
      watch.signal.throwIfAborted();
      values.set(part.values, tokens.length * file.dimensions);
      for (const token of part.tokens) tokens.push(token);
      watch.progress?.({ label: 'Reading vectors', done: tally.read, total: rows, unit: 'vectors' });
    }
    const { format, dimensions, promised } = file;
    return {
      shape: { format, dimensions, ...(promised === undefined ? {} : { promised }) },
      tally,
      tokens,
      values: values.subarray(0, tokens.length * dimensions),
    };
  });
}

/** A file without a first line is read twice: room for its vectors, made larger as they come, would take twice the memory. */
async function countRows(file: VectorFile, { signal, progress = noProgress }: TableWatch): Promise<number> {
  let rows = 0;
  for await (const { tokens } of file.rows()) {
    signal.throwIfAborted();
    rows += tokens.length;
    progress({ label: 'Counting vectors', done: rows, unit: 'vectors' });
  }
  return rows;
}

function allocate(rows: number, dimensions: number, path: string): Float32Array {
  try {
    return new Float32Array(rows * dimensions);
  } catch (cause) {
    throw new ExpectedError('out-of-memory', `There is no room in memory for the vectors of ${path}`, {
      why: `${rows} vectors of ${dimensions} dimensions take ${((rows * dimensions * 4) / 2 ** 30).toFixed(1)} GiB.`,
      hint: 'Cut the file down to the most frequent songs, which come first, or use a machine with more memory.',
      cause,
    });
  }
}

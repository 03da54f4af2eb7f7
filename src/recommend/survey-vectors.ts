import { describeNorms, type Norms, normsOf } from '../vectors/norms.ts';
import { type RowTally, usableRows } from '../vectors/usable-rows.ts';
import { withVectorFile } from '../vectors/vector-file.ts';
import type { ShapeOptions } from '../vectors/vector-file-shape.ts';
import type { VectorFileShape } from '../vectors/vector-rows.ts';
import type { TableWatch } from '../vectors/vector-table.ts';
import { readToken } from './track-tokens.ts';

/** What a vector file of another program holds. */
export interface VectorSurvey {
  readonly shape: VectorFileShape;
  /** Bytes when unpacked, where known. */
  readonly size?: number;
  readonly tally: RowTally;
  readonly norms?: Norms;
  /** Tokens that can be used, by what they say of a track. */
  readonly tokens: { readonly ids: number; readonly artistAndTitle: number; readonly others: number };
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** Reads a whole vector file and keeps nothing but figures. Throws what `withVectorFile` and its rows throw, and the signal's reason. */
export async function surveyVectors(path: string, options: ShapeOptions, watch: TableWatch): Promise<VectorSurvey> {
  return await withVectorFile(path, options, async (file) => {
    const tally: RowTally = { read: 0, unusable: {} };
    const tokens = { ids: 0, artistAndTitle: 0, others: 0 };
    const examples: string[] = [];
    const norms: Float32Array[] = [];
    for await (const part of usableRows(file.rows(), tally)) {
      watch.signal.throwIfAborted();
      norms.push(normsOf(part.values, file.dimensions));
      for (const token of part.tokens) {
        if (examples.length < EXAMPLES) examples.push(token);
        const meaning = readToken(token);
        tokens['id' in meaning ? 'ids' : 'names' in meaning ? 'artistAndTitle' : 'others']++;
      }
      const total = file.promised;
      watch.progress?.({ label: 'Reading vectors', done: tally.read, ...(total && { total }), unit: 'vectors' });
    }
    const { format, dimensions, promised, size } = file;
    const described = describeNorms(joined(norms));
    return {
      shape: { format, dimensions, ...(promised === undefined ? {} : { promised }) },
      ...(size === undefined ? {} : { size }),
      tally,
      ...(described && { norms: described }),
      tokens,
      examples,
    };
  });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

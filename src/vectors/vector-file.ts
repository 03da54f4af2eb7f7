import { ExpectedError } from '../base/errors.ts';
import { openSource, type SourceFile } from '../base/source-files.ts';
import { damagedVectors } from './damaged-vectors.ts';
import { HEAD_BYTES, recogniseShape, type ShapeOptions } from './vector-file-shape.ts';
import type { VectorFileShape, VectorRows } from './vector-rows.ts';
import { readBinaryRows } from './word2vec-binary.ts';
import { readTextRows } from './word2vec-text.ts';

/** Vectors in a file of word2vec's formats, gzipped or zipped or not. */
export interface VectorFile extends VectorFileShape {
  readonly name: string;
  /** Bytes when unpacked; absent where nothing says so. */
  readonly size?: number;
  /** From the start at each call; memory does not grow with the file. Throws what `readTextRows` and `readBinaryRows` throw. */
  rows(): AsyncGenerator<VectorRows>;
}

/**
 * Opens the one vector file at `path` for as long as `use` takes. Throws ExpectedError `vectors-not-readable` (another
 * kind of file, with how to convert it; several files), `vectors-damaged`, and what `openSource` throws.
 */
export async function withVectorFile<Result>(
  path: string,
  options: ShapeOptions,
  use: (file: VectorFile) => Promise<Result>,
): Promise<Result> {
  const names: string[] = [];
  for await (const { name } of openSource(path)) names.push(name);
  if (names.length > 1) throw severalFiles(path, names);
  for await (const file of openSource(path)) return await use(await open(file, path, options));
  throw new Error('a source with one file had none the second time');
}

async function open(file: SourceFile, path: string, options: ShapeOptions): Promise<VectorFile> {
  const shape = await recogniseShape(await file.head(HEAD_BYTES), path, options);
  const { format, dimensions, promised } = shape;
  const isText = format === 'word2vec-text';
  // A number takes two bytes as text and four as a float, a token one and a space.
  const least = (promised ?? 0) * (2 + dimensions * (isText ? 2 : 4));
  if (file.size !== undefined && file.size < least) {
    const why = `Line 1 promises ${promised} vectors of ${dimensions} numbers, which take at least ${least} bytes; the file has ${file.size}`;
    throw damagedVectors(path, why);
  }
  const read = isText ? readTextRows : readBinaryRows;
  return {
    ...shape,
    name: file.name,
    ...(file.size === undefined ? {} : { size: file.size }),
    rows: () => read(file.stream(), shape, path),
  };
}

function severalFiles(path: string, names: readonly string[]): ExpectedError {
  const shown = names.slice(0, 4).join(', ');
  return new ExpectedError('vectors-not-readable', `Cannot read song vectors from ${path}`, {
    why: `It holds ${names.length} files: ${shown}${names.length > 4 ? ', …' : ''}.`,
    hint: 'Unpack it and name one of them.',
  });
}

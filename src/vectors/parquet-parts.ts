import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import type { OnRows, TokenVectors } from './word2vec-write.ts';

/** A column beside the vectors. */
export interface TextColumnOf {
  readonly name: string;
  /** Texts, lists of texts, or whole numbers. */
  readonly type: 'text' | 'texts' | 'count';
  value(row: number): string | readonly string[] | number;
}

// A row group is built in memory as JavaScript numbers: 8,192 rows of 100 take some tens of megabytes.
const ROWS_AT_ONCE = 8192;
const VECTOR = 'vector';

/**
 * A Parquet file: the given columns, then `vector`, a list of d floats a row. Floats are neither packed nor counted into
 * dictionaries and statistics, which only cost time on trained vectors. `about`: key-value metadata of the file.
 */
export function* parquetParts(
  { rows, dimensions, values }: Omit<TokenVectors, 'token'>,
  columns: readonly TextColumnOf[],
  about: Readonly<Record<string, string>>,
  onRows?: OnRows,
): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const kvMetadata = Object.entries(about).map(([key, value]) => ({ key, value }));
  const file = new ParquetWriter({ writer, schema: schemaOf(columns), kvMetadata, createdBy: 'segue' });
  const take = (): Uint8Array => {
    const bytes = new Uint8Array(writer.getBuffer());
    writer.index = 0;
    return bytes;
  };
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const group = Array.from({ length: Math.min(ROWS_AT_ONCE, rows - start) }, (_, at) => start + at);
    const columnData = columns.map(
      ({ name, type, value }): ColumnSource => ({
        name,
        data: group.map((row) => (type === 'count' ? BigInt(value(row) as number) : value(row))),
      }),
    );
    const vector = group.map((row) => [...values.subarray(row * dimensions, (row + 1) * dimensions)]);
    columnData.push({ name: VECTOR, data: vector, encoding: 'PLAIN', codec: 'UNCOMPRESSED', statistics: false });
    file.write({ columnData, rowGroupSize: group.length });
    yield take();
    onRows?.(start + group.length);
  }
  file.finish();
  yield take();
}

function schemaOf(columns: readonly TextColumnOf[]): SchemaElement[] {
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
  return [
    { name: 'root', num_children: columns.length + 1 },
    ...columns.flatMap(({ name, type }): SchemaElement[] => {
      if (type === 'texts') return listOf(name, { name: 'element', ...text });
      if (type === 'count') return [{ name, type: 'INT64', repetition_type: 'REQUIRED' }];
      return [{ name, ...text }];
    }),
    ...listOf(VECTOR, { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' }),
  ];
}

function listOf(name: string, element: SchemaElement): SchemaElement[] {
  return [
    { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    element,
  ];
}

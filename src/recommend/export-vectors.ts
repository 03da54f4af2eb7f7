import type { NewFile } from '../base/whole-files.ts';
import type { Model } from '../vectors/model.ts';
import { parquetParts } from '../vectors/parquet-parts.ts';
import { binaryParts, type OnRows, tabbedParts, textParts } from '../vectors/word2vec-write.ts';
import type { Catalogue } from './catalogue.ts';
import { type TokenStyle, trackTokens } from './track-tokens.ts';

export const EXPORT_FORMATS = ['word2vec-text', 'word2vec-binary', 'tsv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportChoice {
  readonly format: ExportFormat;
  readonly matrix: 'input' | 'output';
  /** Of word2vec's formats; the others have columns for all. */
  readonly tokens: TokenStyle;
  /** The most popular so many; all where absent. */
  readonly limit?: number | undefined;
  /** Name of the one file; the two of `tsv` have theirs from the Embedding Projector. */
  readonly name: string;
}

/** The files of an export, made as they are written. */
export function exportVectors(model: Model, catalogue: Catalogue, choice: ExportChoice, onRows?: OnRows): NewFile[] {
  const { dimensions, counts } = model;
  const rows = Math.min(choice.limit ?? catalogue.size, catalogue.size);
  const shape = { rows, dimensions, values: model[choice.matrix] };
  const { format, name } = choice;
  if (format === 'tsv') {
    return [
      { name: 'vectors.tsv', parts: tabbedParts(shape, onRows) },
      { name: 'metadata.tsv', parts: metadataParts(catalogue, counts, rows) },
    ];
  }
  if (format === 'parquet') {
    const columns = [
      { name: 'id', type: 'text', value: catalogue.id },
      { name: 'title', type: 'text', value: (row: number) => catalogue.track(row).title },
      { name: 'artists', type: 'texts', value: (row: number) => catalogue.track(row).artists },
      { name: 'isrc', type: 'text', value: (row: number) => catalogue.track(row).isrc ?? '' },
      { name: 'count', type: 'count', value: (row: number) => counts[row]! },
    ] as const;
    return [{ name, parts: parquetParts(shape, columns, { matrix: choice.matrix }, onRows) }];
  }
  const vectors = { ...shape, token: trackTokens(catalogue, choice.tokens, false) };
  return [{ name, parts: (format === 'word2vec-text' ? textParts : binaryParts)(vectors, onRows) }];
}

const ROWS_AT_ONCE = 4096;

/** metadata.tsv of the Embedding Projector: a line of names, since it has several columns, then a line for each vector. */
function* metadataParts(catalogue: Catalogue, counts: Uint32Array, rows: number): Generator<Uint8Array> {
  yield Buffer.from('track\ttitle\tartists\tid\tcount\n');
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    let lines = '';
    for (let row = start; row < Math.min(rows, start + ROWS_AT_ONCE); row++) {
      const { id, title, artists } = catalogue.track(row);
      const track = title === '' ? id : `${artists[0] ?? ''} - ${title}`;
      lines += `${[track, title, artists.join(', '), id, String(counts[row])].map(asCell).join('\t')}\n`;
    }
    yield Buffer.from(lines);
  }
}

/** The Projector splits at tabs and line ends and knows no quotes. */
function asCell(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

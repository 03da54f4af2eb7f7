import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { asError, systemCode } from '../base/errors.ts';
import type { SourceFile } from '../base/source-files.ts';
import { readUtf8 } from '../base/text-encoding.ts';

/**
 * The rows of a CSV file, the header first; separators are commas, semicolons or tabs, whichever the header has most of.
 * What cannot be parsed ends the file and is told to `noteProblem`; rows before it stay.
 */
export async function* readCsv(
  file: SourceFile,
  noteProblem: (file: string, why: string) => void,
): AsyncGenerator<string[]> {
  const head = (await file.head(4096)).toString('utf8').split('\n', 1)[0]!;
  const delimiter = [',', ';', '\t'].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  // A quote that nobody closes would take in the rest of the file: a record of more than 1 MB is that.
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 1 << 20,
  });
  const input = Readable.from(readUtf8(file.stream()), { objectMode: false });
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const row of parser) yield row as string[];
  } catch (error) {
    if (error instanceof TypeError || (systemCode(error) === undefined && !('code' in asError(error)))) throw error;
    noteProblem(file.name, asError(error).message);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** The header's columns in lower case without decoration: `"Artist Name(s)"` is `artist names`, `track_id` is `track id`. */
export function columnNames(header: readonly string[]): string[] {
  return header.map((name) =>
    name
      .replace(/^\ufeff/, '')
      .toLowerCase()
      .replace(/[()?]/g, '')
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  );
}

/** The first line of a text as column names, or none when it is not of a CSV file. */
export function headerOf(head: string): string[] {
  const line = head.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0]!;
  if (/^\s*[[{<#]/.test(line)) return [];
  return columnNames(line.split(/[,;\t]/));
}

/** Where the first of these columns is, or -1. */
export function columnAt(columns: readonly string[], ...names: string[]): number {
  for (const name of names) {
    const at = columns.indexOf(name);
    if (at >= 0) return at;
  }
  return -1;
}

/** Artist names as the known files separate them: `A | B`, `A;B`, `['A', 'B']`. A comma may belong to a name. */
export function splitArtists(text: string): string[] {
  const list = /^\[(['"].*['"])\]$/.exec(text.trim());
  const parts = list
    ? [...list[1]!.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((m) =>
        (m[1] ?? m[2])!.replace(/\\(.)/g, '$1'),
      )
    : text.split(text.includes(' | ') ? ' | ' : ';');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

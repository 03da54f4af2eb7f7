import type { SourceFile } from '../base/source-files.ts';
import { openBytes } from '../base/source-place.ts';

/** A part of a text file that begins where a line begins and ends where one ends, in bytes. */
export interface LinePart {
  readonly from: number;
  readonly to: number;
}

const NEWLINE = 0x0a;
/** Large enough that a thread reads it in 20 ms or more, small enough that none is left alone with much at the end. */
const PART_BYTES = 16 << 20;

/** A plain text file in parts for several threads; undefined when it is small, packed, or not UTF-8. */
export async function lineParts(file: SourceFile): Promise<LinePart[] | undefined> {
  const { size = 0, place } = file;
  if (place?.kind !== 'file' || size < 2 * PART_BYTES) return undefined;
  if (!isPlainText(await file.head(4))) return undefined;
  const parts: LinePart[] = [];
  for (let from = 0; from < size; ) {
    const to = Math.min(size, endOfLine(place.path, from + PART_BYTES));
    parts.push({ from, to });
    from = to;
  }
  return parts;
}

/** Whether the first bytes of a text say that it is UTF-8 without a byte order mark, as far as they can. */
export function isPlainText(head: Uint8Array): boolean {
  return !head.includes(0) && head[0] !== 0xff && head[0] !== 0xfe && head[0] !== 0xef;
}

/** The first byte after the line that the byte before `at` belongs to. */
function endOfLine(path: string, at: number): number {
  const file = openBytes(path, { from: at - 1 });
  try {
    const bytes = Buffer.alloc(64 * 1024);
    for (let start = at - 1; ; ) {
      const read = file.read(bytes);
      const newline = bytes.subarray(0, read).indexOf(NEWLINE);
      if (newline >= 0) return start + newline + 1;
      if (read === 0) return start;
      start += read;
    }
  } finally {
    file.close();
  }
}

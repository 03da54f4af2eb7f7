import type { SourceFile } from '../base/source-files.ts';

/** A part of a text file: the lines that begin at or after byte `from` and before `to`. */
export interface LinePart {
  readonly from: number;
  readonly to: number;
}

const NEWLINE = 0x0a;
/** Large enough that looking for line ends at its borders costs nothing, small enough that no thread is left with much. */
const PART_BYTES = 16 << 20;

/** A plain text file in parts for several threads; undefined when it is small, packed, or no UTF-8. */
export async function lineParts(file: SourceFile): Promise<LinePart[] | undefined> {
  const { size = 0, place } = file;
  if (place?.kind !== 'file' || size < 2 * PART_BYTES) return undefined;
  const head = await file.head(4);
  if (head.includes(0) || head[0] === 0xff || head[0] === 0xfe) return undefined;
  const parts: LinePart[] = [];
  for (let from = 0; from < size; from += PART_BYTES) parts.push({ from, to: from + PART_BYTES });
  return parts;
}

/** The bytes of the lines of a part, from those of the file that begin one byte before it (at the start: with it). */
export async function* linesOfPart(bytes: AsyncIterable<Buffer>, { from, to }: LinePart): AsyncGenerator<Buffer> {
  // The line that is cut by the part's start belongs to the part before.
  let isInside = from === 0;
  let at = Math.max(0, from - 1);
  for await (const chunk of bytes) {
    const first = isInside ? 0 : chunk.indexOf(NEWLINE) + 1;
    const start = at;
    at += chunk.length;
    if (!isInside) {
      if (first === 0) continue;
      if (start + first >= to) return;
      isInside = true;
    }
    const end = at >= to ? chunk.indexOf(NEWLINE, Math.max(first, to - 1 - start)) : -1;
    if (end >= 0) {
      yield chunk.subarray(first, end + 1);
      return;
    }
    yield chunk.subarray(first);
  }
}

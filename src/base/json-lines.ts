import { asError } from './errors.ts';
import type { JsonProblem } from './json-array.ts';
import { decodeText, readUtf8 } from './text-encoding.ts';

// Parsing two megabytes takes about 15 ms; the event loop is free in between.
const BATCH_BYTES = 2 * 1024 * 1024;

/**
 * The values of newline-delimited JSON, in batches, so that a consumer can work on many rows at once. Empty lines do
 * not count. A line that is not JSON is told to `onProblem` and left out: `truncated` for the last line when nothing ends it (a write that a power
 * cut tore), `bad-item` elsewhere.
 */
export async function* readJsonLines(
  bytes: AsyncIterable<Uint8Array>,
  onProblem: (problem: JsonProblem) => void,
): AsyncGenerator<unknown[]> {
  let waiting: Buffer[] = [];
  let length = 0;
  let at = 0;
  const parse = (text: Buffer, isLast: boolean): unknown[] => {
    const values: unknown[] = [];
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf(0x0a, start);
      const end = newline < 0 ? text.length : newline;
      const line = decodeText(text.subarray(start, end));
      if (line.trim() !== '') {
        try {
          values.push(JSON.parse(line));
        } catch (error) {
          const kind = newline < 0 && isLast ? 'truncated' : 'bad-item';
          onProblem({ kind, at: at + start, why: asError(error).message });
        }
      }
      start = end + 1;
    }
    at += text.length;
    return values;
  };
  for await (const chunk of readUtf8(bytes)) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < BATCH_BYTES || !chunk.includes(0x0a)) continue;
    const text = Buffer.concat(waiting);
    const end = text.lastIndexOf(0x0a) + 1;
    waiting = [text.subarray(end)];
    length = text.length - end;
    yield parse(text.subarray(0, end), false);
  }
  const rest = parse(Buffer.concat(waiting), true);
  if (rest.length > 0) yield rest;
}

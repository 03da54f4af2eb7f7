import { ExpectedError } from '../base/errors.ts';
import { readUtf8 } from '../base/text-encoding.ts';
import { damagedVectors } from './damaged-vectors.ts';
import { refuseForeign } from './foreign-models.ts';
import type { VectorFileShape } from './vector-rows.ts';
import { numbersIn } from './word2vec-text.ts';

/** How much of a file's beginning tells what it is: a line of text of 16,000 numbers. */
export const HEAD_BYTES = 256 * 1024;
const MOST_DIMENSIONS = 65_536;
const SAMPLE_LINES = 200;
const SEVERAL_LINES = 2;

export interface ShapeOptions {
  /** Absent: found out. */
  readonly format?: VectorFileShape['format'] | undefined;
  /** Needed for a binary file without a first line; elsewhere found out. */
  readonly dimensions?: number | undefined;
}

/**
 * What the file is that begins with `head`. `path`: for messages. Throws ExpectedError `vectors-not-readable` where it is
 * a model of another kind or no vectors at all, with what to do, and `vectors-damaged` where it promises none.
 */
export async function recogniseShape(head: Buffer, path: string, options: ShapeOptions = {}): Promise<VectorFileShape> {
  refuseForeign(head, path);
  const text = await asText(head);
  const [, rows, width] =
    /^[ \t]*(\d{1,12})[ \t]+(\d{1,6})[ \t]*\r?(?:\n|$)/.exec(text.toString('latin1', 0, 64)) ?? [];
  const promised = rows === undefined ? undefined : Number(rows);
  if (promised === 0) throw damagedVectors(path, 'Line 1 promises 0 vectors');
  const body = promised === undefined ? text : text.subarray(text.indexOf(0x0a) + 1 || text.length);
  const given = options.dimensions ?? (width === undefined ? undefined : Number(width));
  if (given !== undefined && (given < 1 || given > MOST_DIMENSIONS))
    throw damagedVectors(path, `Vectors of ${given} dimensions cannot be`);
  const format = options.format ?? (looksLikeText(body, given) ? 'word2vec-text' : 'word2vec-binary');
  const dimensions =
    given ?? (format === 'word2vec-text' ? guessDimensions(body, head.length < HEAD_BYTES) : undefined);
  if (dimensions === undefined) throw unknownFormat(path, format, body);
  return { format, dimensions, ...(promised === undefined ? {} : { promised }) };
}

async function asText(head: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  async function* once() {
    yield head;
  }
  for await (const part of readUtf8(once())) parts.push(part);
  return Buffer.concat(parts);
}

/** A first line that ends in d numbers is text, whatever its token; else text has no control characters, and numbers as bytes soon have. */
function looksLikeText(body: Buffer, dimensions: number | undefined): boolean {
  const end = body.indexOf(0x0a);
  if (end >= 0 && numbersIn(body.subarray(0, end)) >= Math.max(1, dimensions ?? 1)) return true;
  return !body.subarray(0, 4096).some((byte) => (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)) || byte === 0x7f);
}

/**
 * The least number of numbers that several lines end with: a title that ends in a number has one more, a damaged line
 * fewer, but there are few of those. Undefined where no line ends in one.
 */
function guessDimensions(body: Buffer, isWhole: boolean): number | undefined {
  const lines = new Map<number, number>();
  let start = 0;
  for (let count = 0; count < SAMPLE_LINES && start < body.length; count++) {
    const newline = body.indexOf(0x0a, start);
    if (newline < 0 && !isWhole && count > 0) break;
    const numbers = numbersIn(body.subarray(start, newline < 0 ? body.length : newline));
    if (numbers > 0) lines.set(numbers, (lines.get(numbers) ?? 0) + 1);
    start = newline < 0 ? body.length : newline + 1;
  }
  const rising = [...lines.keys()].sort((a, b) => a - b);
  return rising.find((numbers) => lines.get(numbers)! >= SEVERAL_LINES) ?? rising[0];
}

function unknownFormat(path: string, format: string, body: Buffer): ExpectedError {
  const isText = format === 'word2vec-text';
  return new ExpectedError('vectors-not-readable', `Cannot read song vectors from ${path}`, {
    why: isText
      ? `Its first line (${JSON.stringify(body.toString('utf8', 0, 40).split('\n')[0])}…) is no token with numbers behind it.`
      : 'It is binary and does not begin with a line of two numbers, how many vectors and of how many dimensions.',
    hint: isText
      ? 'Segue reads word2vec’s text and binary format: a token and its numbers for each vector.'
      : 'If it is word2vec’s binary format without that line, say --format word2vec-binary --dimensions <n>.',
  });
}

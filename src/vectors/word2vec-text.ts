import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import { damagedVectors } from './damaged-vectors.ts';
import { readNumber } from './float-text.ts';
import { decodeToken, RowsBuilder, type VectorFileShape, type VectorRows } from './vector-rows.ts';

// A vector a line: its token, then d numbers. The token may hold spaces (gensim writes such lines and cannot read them;
// GloVe's and fastText's files have some), so the last d fields are the numbers. word2vec.c ends lines with a space.

const [NEWLINE, RETURN, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];

/** A title may end in a number, but hardly in one with four decimals: that is one number too many. */
const DECIMAL_END = /(?:^|[ \t])[+-]?\d*\.\d{4,}(?:e[+-]?\d+)?$/i;

/**
 * The vectors of a text file, some hundred at a time, as they come. Tokens that are not UTF-8 are read as Windows-1252.
 * Throws ExpectedError `vectors-damaged` with the line: too few or too many numbers in it, something else instead of a
 * number, fewer or more lines than the first one promises.
 */
export async function* readTextRows(
  bytes: AsyncIterable<Uint8Array>,
  { dimensions, promised }: VectorFileShape,
  name: string,
): AsyncGenerator<VectorRows> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  let rows = 0;
  const parse = (text: Buffer, isEnd: boolean): VectorRows => {
    // A number takes two bytes at least, with the space before it.
    const found = new RowsBuilder(dimensions, Math.floor(text.length / (2 * dimensions)) + 1);
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf(NEWLINE, start);
      const end = newline < 0 ? text.length : newline;
      line++;
      const { from, to } = trimmed(text, start, end);
      start = end + 1;
      if (from === to || (line === 1 && promised !== undefined)) continue;
      if (rows === promised)
        throw damagedVectors(name, `Line 1 promises ${promised} vectors, but line ${line} is one more`);
      const token = readLine(text, from, to, found.next());
      if (typeof token === 'string') found.add(token);
      else throw damagedVectors(name, damage(text, from, to, line, token.wrong, newline < 0 && isEnd));
      rows++;
    }
    return found.finish();
  };
  const damage = (text: Buffer, from: number, to: number, line: number, wrong: string, isCut: boolean): string => {
    const shown = decodeText(text.subarray(from, Math.min(to, from + 40)));
    return `Line ${line} (${JSON.stringify(shown)}…) ${wrong}${isCut ? ', and nothing ends it: the file is cut short' : ''}`;
  };
  for await (const chunk of readUtf8(bytes)) {
    const text: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = chunk.includes(NEWLINE) ? text.lastIndexOf(NEWLINE) + 1 : 0;
    if (end > 0) yield parse(text.subarray(0, end), false);
    rest = text.subarray(end);
  }
  if (rest.length > 0) yield parse(rest, true);
  if (promised !== undefined && rows < promised)
    throw damagedVectors(name, `Line 1 promises ${promised} vectors, but the file ends after ${rows} (line ${line})`);

  function readLine(text: Buffer, from: number, to: number, into: Float32Array): string | { wrong: string } {
    const starts = numbersStart(text, from, to, dimensions);
    if (starts === undefined)
      return { wrong: `has ${countFields(text, from, to) - 1} numbers instead of ${dimensions}` };
    let at = starts.numbers;
    for (let i = 0; i < dimensions; i++) {
      while (isBlank(text[at]!)) at++;
      let end = at;
      while (end < to && !isBlank(text[end]!)) end++;
      const value = readNumber(text, at, end);
      if (value === undefined) {
        const shown = decodeText(text.subarray(at, Math.min(end, at + 20)));
        return { wrong: `has ${JSON.stringify(shown)} where number ${i + 1} of ${dimensions} should be` };
      }
      into[i] = value;
      at = end;
    }
    const token = decodeToken(text.subarray(from, starts.tokenEnd));
    return DECIMAL_END.test(token) ? { wrong: `has more than ${dimensions} numbers` } : token;
  }
}

/** Without the line's own end and the blank that word2vec.c puts before it; what the line begins with belongs to the token. */
function trimmed(text: Uint8Array, start: number, end: number): { from: number; to: number } {
  let to = end;
  while (to > start && (isBlank(text[to - 1]!) || text[to - 1] === RETURN)) to--;
  return { from: start, to };
}

/** Where the last `count` fields begin, and where the token before them ends; undefined where there are too few. */
function numbersStart(
  text: Uint8Array,
  from: number,
  to: number,
  count: number,
): { tokenEnd: number; numbers: number } | undefined {
  let at = to;
  for (let field = 0; field < count; field++) {
    while (at > from && isBlank(text[at - 1]!)) at--;
    const end = at;
    while (at > from && !isBlank(text[at - 1]!)) at--;
    // The numbers never begin the line: an empty token leaves its blank.
    if (at === end || at === from) return undefined;
  }
  let tokenEnd = at - 1;
  while (tokenEnd > from && isBlank(text[tokenEnd - 1]!)) tokenEnd--;
  return { tokenEnd, numbers: at };
}

function countFields(text: Uint8Array, from: number, to: number): number {
  let fields = 0;
  for (let at = from; at < to; at++) if (!isBlank(text[at]!) && (at === from || isBlank(text[at - 1]!))) fields++;
  return fields;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** How many numbers a line ends with, at most all fields but the first: what it says of d. */
export function numbersIn(line: Buffer): number {
  const { from, to } = trimmed(line, 0, line.length);
  const fields = line.toString('latin1', from, to).split(/[ \t]+/);
  let numbers = 0;
  for (let at = fields.length - 1; at >= 1; at--) {
    const field = Buffer.from(fields[at]!, 'latin1');
    if (readNumber(field, 0, field.length) === undefined) break;
    numbers++;
  }
  return numbers;
}

import { isUtf8 } from 'node:buffer';
import { damagedVectors } from './damaged-vectors.ts';
import { decodeToken, RowsBuilder, type VectorFileShape, type VectorRows } from './vector-rows.ts';

// A first line "n d" (gensim can leave it out), then for each vector its token, a space, and d little-endian f32.
// word2vec.c writes a line end after each vector, gensim does not. gensim also writes tokens with spaces as they are, which
// nothing marks and gensim itself misreads: the space that ends a token is the first after which vector and next token
// look like what they should be. For a token without spaces that is its only one.

const [NEWLINE, SPACE, TAB, DELETE] = [0x0a, 0x20, 0x09, 0x7f];
/** Longer is no token: word2vec.c allows 1,000 bytes. */
const MOST_TOKEN_BYTES = 4096;
/** Bytes of the next token that are looked at. */
const LOOK_AHEAD = 64;

/** Sizes of numbers in trained vectors; four bytes taken at random are within them one time in five. */
const [SMALLEST, LARGEST] = [1e-12, 1e4];

/**
 * The vectors of a binary file, some hundred at a time, as they come. Throws ExpectedError `vectors-damaged` with the
 * byte where a vector ends early, where no token can be, or where fewer or more vectors are there than promised.
 */
export async function* readBinaryRows(
  bytes: AsyncIterable<Uint8Array>,
  { dimensions, promised }: VectorFileShape,
  name: string,
): AsyncGenerator<VectorRows> {
  const vectorBytes = dimensions * 4;
  let text: Buffer = Buffer.alloc(0);
  /** Bytes of the file before `text`. */
  let before = 0;
  let rows = 0;
  let inHeader = promised !== undefined;
  const parse = (isEnd: boolean): VectorRows => {
    const found = new RowsBuilder(dimensions, Math.ceil(text.length / (vectorBytes + 1)));
    let at = 0;
    if (inHeader) {
      at = text.indexOf(NEWLINE) + 1;
      inHeader = at === 0;
    }
    while (!inHeader) {
      const from = skipNewlines(text, at);
      if (from === text.length) {
        at = from;
        break;
      }
      if (rows === promised) throw damaged(`the first line promises ${promised} vectors, but more follows`, from);
      const into = found.next();
      const end = findVector(text, from, isEnd, rows + 1 === promised, into);
      if (end === 'more') break;
      if (end === undefined) throw damaged(noVector(text.subarray(from), isEnd), from);
      found.add(decodeToken(text.subarray(from, end - vectorBytes - 1)));
      rows++;
      at = end;
    }
    text = text.subarray(at);
    before += at;
    return found.finish();
  };
  const noVector = (left: Buffer, isEnd: boolean): string =>
    isEnd && left.length < MOST_TOKEN_BYTES + vectorBytes
      ? `vector ${rows + 1} is cut short: the file ends ${left.length} bytes into it`
      : `no token with a vector of ${dimensions} numbers behind it begins there (vector ${rows + 1})`;
  const damaged = (why: string, at: number) => damagedVectors(name, `At byte ${before + at}, ${why}`);

  for await (const chunk of bytes) {
    const more = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    text = text.length === 0 ? more : Buffer.concat([text, more]);
    if (text.length > MOST_TOKEN_BYTES + vectorBytes + LOOK_AHEAD) yield parse(false);
  }
  yield parse(true);
  if (promised !== undefined && rows < promised)
    throw damaged(`the file ends after ${rows} vectors; its first line promises ${promised}`, 0);

  /** Reads the vector of the token that begins at `from` and returns where it ends; 'more': the file must be read on first. */
  function findVector(
    text: Buffer,
    from: number,
    isEnd: boolean,
    isLast: boolean,
    into: Float32Array,
  ): number | 'more' | undefined {
    const target = new Uint8Array(into.buffer, into.byteOffset, vectorBytes);
    let best: { end: number; rank: number } | undefined;
    for (let at = from; at - from <= MOST_TOKEN_BYTES; at++) {
      if (at === text.length && !isEnd) return 'more';
      if (at === text.length || isControl(text[at]!)) break;
      if (text[at] !== SPACE) continue;
      const end = at + 1 + vectorBytes;
      if (!isEnd && end + LOOK_AHEAD > text.length) return 'more';
      if (end > text.length) break;
      target.set(text.subarray(at + 1, end));
      const rank = rankNext(text, end, isLast) + (areUsual(into) ? 1 : 0);
      if (rank === BEST) return end;
      // NaN in a vector, a token in another encoding: right unless a later space fits better.
      if (rank > 1 && rank > (best?.rank ?? 0)) best = { end, rank };
    }
    if (best !== undefined) target.set(text.subarray(best.end - vectorBytes, best.end));
    return best?.end;
  }
}

const BEST = 5;

/** What begins at `at`: 4 for text in UTF-8 or the end, 2 for what may be a token in another encoding, 0 for none. */
function rankNext(text: Buffer, at: number, isLast: boolean): number {
  const from = skipNewlines(text, at);
  if (from === text.length) return 4;
  let end = from;
  while (end < text.length && end - from < LOOK_AHEAD && text[end] !== SPACE) if (isControl(text[end++]!)) return 0;
  if (isLast || end === from) return 2;
  // A character may go on after what was looked at.
  for (let cut = end; cut >= Math.max(from, end - 3); cut--) if (isUtf8(text.subarray(from, cut))) return 4;
  return 2;
}

function skipNewlines(text: Uint8Array, at: number): number {
  let from = at;
  while (from < text.length && text[from] === NEWLINE) from++;
  return from;
}

function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB) || byte === DELETE;
}

function areUsual(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size !== 0 && !(size > SMALLEST && size < LARGEST)) return false;
  }
  return true;
}

import { closeSync, openSync, writeSync } from 'node:fs';
import { seededRandom } from '../../src/base/random.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';

/** How a token is written: as a decimal number, the shortest a tool can be given, or as an id like Spotify's. */
export type TokenSpelling = 'decimal' | 'base62';

const CHUNK = 1 << 22;
const DIGITS = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
export const ID_LENGTH = 22;

/** Writes a text corpus as gensim and word2vec.c read it: one playlist a line, tokens between blanks. */
export function writeTextCorpus(
  path: string,
  { tokens, offsets }: TokenSequences,
  spelling: TokenSpelling,
  order?: Uint32Array,
): void {
  const file = openSync(path, 'w');
  try {
    const spell = spelling === 'decimal' ? spellDecimal : speller(tokens);
    const chunk = Buffer.alloc(CHUNK + 64);
    let length = 0;
    for (let line = 0; line + 1 < offsets.length; line++) {
      const playlist = order?.[line] ?? line;
      const end = offsets[playlist + 1]!;
      for (let at = offsets[playlist]!; at < end; at++) {
        length = spell(tokens[at]!, chunk, length);
        chunk[length++] = at + 1 === end ? 10 : 32;
        if (length < CHUNK) continue;
        writeSync(file, chunk, 0, length);
        length = 0;
      }
    }
    writeSync(file, chunk, 0, length);
  } finally {
    closeSync(file);
  }
}

/** An order of the playlists in which no source comes before the other, for tools that read a file from top to bottom. */
export function mixedOrder(playlists: number): Uint32Array {
  const random = seededRandom(1);
  const order = Uint32Array.from({ length: playlists }, (_, at) => at);
  for (let last = playlists - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** The made-up ids of tokens 0 to `count`, 22 base-62 characters each, without order, none twice. */
export function base62Ids(count: number): Buffer {
  const random = seededRandom(62);
  const ids = Buffer.alloc(count * ID_LENGTH);
  for (let token = 0; token < count; token++) {
    const at = token * ID_LENGTH;
    for (let i = 0; i < ID_LENGTH; i++) ids[at + i] = DIGITS[Math.floor(random() * 62)]!;
    // The last five say which token it is, so that chance makes no id twice.
    for (let i = 1, rest = token; i <= 5; i++, rest = Math.floor(rest / 62))
      ids[at + ID_LENGTH - i] = DIGITS[rest % 62]!;
  }
  return ids;
}

function speller(tokens: Uint32Array) {
  let count = 0;
  for (let at = 0; at < tokens.length; at++) count = Math.max(count, tokens[at]! + 1);
  const ids = base62Ids(count);
  return (token: number, into: Buffer, at: number): number => {
    into.set(ids.subarray(token * ID_LENGTH, (token + 1) * ID_LENGTH), at);
    return at + ID_LENGTH;
  };
}

function spellDecimal(token: number, into: Buffer, at: number): number {
  let size = 1;
  for (let bound = 10; bound <= token; bound *= 10) size++;
  for (let i = at + size - 1, rest = token; i >= at; i--) {
    into[i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + size;
}

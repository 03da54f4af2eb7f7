import { nextBelow, nextBits, type RandomState } from './random-bits.ts';

/**
 * Draws rows in proportion to count^exponent in constant time: Walker's alias method (Vose 1991). `table` has a pair for
 * each row r, so that a draw misses the cache once: the chance, out of 2^32, that column r yields r itself, and the row
 * that it yields otherwise. With exponent 0 every row is as likely as any other and there is no table.
 */
export interface NegativeSampler {
  readonly rows: number;
  readonly table: Uint32Array | undefined;
}

/**
 * `counts`: how often each row occurs (n, all above 0). `exponent`: 0.75 in word2vec, lower or negative for songs
 * (Caselles-Dupré, Lesaint, Royo-Letelier 2018, arXiv 1804.04212).
 */
export function buildNegativeSampler(counts: Uint32Array, exponent: number): NegativeSampler {
  const n = counts.length;
  if (exponent === 0) return { rows: n, table: undefined };
  const scaled = new Float64Array(n);
  let total = 0;
  for (let row = 0; row < n; row++) {
    // f32 hides a last digit in which engines' Math.pow may differ.
    scaled[row] = Math.fround(counts[row]! ** exponent);
    total += scaled[row]!;
  }
  const table = Uint32Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? 0xffff_ffff : at >>> 1));
  const small: number[] = [];
  const large: number[] = [];
  for (let row = 0; row < n; row++) {
    scaled[row] = (scaled[row]! * n) / total;
    (scaled[row]! < 1 ? small : large).push(row);
  }
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large.at(-1)!;
    table[2 * low] = Math.floor(scaled[low]! * 0x1_0000_0000);
    table[2 * low + 1] = high;
    scaled[high] = scaled[high]! + scaled[low]! - 1;
    if (scaled[high]! < 1) small.push(large.pop()!);
  }
  return { rows: n, table };
}

/** One row, by two draws of `random`, or one where all are as likely. */
export function drawNegative({ rows, table }: NegativeSampler, random: RandomState): number {
  const column = nextBelow(random, rows);
  if (table === undefined) return column;
  return nextBits(random) < table[2 * column]! ? column : table[2 * column + 1]!;
}

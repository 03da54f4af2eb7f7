import { nextBelow, nextBits, type RandomState } from './random-bits.ts';

/**
 * Draws rows in proportion to count^exponent in constant time: Walker's alias method (Vose 1991). Row r of `keep` is
 * the chance, out of 2^32, that column r yields r itself; otherwise it yields `alias[r]`.
 */
export interface NegativeSampler {
  readonly keep: Uint32Array;
  readonly alias: Uint32Array;
}

/**
 * `counts`: how often each row occurs (n, all above 0). `exponent`: 0.75 in word2vec, lower or negative for songs
 * (Caselles-Dupré, Lesaint, Royo-Letelier 2018, arXiv 1804.04212).
 */
export function buildNegativeSampler(counts: Uint32Array, exponent: number): NegativeSampler {
  const n = counts.length;
  const scaled = new Float64Array(n);
  let total = 0;
  for (let row = 0; row < n; row++) {
    // f32 hides a last digit in which engines' Math.pow may differ.
    scaled[row] = Math.fround(counts[row]! ** exponent);
    total += scaled[row]!;
  }
  const keep = new Uint32Array(n).fill(0xffff_ffff);
  const alias = Uint32Array.from({ length: n }, (_, row) => row);
  const small: number[] = [];
  const large: number[] = [];
  for (let row = 0; row < n; row++) {
    scaled[row] = (scaled[row]! * n) / total;
    (scaled[row]! < 1 ? small : large).push(row);
  }
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large.at(-1)!;
    keep[low] = Math.floor(scaled[low]! * 0x1_0000_0000);
    alias[low] = high;
    scaled[high] = scaled[high]! + scaled[low]! - 1;
    if (scaled[high]! < 1) small.push(large.pop()!);
  }
  return { keep, alias };
}

/** One row, by two draws of `random`. */
export function drawNegative(sampler: NegativeSampler, random: RandomState): number {
  const column = nextBelow(random, sampler.keep.length);
  return nextBits(random) < sampler.keep[column]! ? column : sampler.alias[column]!;
}

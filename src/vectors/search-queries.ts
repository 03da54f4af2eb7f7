import { FACT_BYTES, type SearchArea } from './search-memory.ts';

// Queries as the kernel wants them: exactly, scaled to length 1 in f32, and as whole numbers of 16 bits, which the int8 copy
// is multiplied with. 16 bits for the query leave an error of 1e-4 beside the 6e-3 of the copy's 8.

/** Largest whole number of a query: the sum of d products with codes up to 127 must fit 32 bits. */
function mostStep(dimensions: number): number {
  return Math.min(32_000, Math.floor((0.99 * 2 ** 31) / (128 * dimensions)));
}

/** Bound on the length of what the whole numbers leave of a query of length 1 (d rounding errors of half a step). */
export function queryError(dimensions: number): number {
  return (1.001 * Math.sqrt(dimensions)) / (2 * mostStep(dimensions));
}

/** Whether all scores of the query are 0, so that there is nothing to scan for. */
export function isNought(query: ArrayLike<number>, measure: 'cosine' | 'dot'): boolean {
  let squares = 0;
  let isZero = true;
  for (let i = 0; i < query.length; i++) {
    squares += query[i]! * query[i]!;
    if (query[i] !== 0) isZero = false;
  }
  return isZero || (measure === 'cosine' && squares === 0);
}

/** Puts a query (d values, checked, not nought) into place `slot` of the next pass. */
export function placeQuery(
  { memory: { buffer }, at, dimensions }: SearchArea,
  slot: number,
  query: ArrayLike<number>,
  measure: 'cosine' | 'dot',
): void {
  const padded = Math.ceil(dimensions / 4) * 4;
  const exact = new Float64Array(buffer, at.exactQueries + slot * dimensions * 8, dimensions);
  const unit = new Float32Array(buffer, at.unitQueries + slot * padded * 4, padded);
  const wide = new Int16Array(buffer, at.wideQueries + (slot & ~3) * padded * 2, 4 * padded);
  const facts = new DataView(buffer, at.queryFacts + slot * FACT_BYTES, FACT_BYTES);
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < dimensions; i++) {
    exact[i] = query[i]!;
    squares += query[i]! * query[i]!;
    largest = Math.max(largest, Math.abs(query[i]!));
  }
  // Scaled by its largest value first: squares of very short vectors vanish.
  let scaled = 0;
  for (let i = 0; i < dimensions; i++) scaled += (query[i]! / largest) ** 2;
  const length = Math.sqrt(scaled);
  const step = Math.fround(1 / length / mostStep(dimensions));
  for (let i = 0; i < dimensions; i++) {
    const value = query[i]! / largest / length;
    unit[i] = value;
    wide[(i >> 2) * 16 + (slot & 3) * 4 + (i & 3)] = Math.round(value / step);
  }
  facts.setFloat64(0, Math.sqrt(squares), true);
  facts.setFloat64(8, measure === 'cosine' ? 1 : largest * length, true);
  facts.setFloat32(16, step, true);
}

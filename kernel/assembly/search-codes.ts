import {
  codes,
  cosineErrors,
  cosineScales,
  dotErrors,
  dotScales,
  floors,
  isCosine,
  padded,
  queryCount,
  queryFacts,
  visit,
  wideQueries,
} from './search-state';
import { sumOfPairs } from './search-lanes';

// The scan of the int8 copy: a bound above each row's score, from whole numbers; rows whose bound reaches the worst score
// kept are scored exactly. So nothing is missed, and few rows are looked at twice.

/** Rows that are passed over by all queries before the next: 128 KB at 100 dimensions, within a second-level cache. */
const STRIP_BYTES: u32 = 131_072;

export function scanCodes(first: u32, last: u32): void {
  if (queryCount == 1) {
    scanOne(first, last);
    return;
  }
  const blocks = max(STRIP_BYTES / (padded << 2), 1);
  for (let from = first; from < last; from += blocks) {
    const to = min(from + blocks, last);
    for (let query: u32 = 0; query < queryCount; query += 4) scanFour(query, from, to);
  }
}

function scanOne(first: u32, last: u32): void {
  const scales = isCosine ? cosineScales : dotScales;
  const errors = isCosine ? cosineErrors : dotErrors;
  const blockBytes = padded << 2;
  const pairedBytes = blockBytes & ~31;
  const step = v128.load32_splat(queryFacts, 16);
  let at = codes + <usize>first * blockBytes;
  for (let block = first; block < last; block++) {
    const pairedEnd = at + pairedBytes;
    const end = at + blockBytes;
    let q = wideQueries;
    let low0 = i32x4.splat(0);
    let high0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    while (at < pairedEnd) {
      const q0 = v128.load64_splat(q);
      const q1 = v128.load64_splat(q, 32);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(v128.load8x8_s(at), q0));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(v128.load8x8_s(at, 8), q0));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(v128.load8x8_s(at, 16), q1));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(v128.load8x8_s(at, 24), q1));
      at += 32;
      q += 64;
    }
    if (at < end) {
      const q0 = v128.load64_splat(q);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(v128.load8x8_s(at), q0));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(v128.load8x8_s(at, 8), q0));
      at += 16;
    }
    const dots = sumOfPairs(i32x4.add(low0, low1), i32x4.add(high0, high1));
    const below = isBelow(dots, step, v128.load(scales + (block << 4)), v128.load32_splat(errors + (block << 2)), 0);
    const mask = i32x4.bitmask(below);
    if (mask != 15) visit(0, block, ~mask);
  }
}

function scanFour(query: u32, first: u32, last: u32): void {
  const scales = isCosine ? cosineScales : dotScales;
  const errors = isCosine ? cosineErrors : dotErrors;
  const blockBytes = padded << 2;
  const queries = wideQueries + <usize>query * (padded << 1);
  const facts = queryFacts + (query << 5);
  const step0 = v128.load32_splat(facts, 16);
  const step1 = v128.load32_splat(facts, 48);
  const step2 = v128.load32_splat(facts, 80);
  const step3 = v128.load32_splat(facts, 112);
  let at = codes + <usize>first * blockBytes;
  for (let block = first; block < last; block++) {
    const end = at + blockBytes;
    let q = queries;
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    while (at < end) {
      const low = v128.load8x8_s(at);
      const high = v128.load8x8_s(at, 8);
      const q0 = v128.load64_splat(q);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(low, q0));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(high, q0));
      const q1 = v128.load64_splat(q, 8);
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(low, q1));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(high, q1));
      const q2 = v128.load64_splat(q, 16);
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(low, q2));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(high, q2));
      const q3 = v128.load64_splat(q, 24);
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(low, q3));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(high, q3));
      at += 16;
      q += 32;
    }
    const scale = v128.load(scales + (block << 4));
    const error = v128.load32_splat(errors + (block << 2));
    const below0 = isBelow(sumOfPairs(low0, high0), step0, scale, error, query);
    const below1 = isBelow(sumOfPairs(low1, high1), step1, scale, error, query + 1);
    const below2 = isBelow(sumOfPairs(low2, high2), step2, scale, error, query + 2);
    const below3 = isBelow(sumOfPairs(low3, high3), step3, scale, error, query + 3);
    if (i32x4.all_true(v128.and(v128.and(below0, below1), v128.and(below2, below3)))) continue;
    visit(query, block, ~i32x4.bitmask(below0));
    visit(query + 1, block, ~i32x4.bitmask(below1));
    visit(query + 2, block, ~i32x4.bitmask(below2));
    visit(query + 3, block, ~i32x4.bitmask(below3));
  }
}

/** Whether no row of the block can reach the query's floor. What is not a number is below nothing. */
// @ts-ignore: decorator
@inline
function isBelow(dots: v128, step: v128, scale: v128, error: v128, query: u32): v128 {
  const estimate = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(dots), step), scale);
  return f32x4.lt(f32x4.add(estimate, error), v128.load32_splat(floors + (query << 2)));
}

import { dimensions, floors, isCosine, padded, queryCount, strip, unitQueries, values, visit } from './search-state';
import { sumOfEach, tailMask } from './search-lanes';

// The scan of the matrix itself in f32: nothing has to be prepared. What f32 rounds off is bounded, and rows within the
// bound are scored exactly.

/** 256 rows of 100 dimensions, 100 KB, within a second-level cache. */
const STRIP_BYTES: u32 = 102_400;
/** f32 in `strip`. */
const STRIP_ROWS: u32 = 4096;

/** Squared lengths outside these lose precision in f32: their rows are always scored exactly. */
const LEAST: f32 = 1e-30;
const MOST: f32 = 1e37;

export function scanValues(first: u32, last: u32): void {
  if (queryCount == 1) {
    scanOne(first, last);
    return;
  }
  const blocks = min(max(STRIP_BYTES / (dimensions << 4), 1), STRIP_ROWS >> 2);
  for (let from = first; from < last; from += blocks) {
    const to = min(from + blocks, last);
    measureStrip(from, to);
    for (let query: u32 = 0; query < queryCount; query += 2) scanTwo(query, from, to);
  }
}

/**
 * What rounding of f32 can add to the score of a row of length 1 against a query of length 1: sums of d products (Higham,
 * Accuracy and Stability of Numerical Algorithms, 3.1), twice over for the length, and a few single steps.
 */
function rounding(): f32 {
  return <f32>(dimensions + 16) * <f32>1.3e-7;
}

/** Row after row, not four beside each other: in the order of memory it reaches nine tenths of a mere reading, else half. */
function scanOne(first: u32, last: u32): void {
  const rowBytes = dimensions << 2;
  const margin = f32x4.splat(rounding());
  let at = values + ((<usize>first * rowBytes) << 2);
  for (let block = first; block < last; block++) {
    const dot0 = dotRow(at);
    const square0 = squares;
    at += rowBytes;
    const dot1 = dotRow(at);
    const square1 = squares;
    at += rowBytes;
    const dot2 = dotRow(at);
    const square2 = squares;
    at += rowBytes;
    const dot3 = dotRow(at);
    const square3 = squares;
    at += rowBytes;
    const length = judgeableLength(sumOfEach(square0, square1, square2, square3));
    const below = isBelow(sumOfEach(dot0, dot1, dot2, dot3), length, margin, 0);
    const mask = i32x4.bitmask(below);
    if (mask != 15) visit(0, block, ~mask);
  }
}

/** What `dotRow` gives besides its result: four partial sums of the row's squares. */
let squares: v128 = f32x4.splat(0);

/** Four partial sums of the row's product with the first query. */
// @ts-ignore: decorator
@inline
function dotRow(row: usize): v128 {
  const end = row + ((dimensions & ~3) << 2);
  const paired = row + ((dimensions & ~7) << 2);
  let q = unitQueries;
  let dot0 = f32x4.splat(0);
  let dot1 = f32x4.splat(0);
  let square0 = f32x4.splat(0);
  let square1 = f32x4.splat(0);
  while (row < paired) {
    const x0 = v128.load(row);
    const x1 = v128.load(row, 16);
    dot0 = f32x4.add(dot0, f32x4.mul(v128.load(q), x0));
    dot1 = f32x4.add(dot1, f32x4.mul(v128.load(q, 16), x1));
    square0 = f32x4.add(square0, f32x4.mul(x0, x0));
    square1 = f32x4.add(square1, f32x4.mul(x1, x1));
    row += 32;
    q += 32;
  }
  if (row < end) {
    const x = v128.load(row);
    dot0 = f32x4.add(dot0, f32x4.mul(v128.load(q), x));
    square0 = f32x4.add(square0, f32x4.mul(x, x));
    row += 16;
    q += 16;
  }
  if (dimensions & 3) {
    const x = v128.and(v128.load(row), tailMask(dimensions & 3));
    dot1 = f32x4.add(dot1, f32x4.mul(v128.load(q), x));
    square1 = f32x4.add(square1, f32x4.mul(x, x));
  }
  squares = f32x4.add(square0, square1);
  return f32x4.add(dot0, dot1);
}

/** Lengths of the rows of a strip. */
function measureStrip(first: u32, last: u32): void {
  const rowBytes = dimensions << 2;
  let at = values + ((<usize>first * rowBytes) << 2);
  let to = strip;
  for (let block = first; block < last; block++) {
    const square0 = squareRow(at);
    const square1 = squareRow(at + rowBytes);
    const square2 = squareRow(at + 2 * rowBytes);
    const square3 = squareRow(at + 3 * rowBytes);
    v128.store(to, judgeableLength(sumOfEach(square0, square1, square2, square3)));
    to += 16;
    at += rowBytes << 2;
  }
}

// @ts-ignore: decorator
@inline
function squareRow(row: usize): v128 {
  const end = row + ((dimensions & ~3) << 2);
  let sum = f32x4.splat(0);
  for (; row < end; row += 16) {
    const x = v128.load(row);
    sum = f32x4.add(sum, f32x4.mul(x, x));
  }
  if (dimensions & 3) {
    const x = v128.and(v128.load(row), tailMask(dimensions & 3));
    sum = f32x4.add(sum, f32x4.mul(x, x));
  }
  return sum;
}

function scanTwo(query: u32, first: u32, last: u32): void {
  const rowBytes = dimensions << 2;
  const paddedBytes = padded << 2;
  const wholeBytes = (dimensions & ~3) << 2;
  const restMask = tailMask(dimensions & 3);
  const hasRest = (dimensions & 3) != 0;
  const margin = f32x4.splat(rounding());
  const p = unitQueries + <usize>query * paddedBytes;
  const q = p + paddedBytes;
  let a = values + ((<usize>first * rowBytes) << 2);
  let lengths = strip;
  for (let block = first; block < last; block++) {
    const b = a + rowBytes;
    const c = b + rowBytes;
    const d = c + rowBytes;
    let p0 = f32x4.splat(0);
    let p1 = f32x4.splat(0);
    let p2 = f32x4.splat(0);
    let p3 = f32x4.splat(0);
    let q0 = f32x4.splat(0);
    let q1 = f32x4.splat(0);
    let q2 = f32x4.splat(0);
    let q3 = f32x4.splat(0);
    let at: usize = 0;
    for (; at < wholeBytes; at += 16) {
      const y = v128.load(p + at);
      const z = v128.load(q + at);
      const x0 = v128.load(a + at);
      const x1 = v128.load(b + at);
      const x2 = v128.load(c + at);
      const x3 = v128.load(d + at);
      p0 = f32x4.add(p0, f32x4.mul(y, x0));
      q0 = f32x4.add(q0, f32x4.mul(z, x0));
      p1 = f32x4.add(p1, f32x4.mul(y, x1));
      q1 = f32x4.add(q1, f32x4.mul(z, x1));
      p2 = f32x4.add(p2, f32x4.mul(y, x2));
      q2 = f32x4.add(q2, f32x4.mul(z, x2));
      p3 = f32x4.add(p3, f32x4.mul(y, x3));
      q3 = f32x4.add(q3, f32x4.mul(z, x3));
    }
    if (hasRest) {
      const y = v128.load(p + at);
      const z = v128.load(q + at);
      const x0 = v128.and(v128.load(a + at), restMask);
      const x1 = v128.and(v128.load(b + at), restMask);
      const x2 = v128.and(v128.load(c + at), restMask);
      const x3 = v128.and(v128.load(d + at), restMask);
      p0 = f32x4.add(p0, f32x4.mul(y, x0));
      q0 = f32x4.add(q0, f32x4.mul(z, x0));
      p1 = f32x4.add(p1, f32x4.mul(y, x1));
      q1 = f32x4.add(q1, f32x4.mul(z, x1));
      p2 = f32x4.add(p2, f32x4.mul(y, x2));
      q2 = f32x4.add(q2, f32x4.mul(z, x2));
      p3 = f32x4.add(p3, f32x4.mul(y, x3));
      q3 = f32x4.add(q3, f32x4.mul(z, x3));
    }
    const length = v128.load(lengths);
    const belowP = isBelow(sumOfEach(p0, p1, p2, p3), length, margin, query);
    const belowQ = isBelow(sumOfEach(q0, q1, q2, q3), length, margin, query + 1);
    if (!i32x4.all_true(v128.and(belowP, belowQ))) {
      visit(query, block, ~i32x4.bitmask(belowP));
      visit(query + 1, block, ~i32x4.bitmask(belowQ));
    }
    lengths += 16;
    a = d + rowBytes;
  }
}

/** Lengths from squared lengths; not a number where f32 cannot judge by them, which is below no floor. */
// @ts-ignore: decorator
@inline
function judgeableLength(squares: v128): v128 {
  const isJudgeable = v128.and(f32x4.gt(squares, f32x4.splat(LEAST)), f32x4.lt(squares, f32x4.splat(MOST)));
  return v128.bitselect(f32x4.sqrt(squares), f32x4.splat(NaN), isJudgeable);
}

/** Whether no row of the block can reach the query's floor: its cosine, or its product with the query scaled to length 1. */
// @ts-ignore: decorator
@inline
function isBelow(dots: v128, length: v128, margin: v128, query: u32): v128 {
  const floor = v128.load32_splat(floors + (query << 2));
  const bound = isCosine
    ? f32x4.mul(f32x4.sub(floor, margin), length)
    : f32x4.sub(floor, f32x4.mul(margin, length));
  return f32x4.lt(dots, bound);
}

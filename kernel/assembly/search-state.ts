// Where everything of a search lies, and the best rows found so far. One instance per thread: these are its own; the
// memory they point into is everybody's. All addresses are unsigned bytes. Rows come in blocks of four.

/** n x d, row-major f32, tight. */
export let values: usize = 0;
export let rowCount: u32 = 0;
export let dimensions: u32 = 0;
/** `dimensions` rounded up to a multiple of 4. */
export let padded: u32 = 0;
/** int8: block by block, in a block four dimensions of its first row, of its second, third, fourth, then the next four dimensions. */
export let codes: usize = 0;
/** f32 per row: what one step of its codes is worth, of the row scaled to length 1 (cosine) and of the row itself (dot). */
export let cosineScales: usize = 0;
export let dotScales: usize = 0;
/** f32 per block: how far code x scale may be from the score of its four rows against a query of length 1, rounding included. */
export let cosineErrors: usize = 0;
export let dotErrors: usize = 0;

/** f64 per query: d values, as they were given. */
export let exactQueries: usize = 0;
/** f32 per query: padded values, scaled to length 1. */
export let unitQueries: usize = 0;
/** i16, four queries together: four dimensions of the first, the second, the third, the fourth, then the next four dimensions. */
export let wideQueries: usize = 0;
/** Per query, 32 bytes: f64 length, f64 what turns its scores into those of `unitQueries`, f32 step of `wideQueries`. */
export let queryFacts: usize = 0;

/** One byte per row, 1: leave it out. 0 where all rows take part. */
export let mask: usize = 0;
export let isCosine: bool = false;
export let queryCount: u32 = 0;
let most: u32 = 0;

/** Per query, `most` of each: f64 and u32. */
let bestScores: usize = 0;
let bestRows: usize = 0;
/** Per query: f32, in units of `unitQueries`, that a row must reach; u32, rows kept. */
export let floors: usize = 0;
let kept: usize = 0;
/** f32 per row of a strip. */
export let strip: usize = 0;

const FACT_BYTES: u32 = 32;

export function configureMatrix(
  valuesAt: usize,
  rows: u32,
  dims: u32,
  codesAt: usize,
  cosineScalesAt: usize,
  cosineErrorsAt: usize,
  dotScalesAt: usize,
  dotErrorsAt: usize,
): void {
  values = valuesAt;
  rowCount = rows;
  dimensions = dims;
  padded = (dims + 3) & ~3;
  codes = codesAt;
  cosineScales = cosineScalesAt;
  cosineErrors = cosineErrorsAt;
  dotScales = dotScalesAt;
  dotErrors = dotErrorsAt;
}

export function configureQueries(exactAt: usize, unitAt: usize, wideAt: usize, factsAt: usize): void {
  exactQueries = exactAt;
  unitQueries = unitAt;
  wideQueries = wideAt;
  queryFacts = factsAt;
}

/** This thread's own room. */
export function configureThread(scoresAt: usize, rowsAt: usize, floorsAt: usize, keptAt: usize, stripAt: usize): void {
  bestScores = scoresAt;
  bestRows = rowsAt;
  floors = floorsAt;
  kept = keptAt;
  strip = stripAt;
}

/**
 * A new search for the k best rows of `count` queries. Queries are worked on four at a time: those that fill up the last
 * four can be reached by no row.
 */
export function begin(count: u32, k: u32, cosine: bool, maskAt: usize): void {
  queryCount = count;
  most = k;
  isCosine = cosine;
  mask = maskAt;
  const slots = (count + 3) & ~3;
  for (let query: u32 = 0; query < slots; query++) {
    store<f32>(floors + (query << 2), query < count ? -Infinity : Infinity);
    store<u32>(kept + (query << 2), 0);
  }
}

/** The exact scores of one block of rows, for one query; the best are kept. */
export function visit(query: u32, block: u32, reached: i32): void {
  if (query >= queryCount) return;
  const first = block << 2;
  if (mask != 0 && load<u32>(mask + first) == 0x01010101) return;
  for (let lane: u32 = 0; lane < 4; lane++) {
    const row = first + lane;
    if (!(reached & (1 << lane)) || row >= rowCount) continue;
    if (mask != 0 && load<u8>(mask + row) == 1) continue;
    offer(query, row, exactScore(query, row));
  }
}

/** In f64, one product after the other, as src/vectors/nearest.ts does: the same bits. */
function exactScore(query: u32, row: u32): f64 {
  let at = values + <usize>row * (dimensions << 2);
  const end = at + (dimensions << 2);
  let q = exactQueries + <usize>query * (dimensions << 3);
  let dot: f64 = 0;
  let squares: f64 = 0;
  while (at < end) {
    const x = <f64>load<f32>(at);
    dot += load<f64>(q) * x;
    squares += x * x;
    at += 4;
    q += 8;
  }
  if (!isCosine) return dot;
  const scale = load<f64>(queryFacts + query * FACT_BYTES) * sqrt(squares);
  return scale == 0 ? 0 : dot / scale;
}

function offer(query: u32, row: u32, score: f64): void {
  if (score != score) return;
  const scores = bestScores + <usize>query * most * 8;
  const rows = bestRows + <usize>query * most * 4;
  const size = load<u32>(kept + (query << 2));
  if (size < most) {
    store<u32>(kept + (query << 2), size + 1);
    siftUp(scores, rows, size, score, row);
    if (size + 1 < most) return;
  } else {
    // Rows come in rising order: a later one with an equal score is worse than what is kept.
    if (score <= load<f64>(scores)) return;
    siftDown(scores, rows, size, score, row);
  }
  const worst = load<f64>(scores) / load<f64>(queryFacts + query * FACT_BYTES, 8);
  // Rounded down, so that an equal score of a row still reaches it.
  store<f32>(floors + (query << 2), <f32>(worst - abs(worst) * 1.2e-7 - 3e-45));
}

/** A binary heap whose root is the worst kept: of the lowest score, and of those the last row. */
function siftUp(scores: usize, rows: usize, at: u32, score: f64, row: u32): void {
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const other = load<f64>(scores + (parent << 3));
    const otherRow = load<u32>(rows + (parent << 2));
    if (other < score || (other == score && otherRow > row)) break;
    store<f64>(scores + (at << 3), other);
    store<u32>(rows + (at << 2), otherRow);
    at = parent;
  }
  store<f64>(scores + (at << 3), score);
  store<u32>(rows + (at << 2), row);
}

function siftDown(scores: usize, rows: usize, size: u32, score: f64, row: u32): void {
  let at: u32 = 0;
  for (;;) {
    let child = (at << 1) + 1;
    if (child >= size) break;
    let other = load<f64>(scores + (child << 3));
    let otherRow = load<u32>(rows + (child << 2));
    if (child + 1 < size) {
      const right = load<f64>(scores + ((child + 1) << 3));
      const rightRow = load<u32>(rows + ((child + 1) << 2));
      if (right < other || (right == other && rightRow > otherRow)) {
        child++;
        other = right;
        otherRow = rightRow;
      }
    }
    if (score < other || (score == other && row > otherRow)) break;
    store<f64>(scores + (at << 3), other);
    store<u32>(rows + (at << 2), otherRow);
    at = child;
  }
  store<f64>(scores + (at << 3), score);
  store<u32>(rows + (at << 2), row);
}

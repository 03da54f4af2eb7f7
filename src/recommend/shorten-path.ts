// Local search on an open path whose first place is fixed. `path`: a permutation of 0..n-1; `matrix`: n x n distances,
// row-major, symmetric.

/** Gains below this are rounding, and would turn in circles. */
export const LEAST_GAIN = 1e-9;

/** Longest piece that Or-opt moves. */
const LONGEST_PIECE = 3;

/** Shortens the path in place until neither turning a stretch round nor moving a piece gains anything. */
export function improvePath(path: Uint32Array, matrix: Float64Array): void {
  while (turnStretches(path, matrix) || movePieces(path, matrix)) {
    // Each round shortens the path, so it ends.
  }
}

export function pathLength(path: Uint32Array, matrix: Float64Array): number {
  let length = 0;
  for (let at = 1; at < path.length; at++) length += matrix[path[at - 1]! * path.length + path[at]!]!;
  return length;
}

/** 2-opt: the stretch from..to turned round wherever its new ends lie closer; true where anything was gained. */
function turnStretches(path: Uint32Array, matrix: Float64Array): boolean {
  const n = path.length;
  let improved = false;
  for (let from = 1; from < n - 1; from++) {
    for (let to = from + 1; to < n; to++) {
      const before = edge(path, matrix, from - 1, from) + edge(path, matrix, to, to + 1);
      const after = edge(path, matrix, from - 1, to) + edge(path, matrix, from, to + 1);
      if (before - after < LEAST_GAIN) continue;
      path.subarray(from, to + 1).reverse();
      improved = true;
    }
  }
  return improved;
}

/** Or-opt: pieces of one to three places moved to where they lie closer, either way round; true where anything was gained. */
function movePieces(path: Uint32Array, matrix: Float64Array): boolean {
  let improved = false;
  for (let size = 1; size <= LONGEST_PIECE; size++) {
    for (let from = 1; from + size <= path.length; from++) {
      if (movePiece(path, matrix, from, from + size - 1)) improved = true;
    }
  }
  return improved;
}

function movePiece(path: Uint32Array, matrix: Float64Array, from: number, to: number): boolean {
  const closed =
    edge(path, matrix, from - 1, from) + edge(path, matrix, to, to + 1) - edge(path, matrix, from - 1, to + 1);
  let best = LEAST_GAIN;
  let goal = -1;
  let turned = false;
  for (let after = 0; after < path.length; after++) {
    if (after >= from - 1 && after <= to) continue;
    const opened = edge(path, matrix, after, after + 1);
    const straight = edge(path, matrix, after, from) + edge(path, matrix, to, after + 1);
    const reversed = edge(path, matrix, after, to) + edge(path, matrix, from, after + 1);
    const gain = closed + opened - Math.min(straight, reversed);
    if (gain <= best) continue;
    best = gain;
    goal = after;
    turned = reversed < straight;
  }
  if (goal < 0) return false;
  const piece = path.slice(from, to + 1);
  if (turned) piece.reverse();
  if (goal > to) path.copyWithin(from, to + 1, goal + 1);
  else path.copyWithin(goal + 1 + piece.length, goal + 1, from);
  path.set(piece, goal > to ? goal + 1 - piece.length : goal + 1);
  return true;
}

/** Distance between what stands at two places of the path; nothing follows the last. */
function edge(path: Uint32Array, matrix: Float64Array, a: number, b: number): number {
  return b >= path.length ? 0 : matrix[path[a]! * path.length + path[b]!]!;
}

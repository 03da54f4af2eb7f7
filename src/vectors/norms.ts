/** How long the vectors of a matrix are. */
export interface Norms {
  readonly least: number;
  readonly tenth: number;
  readonly median: number;
  readonly ninetieth: number;
  readonly most: number;
  readonly mean: number;
  /** Vectors of nothing but zeros: near to none. */
  readonly zero: number;
}

/** Euclidean length of each row (n) of `values`, n x d, row-major. */
export function normsOf(values: Float32Array, dimensions: number): Float32Array {
  const norms = new Float32Array(values.length / dimensions);
  for (let row = 0; row < norms.length; row++) {
    let squares = 0;
    for (let at = row * dimensions; at < (row + 1) * dimensions; at++) squares += values[at]! * values[at]!;
    norms[row] = Math.sqrt(squares);
  }
  return norms;
}

/** `norms` is sorted. Undefined where there are none. */
export function describeNorms(norms: Float32Array): Norms | undefined {
  if (norms.length === 0) return undefined;
  norms.sort();
  const at = (share: number) => norms[Math.round(share * (norms.length - 1))]!;
  let sum = 0;
  let zero = 0;
  for (const norm of norms) {
    sum += norm;
    if (norm === 0) zero++;
  }
  return {
    least: at(0),
    tenth: at(0.1),
    median: at(0.5),
    ninetieth: at(0.9),
    most: at(1),
    mean: sum / norms.length,
    zero,
  };
}

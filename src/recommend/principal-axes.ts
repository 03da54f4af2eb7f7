import type { Rows } from '../vectors/nearest.ts';

/** A direction in which points differ. */
export interface PrincipalAxis {
  /** Of unit length (d); the largest component is positive. */
  readonly loadings: Float64Array;
  /** Part of the whole variance, 0 to 1. */
  readonly share: number;
}

/**
 * Principal components of points whose columns have mean 0: eigenvectors of the d x d covariance, the greatest variance first, at
 * most `count`. Jolliffe 2002, "Principal Component Analysis".
 */
export function principalAxes(points: Rows, count = 2): PrincipalAxis[] {
  const { dimensions: d } = points;
  const { values, vectors } = eigen(covarianceOf(points), d);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  return Array.from({ length: Math.min(count, d) }, (_, at) => {
    const loadings = vectors.slice(at * d, (at + 1) * d);
    const largest = loadings.reduce((a, b) => (Math.abs(b) > Math.abs(a) + 1e-9 ? b : a), 0);
    return {
      loadings: largest < 0 ? loadings.map((loading) => -loading) : loadings,
      share: total === 0 ? 0 : Math.max(0, values[at]!) / total,
    };
  });
}

/** Where each point lies on the axes: n x axes, row-major. */
export function placesOn({ dimensions: d, values }: Rows, axes: readonly PrincipalAxis[]): Float32Array {
  const n = values.length / d;
  const places = new Float32Array(n * axes.length);
  for (let point = 0; point < n; point++) {
    for (const [at, { loadings }] of axes.entries()) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += loadings[i]! * values[point * d + i]!;
      places[point * axes.length + at] = sum;
    }
  }
  return places;
}

/** d x d, row-major. */
function covarianceOf({ dimensions: d, values }: Rows): Float64Array {
  const n = values.length / d;
  const sums = new Float64Array(d * d);
  for (let at = 0; at < values.length; at += d) {
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j]! += values[at + i]! * values[at + j]!;
  }
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      sums[i * d + j]! /= Math.max(1, n);
      sums[j * d + i] = sums[i * d + j]!;
    }
  }
  return sums;
}

const SWEEPS = 50;

/**
 * Eigenvalues of a symmetric d x d matrix, falling, and their eigenvectors (row-major, a row each), by Jacobi's rotations
 * (Golub and Van Loan, "Matrix Computations", 8.5): slower than others for large d, and exact to the last digits for 16.
 */
export function eigen(symmetric: Float64Array, d: number): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(symmetric);
  const v = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let outside = 0;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) outside += a[p * d + q]! ** 2;
    if (outside <= 1e-30 * scale) break;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) rotate(a, v, d, p, q);
  }
  const order = Array.from({ length: d }, (_, at) => at).sort((x, y) => a[y * d + y]! - a[x * d + x]! || x - y);
  return {
    values: Float64Array.from(order, (at) => a[at * d + at]!),
    vectors: Float64Array.from(order.flatMap((at) => [...v.subarray(at * d, (at + 1) * d)])),
  };
}

/** Makes a[p][q] nought. */
function rotate(a: Float64Array, v: Float64Array, d: number, p: number, q: number): void {
  const apq = a[p * d + q]!;
  if (apq === 0) return;
  const theta = (a[q * d + q]! - a[p * d + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(t, 1);
  const sin = t * cos;
  for (let k = 0; k < d; k++) {
    const [kp, kq] = [a[k * d + p]!, a[k * d + q]!];
    a[k * d + p] = cos * kp - sin * kq;
    a[k * d + q] = sin * kp + cos * kq;
  }
  for (let k = 0; k < d; k++) {
    const [pk, qk] = [a[p * d + k]!, a[q * d + k]!];
    a[p * d + k] = cos * pk - sin * qk;
    a[q * d + k] = sin * pk + cos * qk;
    const [vp, vq] = [v[p * d + k]!, v[q * d + k]!];
    v[p * d + k] = cos * vp - sin * vq;
    v[q * d + k] = sin * vp + cos * vq;
  }
}

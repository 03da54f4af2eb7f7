import { type FactorsOrder, type FactorsPlan, GRAM_PARTS, type Side } from './factors-plan.ts';
import { layOutMemory } from './kernel-memory.ts';
import { nextBits, PURPOSES, randomState } from './random-bits.ts';
import { startThreadCrew, type ThreadCrew } from './thread-crew.ts';

/** Which numbers hold which: row r of `starts` holds `held[starts[r] .. starts[r + 1])`. */
export interface Holdings {
  readonly starts: Uint32Array;
  readonly held: Uint32Array;
}

export interface FactorsSettings {
  readonly dimensions: number;
  readonly epochs: number;
  /** Steps of conjugate gradients a row and epoch. */
  readonly steps: number;
  /** Weight of what a playlist does not have, against 1 for what it has. */
  readonly absent: number;
  readonly ridge: number;
  /** Exponent of what a row has to explain in its ridge: 0 is the same ridge for all, 1 grows with it. */
  readonly ridgeExponent: number;
  readonly seed: number;
}

/** Rows are padded to `stride`. */
export interface Factors {
  readonly stride: number;
  /** tracks x stride, in shared memory. */
  readonly tracks: Float32Array;
  /** `absent` x the tracks' products with each other: stride x stride. */
  readonly gram: Float32Array;
}

/** Values that a row takes in memory. */
export function strideOf(dimensions: number): number {
  return Math.ceil(dimensions / 4) * 4;
}

/**
 * Factorises playlists x tracks by implicit alternating least squares, with the objective of Rendle, Krichene, Zhang and Koren
 * 2022 ("Revisiting the performance of iALS on item recommendation benchmarks", RecSys): sum over what is there of (1 - w h)^2
 * + `absent` x sum over all of (w h)^2 + ridges, of which that of a row with n entries is ridge x (n + absent x size of the
 * other side)^ridgeExponent. Each row moves by some steps of conjugate gradients (Takács, Pilászy and Tikk 2011). The same
 * with any number of threads. Throws the signal's reason, and what `layOutMemory` throws.
 */
export async function factorise(
  playlists: Holdings,
  tracks: Holdings,
  settings: FactorsSettings,
  { threads = 1, signal }: { readonly threads?: number; readonly signal?: AbortSignal } = {},
): Promise<Factors> {
  signal?.throwIfAborted();
  const plan = planFactors(playlists, tracks, settings, threads);
  const crew: ThreadCrew<FactorsOrder, null> = startThreadCrew(
    new URL('./factors-worker.ts', import.meta.url),
    threads,
    (thread) => ({ plan, thread }),
  );
  const run = async (order: FactorsOrder) => {
    signal?.throwIfAborted();
    plan.next[0] = 0;
    await crew.run(() => order);
  };
  const gramOf = async (side: Side) => {
    await run({ sumUp: side });
    sumParts(plan, settings.absent);
  };
  try {
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      await gramOf('tracks');
      await run({ solve: 'playlists' });
      await gramOf('playlists');
      await run({ solve: 'tracks' });
    }
    await gramOf('tracks');
  } finally {
    await crew.close();
  }
  return factorsOf(plan);
}

function planFactors(playlists: Holdings, tracks: Holdings, settings: FactorsSettings, threads: number): FactorsPlan {
  const stride = strideOf(settings.dimensions);
  const sides = { playlists, tracks };
  const size = { playlists: playlists.starts.length - 1, tracks: tracks.starts.length - 1 };
  const sizes: { [name: string]: number } = { gram: stride * stride * 4, parts: GRAM_PARTS * stride * stride * 4 };
  for (const side of ['playlists', 'tracks'] as const) {
    sizes[side] = size[side] * stride * 4;
    sizes[`${side}Starts`] = sides[side].starts.length * 4;
    sizes[`${side}Held`] = sides[side].held.length * 4;
    sizes[`${side}Ridges`] = size[side] * 4;
  }
  for (let thread = 0; thread < threads; thread++) sizes[`scratch${thread}`] = 3 * stride * 4;
  const { memory, at } = layOutMemory(sizes);
  for (const side of ['playlists', 'tracks'] as const) {
    const { starts, held } = sides[side];
    new Uint32Array(memory.buffer, at[`${side}Starts`], starts.length).set(starts);
    new Uint32Array(memory.buffer, at[`${side}Held`], held.length).set(held);
    const others = side === 'tracks' ? size.playlists : size.tracks;
    const ridges = new Float32Array(memory.buffer, at[`${side}Ridges`], size[side]);
    for (let row = 0; row < size[side]; row++) {
      ridges[row] = ridgeOf(settings, starts[row + 1]! - starts[row]!, others);
    }
    initialise(new Float32Array(memory.buffer, at[side], size[side] * stride), stride, settings, starts);
  }
  const next = new Int32Array(new SharedArrayBuffer(4));
  return { stride, ...size, steps: settings.steps, memory, at, next };
}

function ridgeOf({ ridge, ridgeExponent, absent }: FactorsSettings, held: number, others: number): number {
  return ridge * (held + absent * others) ** ridgeExponent;
}

/** Uniform with the standard deviation .1 / sqrt(d); rows that hold nothing stay zero. */
function initialise(
  values: Float32Array,
  stride: number,
  { dimensions, seed }: FactorsSettings,
  starts: Uint32Array,
): void {
  const spread = (0.1 * Math.sqrt(3)) / Math.sqrt(dimensions);
  for (let row = 0; row + 1 < starts.length; row++) {
    if (starts[row + 1] === starts[row]) continue;
    const random = randomState(seed, row, PURPOSES.firstVectors);
    for (let i = 0; i < dimensions; i++) {
      values[row * stride + i] = (nextBits(random) / 0x8000_0000 - 1) * spread;
    }
  }
}

function sumParts({ stride, memory, at }: FactorsPlan, absent: number): void {
  const square = stride * stride;
  const gram = new Float32Array(memory.buffer, at.gram, square);
  const parts = new Float32Array(memory.buffer, at.parts, GRAM_PARTS * square);
  for (let i = 0; i < square; i++) {
    let sum = 0;
    for (let part = 0; part < GRAM_PARTS; part++) sum += parts[part * square + i]!;
    gram[i] = absent * sum;
  }
}

function factorsOf({ stride, tracks, memory, at }: FactorsPlan): Factors {
  return {
    stride,
    tracks: new Float32Array(memory.buffer, at.tracks, tracks * stride),
    gram: new Float32Array(memory.buffer, at.gram, stride * stride),
  };
}

/**
 * The playlist vector (stride) of tracks that training never saw together: the least squares solution against the tracks'
 * factors, in which the heaviest track is to score 1 and the others by their weight.
 */
export function foldIn(
  { stride, tracks, gram }: Factors,
  settings: FactorsSettings,
  held: readonly { readonly row: number; readonly weight: number }[],
): Float64Array {
  const matrix = Float64Array.from(gram);
  const right = new Float64Array(stride);
  const heaviest = held.reduce((most, { weight }) => Math.max(most, weight), 0);
  for (const { row, weight } of held) {
    const values = tracks.subarray(row * stride, (row + 1) * stride);
    for (let i = 0; i < stride; i++) {
      right[i] = right[i]! + (weight / heaviest) * values[i]!;
      for (let j = 0; j <= i; j++) matrix[i * stride + j] = matrix[i * stride + j]! + values[i]! * values[j]!;
    }
  }
  const ridge = Math.max(ridgeOf(settings, held.length, tracks.length / stride), 1e-9);
  for (let i = 0; i < stride; i++) matrix[i * stride + i] = matrix[i * stride + i]! + ridge;
  return solvePositive(matrix, right);
}

/** x with A x = b, by Cholesky; A (d x d) on and below the diagonal, which is overwritten. */
function solvePositive(a: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * d + k]! * a[j * d + k]!;
      a[i * d + j] = i === j ? Math.sqrt(sum) : sum / a[j * d + j]!;
    }
  }
  const x = b.slice();
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - a[i * d + k]! * x[k]!;
    x[i] = x[i]! / a[i * d + i]!;
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i] = x[i]! - a[k * d + i]! * x[k]!;
    x[i] = x[i]! / a[i * d + i]!;
  }
  return x;
}

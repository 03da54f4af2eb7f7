/**
 * The trainer's source of chance: sfc32 (Chris Doty-Humphrey, PractRand) with its state in an Int32Array, so that it
 * can be saved with a model in the making, handed to a kernel, and called in an inner loop without a closure.
 */
export type RandomState = Int32Array;

/** What chance decides in training; each has streams of its own. */
export const PURPOSES = { firstVectors: 0, order: 1, subsampling: 2, negatives: 3 } as const;

/**
 * State for one `stream` of a seed (one per row, epoch or batch) and one of the PURPOSES; all are independent, so that
 * what a batch draws does not depend on who trained the batch before it. `seed`: up to 2^53.
 */
export function randomState(seed: number, stream = 0, purpose = 0): RandomState {
  const state = Int32Array.of(stream | 0, ...seedWords(seed, purpose), 1);
  for (let round = 0; round < 12; round++) nextBits(state);
  return state;
}

/** The seed's low and high word; the high one of a safe integer has 11 bits to spare, which tell purposes apart. */
export function seedWords(seed: number, purpose: number): [low: number, high: number] {
  return [seed | 0, Math.floor(seed / 0x1_0000_0000) | (purpose << 24)];
}

/** The next 32 bits, as an unsigned integer. */
export function nextBits(state: RandomState): number {
  const b = state[1]!;
  const c = state[2]!;
  const t = (((state[0]! + b) | 0) + state[3]!) | 0;
  state[3] = (state[3]! + 1) | 0;
  state[0] = b ^ (b >>> 9);
  state[1] = (c + (c << 3)) | 0;
  state[2] = (((c << 21) | (c >>> 11)) + t) | 0;
  return t >>> 0;
}

/** A uniform integer in [0, bound); the bias of scaling 32 bits is below bound / 2^32. */
export function nextBelow(state: RandomState, bound: number): number {
  return Math.floor((nextBits(state) * bound) / 0x1_0000_0000);
}

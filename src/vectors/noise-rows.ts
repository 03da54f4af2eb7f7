import type { TrainingSettings } from './settings.ts';

// What settings say of noise, apart from their checking, which threads need not load.

/** Logit from which a negative is left alone; none with skip-gram. */
export function noiseLimit({ algorithm, negativeLimit }: TrainingSettings): number {
  return algorithm === 'cbow' ? negativeLimit : Number.POSITIVE_INFINITY;
}

/** With `skipGram: centres`: noise rows of a centre with so many pairs. */
export function noiseRows({ negatives, negativesPerNoise }: TrainingSettings, pairs: number): number {
  return Math.ceil(Math.fround(Math.fround(pairs * negatives) / Math.fround(negativesPerNoise)));
}

import { seededRandom } from '../base/random.ts';

/** How much better one thing does than another on the same cases. */
export interface PairedDifference {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
  /** Ends of the interval that holds the mean of all such cases with 95 % confidence. */
  readonly low: number;
  readonly high: number;
  readonly cases: number;
}

const RESAMPLES = 2000;

/**
 * `scores` minus `baseline`, case by case, with the percentile bootstrap's 95 % interval (Efron 1979). Pairing takes out
 * what makes a case easy or hard for both, which is most of the spread. The same scores give the same interval.
 */
export function pairedDifference(scores: readonly number[], baseline: readonly number[]): PairedDifference {
  const cases = scores.length;
  if (cases !== baseline.length) throw new Error('paired scores must be of the same cases');
  if (cases === 0) return { mean: 0, error: 0, low: 0, high: 0, cases };
  const differences = Float64Array.from(scores, (score, at) => score - baseline[at]!);
  const mean = differences.reduce((sum, each) => sum + each, 0) / cases;
  const squares = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const random = seededRandom(1);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let draw = 0; draw < cases; draw++) sum += differences[Math.floor(random() * cases)]!;
    means[resample] = sum / cases;
  }
  means.sort();
  return {
    mean,
    error: cases < 2 ? 0 : Math.sqrt(squares / (cases - 1) / cases),
    low: means[Math.floor(0.025 * RESAMPLES)]!,
    high: means[Math.ceil(0.975 * RESAMPLES) - 1]!,
    cases,
  };
}

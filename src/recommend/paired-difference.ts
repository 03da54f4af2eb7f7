import { seededRandom } from '../base/random.ts';

/** How much better one thing does than another on the same cases. */
export interface PairedDifference {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
  readonly cases: number;
}

/** With the ends of the interval that holds the mean of all such cases with 95 % confidence. */
export interface DifferenceInterval extends PairedDifference {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;
/** Standard errors to either side that make 95 %. */
const Z = 1.96;

/** `scores` minus `baseline`, case by case: pairing takes out what makes a case easy or hard for both, most of the spread. */
export function pairedDifference(scores: readonly number[], baseline: readonly number[]): PairedDifference {
  const differences = subtract(scores, baseline);
  const cases = differences.length;
  const mean = cases === 0 ? 0 : differences.reduce((sum, each) => sum + each, 0) / cases;
  const squares = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, error: cases < 2 ? 0 : Math.sqrt(squares / (cases - 1) / cases), cases };
}

/**
 * The same with the percentile bootstrap's interval (Efron 1979), widened where the mean has a further standard error that
 * all cases share. The same scores give the same interval.
 */
export function differenceInterval(
  scores: readonly number[],
  baseline: readonly number[],
  sharedError = 0,
): DifferenceInterval {
  const differences = subtract(scores, baseline);
  const cases = differences.length;
  const difference = pairedDifference(scores, baseline);
  if (cases === 0) return { ...difference, low: 0, high: 0 };
  const random = seededRandom(1);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let draw = 0; draw < cases; draw++) sum += differences[Math.floor(random() * cases)]!;
    means[resample] = sum / cases;
  }
  means.sort();
  const { mean, error } = difference;
  const below = mean - means[Math.floor(0.025 * RESAMPLES)]!;
  const above = means[Math.ceil(0.975 * RESAMPLES) - 1]! - mean;
  const shared = Z * sharedError;
  return {
    mean,
    error: Math.hypot(error, sharedError),
    cases,
    low: mean - Math.hypot(below, shared),
    high: mean + Math.hypot(above, shared),
  };
}

function subtract(scores: readonly number[], baseline: readonly number[]): Float64Array {
  if (scores.length !== baseline.length) throw new Error('paired scores must be of the same cases');
  return Float64Array.from(scores, (score, at) => score - baseline[at]!);
}

import { differenceInterval } from './paired-difference.ts';

/** NDCG@500 of a blend on each playlist put aside, by the playlist's key. */
export type LessonScores = { readonly [key: string]: number };

export interface Verdict {
  readonly promoted: boolean;
  readonly why: 'first' | 'too-few-in-common' | 'better' | 'no-worse' | 'worse' | 'by-hand';
  /** The champion it was compared with, by its fingerprint. */
  readonly against: string | null;
  /** Mean difference in NDCG@500 with its 95 % interval, on the playlists that both were asked about. */
  readonly difference: {
    readonly mean: number;
    readonly low: number;
    readonly high: number;
    readonly cases: number;
  } | null;
}

/** With fewer playlists in common their mean says nothing. */
const LEAST_CASES = 20;

/**
 * Whether a new blend takes the champion's place: unless it is worse beyond doubt, that is, unless the whole interval of the
 * paired difference is below 0. `champion`: undefined where there is none.
 */
export function judgePromotion(
  scores: LessonScores,
  champion: { readonly fingerprint: string; readonly lessons: LessonScores } | undefined,
): Verdict {
  if (champion === undefined) return { promoted: true, why: 'first', against: null, difference: null };
  const keys = Object.keys(scores).filter((key) => champion.lessons[key] !== undefined);
  const [ours, theirs] = [keys.map((key) => scores[key]!), keys.map((key) => champion.lessons[key]!)];
  const { mean, low, high, cases } = differenceInterval(ours, theirs);
  const difference = { mean, low, high, cases };
  const against = champion.fingerprint;
  if (cases < LEAST_CASES) return { promoted: true, why: 'too-few-in-common', against, difference };
  if (high < 0) return { promoted: false, why: 'worse', against, difference };
  return { promoted: true, why: low > 0 ? 'better' : 'no-worse', against, difference };
}

import { type EvaluateOptions, type Evaluation, evaluateSets } from './evaluate-recommenders.ts';
import type { HistoryWeeks } from './history-weeks.ts';
import type { RecommenderKind, World } from './recommender.ts';
import { BASELINES } from './recommenders.ts';

/** What recommenders are worth on a listener's own weeks; every case is a week, and intervals are over weeks. */
export interface HistoryEvaluation {
  /** All songs of the week after: what one goes on hearing, and what is new. */
  readonly all: Evaluation;
  /** Only songs never heard before, and nothing else may be recommended. */
  readonly unheard: Evaluation;
}

/**
 * Measures each recommender, and the baselines beside them, on every week. The two are measured apart since they are two
 * abilities: who repeats well looks good on all songs and finds nothing new (Li, Jullien, Ariannezhad and de Rijke 2023,
 * "A next basket recommendation reality check", TOIS). `world` must hold nothing of the listener's own.
 * Throws the signal's reason.
 */
export async function evaluateHistory(
  kinds: readonly RecommenderKind[],
  world: World,
  { weeks }: HistoryWeeks,
  options: EvaluateOptions,
): Promise<HistoryEvaluation> {
  const chosen = [...new Set([...BASELINES, ...kinds])];
  const unheard = weeks.flatMap((week) => week.unheard ?? []);
  const [all, fresh] = await evaluateSets(chosen, world, [weeks.map((week) => week.all), unheard], options);
  return { all: all!, unheard: fresh! };
}

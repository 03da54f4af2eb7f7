import type { TrainingSettings } from '../vectors/settings.ts';
import type { Trained } from '../vectors/train.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';
import type { Scores } from './evaluation.ts';
import type { Holdout } from './holdout.ts';
import { judgeModel } from './judge-model.ts';
import type { Measurement } from './tuning-race.ts';
import type { SplitName, TuningSplits } from './tuning-splits.ts';

/** How a model is made; `train` of src/vectors with one thread, so that the same settings give the same model. */
type TrainOnce = (corpus: TokenSequences, settings: TrainingSettings) => Promise<Pick<Trained, 'model' | 'vocabulary'>>;

/**
 * Measures settings on splits of one corpus: trains on what a split learns from, judges by its cases. `now`: milliseconds
 * of any clock. Splits stay in memory while one stage lasts.
 */
export function measureOn(
  splits: Pick<TuningSplits, 'make' | 'seedOf'>,
  train: TrainOnce,
  { now, signal }: { readonly now: () => number; readonly signal?: AbortSignal },
): (settings: TrainingSettings, split: SplitName, recommender: boolean) => Promise<Measurement> {
  const made = new Map<number, Holdout>();
  let stage: SplitName['stage'] | undefined;
  const splitOf = (split: SplitName): Holdout => {
    if (split.stage !== stage) made.clear();
    stage = split.stage;
    const known = made.get(split.fold) ?? splits.make(split);
    made.set(split.fold, known);
    return known;
  };
  return async (settings, split, recommender) => {
    const { train: learned, cases } = splitOf(split);
    const begunAt = now();
    const trained = await train(learned, { ...settings, seed: splits.seedOf(split) + settings.seed });
    const trainedAt = now();
    const scores = await judgeModel(trained, cases, { recommender, signal });
    return {
      inputXOutput: ndcgs(scores.inputXOutput),
      meanCosine: ndcgs(scores.meanCosine),
      recommender: recommender ? ndcgs(scores.recommender) : null,
      trainSeconds: (trainedAt - begunAt) / 1000,
      judgeSeconds: (now() - trainedAt) / 1000,
    };
  };
}

/** Six decimals: what is written down and read again must decide the same. */
function ndcgs(scores: readonly Scores[]): number[] {
  return scores.map(({ ndcg }) => Math.round(ndcg * 1e6) / 1e6);
}

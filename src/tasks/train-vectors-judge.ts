import type { Json, TaskContext } from '../base/task.ts';
import { meanScores } from '../recommend/evaluation.ts';
import { holdOut } from '../recommend/holdout.ts';
import { judgeModel } from '../recommend/judge-model.ts';
import type { TrainingSettings } from '../vectors/settings.ts';
import { train } from '../vectors/train.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';

const HELD_OUT = 0.1;

/**
 * What the settings are worth: means over held-out playlists of which half the tracks are shown, of what `song-vectors`
 * recommends; and NDCG@500 of the two plain ways to ask the model.
 */
export async function judgeSettings(
  corpus: TokenSequences,
  groups: Uint32Array,
  settings: TrainingSettings,
  context: TaskContext,
): Promise<Json> {
  const { train: learned, cases } = holdOut(corpus, groups, { share: HELD_OUT, seed: settings.seed });
  const trained = await train(learned, settings, { signal: context.signal, progress: context.progress });
  const scores = await judgeModel(trained, cases, { recommender: true, signal: context.signal });
  return {
    ...meanScores(scores.recommender),
    inputXOutput: meanScores(scores.inputXOutput).ndcg,
    meanCosine: meanScores(scores.meanCosine).ndcg,
    share: HELD_OUT,
    seed: settings.seed,
  };
}

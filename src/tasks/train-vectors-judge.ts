import { setImmediate as breathe } from 'node:timers/promises';
import type { Json, TaskContext } from '../base/task.ts';
import type { Vocabulary as CorpusVocabulary } from '../corpus/vocabulary.ts';
import { catalogueOf } from '../recommend/catalogue.ts';
import { DEPTH, judge, meanScores } from '../recommend/evaluation.ts';
import { holdOut } from '../recommend/holdout.ts';
import { fitSongVectors } from '../recommend/song-vectors.ts';
import type { TrainingSettings } from '../vectors/settings.ts';
import { train } from '../vectors/train.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';

const HELD_OUT = 0.1;

/** What the settings are worth: means over held-out playlists of which half the tracks are shown. */
export async function judgeSettings(
  corpus: TokenSequences,
  groups: Uint32Array,
  tracks: CorpusVocabulary,
  settings: TrainingSettings,
  context: TaskContext,
): Promise<Json> {
  const { train: learned, cases } = holdOut(corpus, groups, { share: HELD_OUT, seed: settings.seed });
  const { model, vocabulary } = await train(learned, settings, { signal: context.signal, progress: context.progress });
  const catalogue = catalogueOf([...vocabulary.tokens].map((token) => tracks.entry(token)));
  const recommender = fitSongVectors(model, catalogue);
  const scores = [];
  for (const { seeds, hidden } of cases) {
    context.signal.throwIfAborted();
    await breathe();
    const seedTracks = seeds.map((token) => ({ trackId: tracks.id(token), weight: 1 }));
    const candidates = await recommender.candidates(seedTracks, DEPTH);
    scores.push(
      judge(
        candidates.map(({ trackId }) => trackId),
        new Set([...hidden].map((token) => tracks.id(token))),
      ),
    );
  }
  return { ...meanScores(scores), share: HELD_OUT, seed: settings.seed };
}

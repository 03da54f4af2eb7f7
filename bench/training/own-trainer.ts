import { readSettings } from '../../src/vectors/settings.ts';
import { train } from '../../src/vectors/train.ts';
import { buildVocabulary, type TokenSequences } from '../../src/vectors/vocabulary.ts';
import type { TrainedVectors } from './judge-vectors.ts';

/**
 * Trains with the kernel. `seconds` is the whole call, threads started and matrices filled, without what counting the
 * vocabulary takes by itself, as a peer's does not count either; `epochSeconds` of each epoch after the first, from end to end.
 */
export async function trainOwn(
  corpus: TokenSequences,
  overrides: object,
  threads: number,
): Promise<{ readonly seconds: number; readonly epochSeconds: number[]; readonly vectors: TrainedVectors }> {
  const settings = readSettings(overrides);
  const ends: number[] = [];
  const began = performance.now();
  const { model, vocabulary } = await train(corpus, settings, { threads, onEpoch: () => ends.push(performance.now()) });
  const trained = performance.now();
  buildVocabulary(corpus, settings.minCount);
  const counting = performance.now() - trained;
  return {
    seconds: (trained - began - counting) / 1000,
    epochSeconds: ends.slice(1).map((end, at) => (end - ends[at]!) / 1000),
    vectors: { ...model, tokens: vocabulary.tokens },
  };
}

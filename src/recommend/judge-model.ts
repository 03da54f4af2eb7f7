import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../vectors/model.ts';
import { meanVector, nearest, searchable } from '../vectors/nearest.ts';
import type { Vocabulary } from '../vectors/vocabulary.ts';
import { catalogueOf } from './catalogue.ts';
import { type ContinuationCase, DEPTH, judge, type Scores } from './evaluation.ts';
import { fitSongVectors } from './song-vectors.ts';

/** What a model is worth as a continuation of playlists: the scores of each case, by three ways to ask it. */
export interface ModelScores {
  /** Mean input vector of the seeds x output vectors: what CBOW is trained to answer. One pass over the vectors a case. */
  readonly inputXOutput: readonly Scores[];
  /** Mean input vector of the seeds, by cosine to input vectors. */
  readonly meanCosine: readonly Scores[];
  /** What `song-vectors` recommends, if asked for: one pass a seed. */
  readonly recommender: readonly Scores[];
}

/**
 * Judges a model by playlists of which a half is hidden; `cases` speak of tokens of the corpus. Lets the event loop breathe;
 * throws the signal's reason.
 */
export async function judgeModel(
  { model, vocabulary }: { readonly model: Model; readonly vocabulary: Vocabulary },
  cases: readonly ContinuationCase<number>[],
  options: { readonly recommender: boolean; readonly signal?: AbortSignal },
): Promise<ModelScores> {
  const input = searchable(model.input, model.dimensions);
  const output = searchable(model.output, model.dimensions);
  const recommend = options.recommender ? recommendTokens(model, vocabulary) : undefined;
  const excluded = new Uint8Array(vocabulary.tokens.length);
  const scores = { inputXOutput: [] as Scores[], meanCosine: [] as Scores[], recommender: [] as Scores[] };
  for (const { seeds, hidden } of cases) {
    options.signal?.throwIfAborted();
    await breathe();
    const rows = seeds.map((token) => vocabulary.rowOf[token] ?? -1).filter((row) => row >= 0);
    for (const row of rows) excluded[row] = 1;
    const query = rows.length === 0 ? undefined : meanVector(input, rows);
    const ask = (vectors: typeof input, measure: 'dot' | 'cosine') =>
      query === undefined
        ? []
        : nearest(vectors, query, { k: DEPTH, measure, excluded }).map(({ row }) => vocabulary.tokens[row]!);
    scores.inputXOutput.push(judge(ask(output, 'dot'), hidden));
    scores.meanCosine.push(judge(ask(input, 'cosine'), hidden));
    if (recommend) scores.recommender.push(judge(await recommend(seeds), hidden));
    for (const row of rows) excluded[row] = 0;
  }
  return scores;
}

function recommendTokens(model: Model, vocabulary: Vocabulary): (seeds: readonly number[]) => Promise<number[]> {
  // Ids are all that recommending needs of a track; tokens serve as such.
  const tracks = Array.from(vocabulary.tokens, (token) => ({ id: String(token), title: '', artists: [] }));
  const recommender = fitSongVectors(model, catalogueOf(tracks));
  return async (seeds) => {
    const candidates = await recommender.candidates(
      seeds.map((token) => ({ trackId: String(token), weight: 1 })),
      DEPTH,
    );
    return candidates.map(({ trackId }) => Number(trackId));
  };
}

import type { TaskContext } from '../base/task.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { type Composition, type CompositionRules, compose, type RankedCandidate } from '../recommend/compose.ts';
import type { Matching } from '../recommend/matching.ts';
import type { Ranking, SeedRow } from '../recommend/recommender.ts';
import { openVectorRecommender, songVectors } from '../recommend/recommenders/song-vectors.ts';
import type { Store } from '../store/connect.ts';
import type { SongVectors } from './open-song-vectors.ts';
import { type FamiliarOptions, readFamiliar } from './recommend-familiar.ts';

const WEEK_MS = 7 * 86_400_000;

// Heard songs and the artist limit rarely cost more than nineteen in twenty; where they do, more are asked for.
const CANDIDATES_PER_SONG = 20;
const LEAST_CANDIDATES = 1000;

/**
 * Candidates through the rules. Asks for more of them as long as the rules leave too few; all seeds and what is familiar
 * stay the same, so that the result does not depend on how often it had to ask.
 */
export async function composeEdition(
  store: Store,
  listenerId: number,
  { model, catalogue }: SongVectors,
  { matched }: Matching,
  settings: CompositionRules & { readonly notAgainWeeks: number } & Pick<FamiliarOptions, 'heard' | 'until'>,
  { runKey, clock, signal }: TaskContext,
): Promise<Composition> {
  const recommender = openVectorRecommender(model);
  const seeds = seedRows(matched);
  const since = new Date(clock.now().getTime() - settings.notAgainWeeks * WEEK_MS);
  const familiar = await readFamiliar(store, listenerId, { ...settings, since, runKey });
  try {
    for (let k = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_SONG * settings.length); ; k *= 4) {
      signal.throwIfAborted();
      const ranking = await recommender.candidates({ seeds }, k);
      const composition = compose(inOrder(ranking, songVectors.name, catalogue), familiar, settings);
      if (composition.items.length >= settings.length || k >= catalogue.size) return composition;
    }
  } finally {
    await recommender.close();
  }
}

/** Weights of seeds on the same row add up. */
function seedRows(matched: Matching['matched']): SeedRow[] {
  const weights = new Map<number, number>();
  for (const { row, seed } of matched) weights.set(row, (weights.get(row) ?? 0) + seed.weight);
  return Array.from(weights, ([row, weight]) => ({ row, weight }));
}

/** One after the other, since most are never looked at. */
function* inOrder(
  { rows, scores, parts = {} }: Ranking,
  recommender: string,
  catalogue: Catalogue,
): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    const facts = Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, values[at]!]));
    yield { row, track: catalogue.track(row), score: scores[at]!, recommender, facts };
  }
}

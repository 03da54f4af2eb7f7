import type { TaskContext } from '../base/task.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { type Composition, type CompositionRules, compose, type RankedCandidate } from '../recommend/compose.ts';
import { type Matching, seedRows } from '../recommend/matching.ts';
import type { Ranking } from '../recommend/recommender.ts';
import { songVectors } from '../recommend/recommenders/song-vectors.ts';
import { sharesOf } from '../recommend/shares.ts';
import type { Store } from '../store/connect.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import { type FamiliarOptions, readFamiliar } from './recommend-familiar.ts';

const WEEK_MS = 7 * 86_400_000;

// Heard songs and the artist limit rarely cost more than nineteen in twenty; where they do, more are asked for.
const CANDIDATES_PER_SONG = 20;
const LEAST_CANDIDATES = 1000;

/**
 * Candidates through the rules. Asks for more of them as long as the rules leave too few; all seeds and what is familiar
 * stay the same.
 */
export async function composeEdition(
  store: Store,
  listenerId: number,
  { recommender, blend, vectors: { catalogue } }: OpenRecommenders,
  { matched }: Matching,
  settings: CompositionRules & { readonly notAgainWeeks: number } & Pick<FamiliarOptions, 'heard' | 'until'>,
  { runKey, clock, signal }: TaskContext,
): Promise<Composition> {
  const seeds = seedRows(matched);
  const since = new Date(clock.now().getTime() - settings.notAgainWeeks * WEEK_MS);
  const familiar = await readFamiliar(store, listenerId, { ...settings, since, runKey, catalogue });
  // What was heard would fill the first places of every recommender, and leave the blend what it was never asked about.
  const excluded = new Set([...familiar.heardRows, ...seeds.map(({ row }) => row)]);
  for (let k = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_SONG * settings.length); ; k *= 4) {
    signal.throwIfAborted();
    const ranking = await recommender.candidates({ seeds, excluded }, k);
    const candidates = blend === undefined ? byVectors(ranking, catalogue) : byBlend(ranking, catalogue);
    const composition = compose(candidates, familiar, settings);
    if (composition.items.length >= settings.length || k >= catalogue.size) return composition;
  }
}

/** One after the other, since most are never looked at. */
function* byVectors({ rows, scores, parts = {} }: Ranking, catalogue: Catalogue): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    yield {
      row,
      track: catalogue.track(row),
      score: scores[at]!,
      recommender: songVectors.name,
      facts: valuesAt(parts, at),
    };
  }
}

function* byBlend(
  { rows, scores, parts = {}, places = {}, features = {} }: Ranking,
  catalogue: Catalogue,
): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    const { winner, runnerUp, shares } = sharesOf(valuesAt(parts, at), 'blend');
    const facts = { runnerUp, shares, places: valuesAt(places, at), features: valuesAt(features, at) };
    yield { row, track: catalogue.track(row), score: scores[at]!, recommender: winner, facts };
  }
}

function valuesAt(columns: { readonly [name: string]: ArrayLike<number> }, at: number): { [name: string]: number } {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at]!]));
}

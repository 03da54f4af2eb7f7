import type { TaskContext } from '../base/task.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { type Composition, type CompositionRules, compose, type RankedCandidate } from '../recommend/compose.ts';
import { type Dials, NEUTRAL, type Newness, turnAdventurousness } from '../recommend/dials.ts';
import { knownRecordings } from '../recommend/known-recordings.ts';
import { type Matching, seedRows } from '../recommend/matching.ts';
import { columnsAt, type Ranking } from '../recommend/recommender.ts';
import { songVectors } from '../recommend/recommenders/song-vectors.ts';
import { sharesOf } from '../recommend/shares.ts';
import { varied } from '../recommend/vary.ts';
import type { Store } from '../store/connect.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import { type FamiliarOptions, readFamiliar } from './recommend-familiar.ts';

const WEEK_MS = 7 * 86_400_000;

// Heard songs and the artist limit rarely cost more than nineteen in twenty; where they do, more are asked for.
const CANDIDATES_PER_SONG = 20;
const LEAST_CANDIDATES = 1000;

/** Candidates that turned dials choose from: always as many, since asking for more of them would choose others. */
const DIAL_CANDIDATES = 5000;

/** What a recipe changes. */
export interface Supply {
  /** Candidates of one's own history, best first, instead of the recommenders'. */
  readonly own?: readonly RankedCandidate[] | undefined;
  /** Whether songs that were heard, and liked ones, may come. */
  readonly heardAllowed?: boolean;
  readonly likedAllowed?: boolean;
  readonly dials?: Dials;
  /** For the dial of adventurousness. */
  readonly newness?: Newness;
}

export interface Composed extends Composition {
  /** The same without the dials; absent where none was turned. */
  readonly neutral?: Composition;
}

/**
 * Candidates through the rules. Asks for more of them as long as the rules leave too few; all seeds and what is familiar
 * stay the same.
 */
export async function composeEdition(
  store: Store,
  listenerId: number,
  opened: OpenRecommenders,
  { matched }: Matching,
  settings: CompositionRules & { readonly notAgainWeeks: number } & Pick<FamiliarOptions, 'heard' | 'until'>,
  { runKey, clock, signal }: TaskContext,
  supply: Supply = {},
): Promise<Composed> {
  const { recommender, vectors } = opened;
  const { catalogue, model } = vectors;
  const seeds = seedRows(matched);
  const since = new Date(clock.now().getTime() - settings.notAgainWeeks * WEEK_MS);
  const known = await readFamiliar(store, listenerId, {
    ...settings,
    ...(supply.heardAllowed === true ? { heard: [] } : {}),
    since,
    runKey,
    catalogue,
  });
  const familiar = supply.likedAllowed === true ? { ...known, liked: knownRecordings() } : known;
  if (supply.own !== undefined) return compose(supply.own, familiar, settings);
  // What was heard would fill the first places of every recommender, and leave the blend what it was never asked about.
  const excluded = new Set([...familiar.heardRows, ...seeds.map(({ row }) => row)]);
  const { dials = NEUTRAL, newness } = supply;
  if (dials.adventurousness !== NEUTRAL.adventurousness || dials.variety !== NEUTRAL.variety) {
    const ranking = await recommender.candidates({ seeds, excluded }, Math.max(DIAL_CANDIDATES, settings.length));
    const turned = newness === undefined ? ranking : turnAdventurousness(ranking, dials.adventurousness, newness);
    const candidates = asCandidates(turned, opened);
    const rows = { values: model.input, dimensions: model.dimensions };
    const picks = dials.variety > 0 ? varied(candidates, { variety: dials.variety, vectors: rows }) : candidates;
    const neutral = compose(asCandidates(ranking, opened), familiar, settings);
    return { ...compose(picks, familiar, settings), neutral };
  }
  for (let k = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_SONG * settings.length); ; k *= 4) {
    signal.throwIfAborted();
    const ranking = await recommender.candidates({ seeds, excluded }, k);
    const composition = compose(asCandidates(ranking, opened), familiar, settings);
    if (composition.items.length >= settings.length || k >= catalogue.size) return composition;
  }
}

function asCandidates(
  ranking: Ranking,
  { blend, vectors: { catalogue } }: OpenRecommenders,
): Iterable<RankedCandidate> {
  return blend === undefined ? byVectors(ranking, catalogue) : byBlend(ranking, catalogue);
}

/** One after the other, since most are never looked at. */
function* byVectors(
  { rows, scores, parts = {}, turned = {} }: Ranking,
  catalogue: Catalogue,
): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    yield {
      row,
      track: catalogue.track(row),
      score: scores[at]!,
      recommender: songVectors.name,
      facts: { ...columnsAt(parts, at), ...columnsAt(turned, at) },
    };
  }
}

function* byBlend(
  { rows, scores, parts = {}, places = {}, features = {}, turned = {} }: Ranking,
  catalogue: Catalogue,
): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    const { winner, runnerUp, shares } = sharesOf(columnsAt(parts, at), 'blend');
    const facts = {
      runnerUp,
      shares,
      places: columnsAt(places, at),
      features: columnsAt(features, at),
      ...columnsAt(turned, at),
    };
    yield { row, track: catalogue.track(row), score: scores[at]!, recommender: winner, facts };
  }
}

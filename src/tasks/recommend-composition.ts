import type { TaskContext } from '../base/task.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { type Composition, type CompositionRules, compose, type RankedCandidate } from '../recommend/compose.ts';
import { type Dials, NEUTRAL, type Newness, turnAdventurousness } from '../recommend/dials.ts';
import { knownRecordings } from '../recommend/known-recordings.ts';
import { type Matching, seedRows } from '../recommend/matching.ts';
import { columnsAt, type PlayedRow, type Ranking, type Recommender } from '../recommend/recommender.ts';
import { nearest, openNearest } from '../recommend/recommenders/nearest.ts';
import { songVectors } from '../recommend/recommenders/song-vectors.ts';
import { sharesOf } from '../recommend/shares.ts';
import { clustersBySound } from '../recommend/sound-clusters.ts';
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
  /** The so many nearest of each seed, instead of what the recommenders propose. */
  readonly perSong?: number | undefined;
  /** Whether songs that were heard, and liked ones, may come. */
  readonly heardAllowed?: boolean;
  readonly likedAllowed?: boolean;
  /** What was listened to, for how lately an artist was heard. */
  readonly history?: readonly PlayedRow[];
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
  const { vectors } = opened;
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
  const { dials = NEUTRAL, newness, history, perSong } = supply;
  const recommender = perSong === undefined ? opened.recommender : nearestOnly(opened, perSong);
  const asCandidates =
    perSong === undefined ? rankedBy(opened) : (ranking: Ranking) => byVectors(ranking, catalogue, nearest.name);
  const question = { seeds, excluded, history };
  if (dials.adventurousness !== NEUTRAL.adventurousness || dials.variety !== NEUTRAL.variety) {
    const ranking = await recommender.candidates(question, Math.max(DIAL_CANDIDATES, settings.length));
    const turned = newness === undefined ? ranking : turnAdventurousness(ranking, dials.adventurousness, newness);
    const candidates = asCandidates(turned);
    const rows = { values: model.input, dimensions: model.dimensions };
    const features = opened.blend?.world.features;
    const clusterOf =
      features && dials.variety > 0 ? await clustersBySound(features, ranking.rows, { signal }) : undefined;
    const picks =
      dials.variety > 0
        ? varied(candidates, { variety: dials.variety, vectors: rows, ...(clusterOf && { clusterOf }) })
        : candidates;
    const neutral = compose(asCandidates(ranking), familiar, settings);
    return { ...compose(picks, familiar, settings), neutral };
  }
  for (let k = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_SONG * settings.length); ; k *= 4) {
    signal.throwIfAborted();
    const ranking = await recommender.candidates(question, k);
    const composition = compose(asCandidates(ranking), familiar, settings);
    if (composition.items.length >= settings.length || k >= catalogue.size) return composition;
  }
}

function rankedBy({
  blend,
  vectors: { catalogue },
}: OpenRecommenders): (ranking: Ranking) => Iterable<RankedCandidate> {
  return (ranking) =>
    blend === undefined ? byVectors(ranking, catalogue, songVectors.name) : byBlend(ranking, catalogue);
}

/** So many rounds of `nearest` and no more. */
function nearestOnly({ vectors: { model } }: OpenRecommenders, perSong: number): Pick<Recommender, 'candidates'> {
  return {
    async candidates(question, k) {
      const recommender = openNearest(model);
      try {
        const ranking = await recommender.candidates(question, Math.min(k, perSong * question.seeds.length));
        return firstRounds(ranking, perSong);
      } finally {
        await recommender.close();
      }
    },
  };
}

function firstRounds(ranking: Ranking, rounds: number): Ranking {
  const end = ranking.parts?.round?.findIndex((round) => round > rounds) ?? -1;
  if (end < 0) return ranking;
  const { rows, scores, parts = {} } = ranking;
  const cut = Object.entries(parts).map(([name, values]) => [name, values.subarray(0, end)] as const);
  return { rows: rows.subarray(0, end), scores: scores.subarray(0, end), parts: Object.fromEntries(cut) };
}

/** One after the other, since most are never looked at. */
function* byVectors(
  { rows, scores, parts = {}, turned = {} }: Ranking,
  catalogue: Catalogue,
  recommender: string,
): Generator<RankedCandidate> {
  for (const [at, row] of rows.entries()) {
    yield {
      row,
      track: catalogue.track(row),
      score: scores[at]!,
      recommender,
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

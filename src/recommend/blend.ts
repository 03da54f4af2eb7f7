import { columnsOf, type FeatureTable, featureNames, featuresOf } from './blend-features.ts';
import { askAll, type BlendLesson, takeLessons } from './blend-lessons.ts';
import { DEPTH, ndcg } from './evaluation.ts';
import { type LearningCase, learnWeights, scoresOf } from './learn-blend.ts';
import type { FitOptions, Knowledge, Question, Ranking, Recommender, RecommenderKind, World } from './recommender.ts';
import { audioFeatures } from './recommenders/audio-features.ts';
import { names } from './recommenders/names.ts';
import { popular } from './recommenders/popular.ts';
import { recentlyLoved } from './recommenders/recently-loved.ts';
import { bestOf } from './score-board.ts';

/** What the blend has learned: its weights, and what its members have, under their names. */
const WEIGHTS = 'weights';
const nameOf = (member: RecommenderKind, name: string) => `${member.name}.${name}`;

/**
 * All members' candidates in one ranking: a linear ranker over what each says of them, learned from playlists that were put
 * aside. `parts` of its rankings are what each member brought to the score.
 */
export function blendOf(members: readonly RecommenderKind[]): RecommenderKind {
  return {
    name: 'blend',
    summary: 'All that learn from playlists together, weighed by what has proved right on playlists put aside.',
    fit: async (world, options) =>
      await fitBlend(
        members,
        learnBlend(members, (await takeLessons(members, world, options)).playlists),
        world,
        options,
      ),
    open: async (world, knowledge, options) =>
      await openBlend(members, knowledge[WEIGHTS] as Float64Array, world, knowledge, options),
  };
}

/**
 * What a place counts before any lesson, for members that do not go by the seeds, or know far less than the playlists do; 2 for all
 * others.
 */
const PLACE_TO_BEGIN: { readonly [member: string]: number } = {
  [popular.name]: 0.1,
  [names.name]: 0.5,
  [recentlyLoved.name]: 0,
  [audioFeatures.name]: 0,
};

/**
 * Weights before any lesson: places say most, since scores of different members cannot be compared, and every member that goes by
 * the seeds counts alike.
 */
function weightToBegin(feature: string): number {
  if (feature === 'artist') return 2;
  const [member, view] = feature.split(': ') as [string, string | undefined];
  const place = PLACE_TO_BEGIN[member];
  if (view === 'place') return place ?? 2;
  return view === 'root' && place === undefined ? 1 : 0;
}

/** The weights that suit all lessons and the listener's own weeks and editions (`OwnHistory`, `outcomeLessons`), and not far from those to begin with where both are few. */
export function learnBlend(
  members: readonly RecommenderKind[],
  lessons: readonly BlendLesson[],
  own: readonly LearningCase[] = [],
): Float64Array {
  const begun = Float64Array.from(featureNames(members.map(({ name }) => name)), weightToBegin);
  return learnWeights([...lessons, ...own], begun);
}

/**
 * NDCG@500 of the blend on each lesson, by weights learned from the other half of the lessons: what it is worth on playlists
 * that it has not seen.
 */
export function judgeBlend(members: readonly RecommenderKind[], lessons: readonly BlendLesson[]): number[] {
  const isEven = (at: number) => at % 2 === 0;
  const byEven = learnBlend(
    members,
    lessons.filter((_, at) => isEven(at)),
  );
  const byOdd = learnBlend(
    members,
    lessons.filter((_, at) => !isEven(at)),
  );
  return lessons.map(({ features, hidden }, at) => {
    const places = Uint32Array.from(features.rows.keys());
    const best = bestOf(places, scoresOf(features, isEven(at) ? byOdd : byEven), DEPTH, new Set());
    return ndcg(
      Array.from(best.rows, (place) => features.rows[place]!),
      hidden,
    );
  });
}

/** Makes all members ready on the whole world, to be asked with these weights. */
export async function fitBlend(
  members: readonly RecommenderKind[],
  weights: Float64Array,
  world: World,
  options: FitOptions,
): Promise<Knowledge> {
  const knowledge: Record<string, Knowledge[string]> = { [WEIGHTS]: weights };
  for (const [at, member] of members.entries()) {
    options.onStep?.(`Learning: ${member.name}`, at, members.length);
    for (const [name, values] of Object.entries(await member.fit(world, options))) {
      knowledge[nameOf(member, name)] = values;
    }
  }
  return knowledge;
}

/** Ready to answer, by weights in the order of `featureNames`. */
export async function openBlend(
  members: readonly RecommenderKind[],
  weights: Float64Array,
  world: World,
  knowledge: Knowledge,
  options: FitOptions,
): Promise<Recommender> {
  const ready: Recommender[] = [];
  for (const member of members) {
    const start = nameOf(member, '');
    const own = Object.entries(knowledge).flatMap(([name, values]) =>
      name.startsWith(start) ? [[name.slice(start.length), values] as const] : [],
    );
    ready.push(await member.open(world, Object.fromEntries(own), options));
  }
  return new Blend(members, ready, world, weights);
}

function placesIn(ranking: Ranking, rows: Uint32Array): Uint32Array {
  const placeOf = new Map(Array.from(ranking.rows, (row, at) => [row, at + 1]));
  return rows.map((row) => placeOf.get(row) ?? 0);
}

function columnOf({ rows, values }: FeatureTable, column: number, places: Uint32Array): Float64Array {
  const width = rows.length === 0 ? 0 : values.length / rows.length;
  return Float64Array.from(places, (place) => values[place * width + column]!);
}

class Blend implements Recommender {
  readonly #kinds: readonly RecommenderKind[];
  readonly #members: readonly Recommender[];
  readonly #world: World;
  readonly #weights: Float64Array;

  constructor(kinds: readonly RecommenderKind[], members: readonly Recommender[], world: World, weights: Float64Array) {
    this.#kinds = kinds;
    this.#members = members;
    this.#weights = weights;
    this.#world = world;
  }

  async candidates(question: Question, k: number): Promise<Ranking> {
    const depth = Math.max(DEPTH, k);
    const rankings = await askAll(this.#members, question, depth);
    const features = featuresOf(rankings, question, this.#world);
    const scores = scoresOf(features, this.#weights);
    const places = bestOf(Uint32Array.from(features.rows.keys()), scores, k, new Set());
    const rows = places.rows.map((place) => features.rows[place]!);
    const names = this.#kinds.map(({ name }) => name);
    return {
      rows,
      scores: places.scores,
      parts: Object.fromEntries(names.map((name, at) => [name, this.#partsOf(at, places.rows, features)])),
      places: Object.fromEntries(names.map((name, at) => [name, placesIn(rankings[at]!, rows)])),
      features: Object.fromEntries(
        featureNames(names).map((name, column) => [name, columnOf(features, column, places.rows)]),
      ),
    };
  }

  #partsOf(member: number, places: Uint32Array, { values }: FeatureTable): Float64Array {
    const width = this.#weights.length;
    return Float64Array.from(places, (place) =>
      columnsOf(member).reduce((sum, column) => sum + this.#weights[column]! * values[place * width + column]!, 0),
    );
  }

  async close(): Promise<void> {
    for (const member of this.#members) await member.close();
  }
}

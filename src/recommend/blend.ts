import { columnsOf, type FeatureTable, featureNames, featuresOf } from './blend-features.ts';
import { askAll, type BlendLesson, takeLessons } from './blend-lessons.ts';
import { DEPTH, ndcg } from './evaluation.ts';
import { learnWeights, scoresOf } from './learn-blend.ts';
import type { FitOptions, Knowledge, Question, Ranking, Recommender, RecommenderKind, World } from './recommender.ts';
import { bestOf } from './score-board.ts';

/** What the blend has learned is kept as its members', each name behind this, and its own weights. */
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
      await fitBlend(members, learnBlend(members, await takeLessons(members, world, options)), world, options),
    open: async (world, knowledge, options) => await openBlend(members, world, knowledge, options),
  };
}

/** The weights that suit all lessons; where there are none, all members count alike. */
export function learnBlend(members: readonly RecommenderKind[], lessons: readonly BlendLesson[]): Float64Array {
  const names = featureNames(members.map(({ name }) => name));
  const begun = Float64Array.from(names, (name) => (name.endsWith(': root') ? 1 : 0));
  return learnWeights(lessons, begun);
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
  for (const member of members) {
    for (const [name, values] of Object.entries(await member.fit(world, options))) {
      knowledge[nameOf(member, name)] = values;
    }
  }
  return knowledge;
}

async function openBlend(
  members: readonly RecommenderKind[],
  world: World,
  knowledge: Knowledge,
  options: FitOptions,
): Promise<Blend> {
  const ready: Recommender[] = [];
  for (const member of members) {
    const start = nameOf(member, '');
    const own = Object.entries(knowledge).flatMap(([name, values]) =>
      name.startsWith(start) ? [[name.slice(start.length), values] as const] : [],
    );
    ready.push(await member.open(world, Object.fromEntries(own), options));
  }
  return new Blend(members, ready, world, knowledge[WEIGHTS] as Float64Array);
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
    const features = featuresOf(await askAll(this.#members, question, depth), question, this.#world, depth);
    const scores = scoresOf(features, this.#weights);
    const places = bestOf(Uint32Array.from(features.rows.keys()), scores, k, new Set());
    return {
      rows: places.rows.map((place) => features.rows[place]!),
      scores: places.scores,
      parts: Object.fromEntries(
        this.#kinds.map(({ name }, member) => [name, this.#partsOf(member, places.rows, features)]),
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

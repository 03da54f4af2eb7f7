import { setImmediate as breathe } from 'node:timers/promises';
import { seededRandom } from '../base/random.ts';
import { columnsOf, type FeatureTable, featureNames, featuresOf } from './blend-features.ts';
import { DEPTH } from './evaluation.ts';
import { shuffled } from './holdout.ts';
import { type LearningCase, learnWeights, scoresOf } from './learn-blend.ts';
import { withoutPlaylists } from './playlist-matrix.ts';
import type { FitOptions, Question, Ranking, Recommender, RecommenderKind, World } from './recommender.ts';
import { bestOf } from './score-board.ts';

/** Playlists that the weights are learned from: a tenth, at most so many. */
const SHARE = 0.1;
const MOST_CASES = 400;
/** Shorter ones say too little. */
const LEAST_TRACKS = 10;

/**
 * All members' candidates in one ranking: a linear ranker over what each says of them, learned from playlists that were put
 * aside. `parts` of its rankings are what each member brought to the score.
 */
export function blendOf(members: readonly RecommenderKind[]): RecommenderKind {
  return {
    name: 'blend',
    summary: 'All of the others together, weighed by what has proved right on playlists put aside.',
    async fit(world, options) {
      const weights = await learn(members, world, options);
      return new Blend(members, await fitAll(members, world, options), weights, world);
    },
  };
}

class Blend implements Recommender {
  readonly #kinds: readonly RecommenderKind[];
  readonly #members: readonly Recommender[];
  readonly #world: World;
  readonly #weights: Float64Array;

  constructor(kinds: readonly RecommenderKind[], members: readonly Recommender[], weights: Float64Array, world: World) {
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

/** Puts playlists aside, makes the members ready on the others, and looks at what they say of those put aside. */
async function learn(members: readonly RecommenderKind[], world: World, options: FitOptions): Promise<Float64Array> {
  const { playlists } = world;
  const names = members.map(({ name }) => name);
  const begun = Float64Array.from(featureNames(names), (name) => (name.endsWith(': root') ? 1 : 0));
  const random = seededRandom(1);
  const held = chooseHeld(world, random);
  if (held.length === 0) return begun;
  const heldGroups = new Set(held.map((playlist) => world.groups[playlist]!));
  const left = withoutPlaylists(playlists, (playlist) => heldGroups.has(world.groups[playlist]!));
  const ready = await fitAll(members, { ...world, playlists: left }, options);
  try {
    const cases: LearningCase[] = [];
    for (const playlist of held) {
      options.signal.throwIfAborted();
      await breathe();
      const rows = shuffled(
        [...playlists.rows.subarray(playlists.starts[playlist]!, playlists.starts[playlist + 1]!)],
        random,
      );
      const half = rows.length >> 1;
      const seeds = rows.slice(0, half).map((row) => ({ row, weight: 1 }));
      const question = { seeds };
      const features = featuresOf(await askAll(ready, question, DEPTH), question, { ...world, playlists: left }, DEPTH);
      const hidden = new Set(rows.slice(half));
      const found = [...features.rows.entries()].filter(([, row]) => hidden.has(row)).map(([at]) => at);
      cases.push({ features, found });
    }
    return learnWeights(cases, begun);
  } finally {
    for (const member of ready) await member.close();
  }
}

/** One playlist of each group put aside: its longest. */
function chooseHeld({ playlists, groups }: World, random: ReturnType<typeof seededRandom>): number[] {
  const longest = new Map<number, number>();
  const lengthOf = (playlist: number) => playlists.starts[playlist + 1]! - playlists.starts[playlist]!;
  for (let playlist = 0; playlist < playlists.playlists; playlist++) {
    const other = longest.get(groups[playlist]!);
    if (other === undefined || lengthOf(playlist) > lengthOf(other)) longest.set(groups[playlist]!, playlist);
  }
  const long = [...longest.values()].filter((playlist) => lengthOf(playlist) >= LEAST_TRACKS);
  return shuffled(long, random).slice(0, Math.min(MOST_CASES, Math.round(SHARE * long.length)));
}

async function fitAll(kinds: readonly RecommenderKind[], world: World, options: FitOptions): Promise<Recommender[]> {
  const ready: Recommender[] = [];
  for (const kind of kinds) ready.push(await kind.fit(world, options));
  return ready;
}

async function askAll(members: readonly Recommender[], question: Question, depth: number): Promise<Ranking[]> {
  const rankings: Ranking[] = [];
  for (const member of members) rankings.push(await member.candidates(question, depth));
  return rankings;
}

import type { Json } from '../base/task.ts';
import type { Composition } from '../recommend/compose.ts';
import { describeMatching, type MatchedBy, type Matching } from '../recommend/matching.ts';
import { nearestSeedFinder } from '../recommend/nearest-seed.ts';
import { type ReasonContext, reasonFor } from '../recommend/reasons.ts';
import type { Seed } from '../recommend/seeds.ts';
import type { NewEdition } from '../store/editions.ts';
import type { SongVectors } from './open-song-vectors.ts';
import type { FoundSeeds } from './recommend-seeds.ts';

const RECIPE = 'weekly';

/** A composition as the store keeps it: every item with its sentence and the facts it was made from. */
export function draftEdition(
  { items, rejected }: Composition,
  { matching, from }: FoundSeeds,
  { stored, model: { input, dimensions } }: SongVectors,
  settings: { readonly [name: string]: Json },
  reason: ReasonContext,
): Omit<NewEdition, 'listenerId' | 'runKey'> {
  const seedOf = seedsByRow(matching);
  const nearestSeed = nearestSeedFinder({ values: input, dimensions }, [...seedOf.keys()]);
  const day = reason.now.toLocaleDateString('en-GB', {
    timeZone: reason.timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return {
    recipe: RECIPE,
    title: `Weekly, ${day}`,
    modelId: stored.modelId,
    settings: { ...settings, from, found: describeMatching(matching) },
    createdAt: reason.now,
    seeds: [
      ...matching.matched.map(({ seed, matchedBy }) => seedRow(seed, matchedBy)),
      ...matching.missing.map((seed) => seedRow(seed, null)),
    ],
    items: items.map((item) => {
      const nearest = nearestSeed(item.row);
      const seed = nearest && seedOf.get(nearest.seed);
      return {
        trackId: item.track.id,
        recommender: item.recommender,
        seedTrackId: seed?.id ?? null,
        similarity: nearest?.similarity ?? null,
        score: item.score,
        reason: reasonFor(seed, nearest?.similarity, reason),
        facts: { ...item.facts, ...seedFacts(seed) },
      };
    }),
    rejected: rejected.map(({ candidate, rule }) => ({ trackId: candidate.track.id, score: candidate.score, rule })),
  };
}

/** Seeds come heaviest first; of two that are one track to the model the heavier is named. */
function seedsByRow({ matched }: Matching): Map<number, Seed> {
  const seeds = new Map<number, Seed>();
  for (const { row, seed } of matched) if (!seeds.has(row)) seeds.set(row, seed);
  return seeds;
}

function seedRow(seed: Seed, matchedBy: MatchedBy | null): NewEdition['seeds'][number] {
  const { id, weight, plays, lastPlayedAt } = seed;
  return { trackId: id, weight, plays, lastPlayedAt, matchedBy };
}

function seedFacts(seed: Seed | undefined): { [name: string]: Json } {
  if (seed === undefined) return {};
  const { origin, plays, firstPlayedAt, lastPlayedAt } = seed;
  return { origin, plays, firstPlayedAt: firstPlayedAt.toISOString(), lastPlayedAt: lastPlayedAt.toISOString() };
}

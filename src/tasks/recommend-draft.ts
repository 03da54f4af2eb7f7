import type { Json } from '../base/task.ts';
import type { Composition } from '../recommend/compose.ts';
import { describeMatching, type MatchedBy, type Matching } from '../recommend/matching.ts';
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
  vectors: SongVectors,
  settings: { readonly [name: string]: Json },
  reason: ReasonContext,
): Omit<NewEdition, 'listenerId' | 'runKey'> {
  const seedOf = seedsByTrack(matching, vectors);
  const day = reason.now.toLocaleDateString('en-GB', {
    timeZone: reason.timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return {
    recipe: RECIPE,
    title: `Weekly, ${day}`,
    modelId: vectors.stored.modelId,
    settings: { ...settings, from, found: describeMatching(matching) },
    createdAt: reason.now,
    seeds: [
      ...matching.matched.map(({ seed, matchedBy }) => seedRow(seed, matchedBy)),
      ...matching.missing.map((seed) => seedRow(seed, null)),
    ],
    items: items.map((item) => {
      const seed = item.seedId === undefined ? undefined : seedOf.get(item.seedId);
      return {
        trackId: item.track.id,
        recommender: item.recommender,
        seedTrackId: seed?.id ?? null,
        similarity: item.similarity ?? null,
        score: item.score,
        reason: reasonFor(item, seed, reason),
        facts: { ...item.facts, ...seedFacts(seed) },
      };
    }),
    rejected: rejected.map(({ candidate, rule }) => ({ trackId: candidate.track.id, score: candidate.score, rule })),
  };
}

/** Seeds come heaviest first; of two that are one track to the model the heavier is named. */
function seedsByTrack({ matched }: Matching, { catalogue }: SongVectors): Map<string, Seed> {
  const seeds = new Map<string, Seed>();
  for (const { row, seed } of matched) {
    const id = catalogue.track(row).id;
    if (!seeds.has(id)) seeds.set(id, seed);
  }
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

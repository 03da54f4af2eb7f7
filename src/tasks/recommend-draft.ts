import type { Json } from '../base/task.ts';
import { textAt } from '../corpus/vocabulary.ts';
import { reasonOf } from '../recommend/blend-reasons.ts';
import type { Composition, RankedCandidate } from '../recommend/compose.ts';
import { type Evidence, evidenceFinder } from '../recommend/evidence.ts';
import { describeMatching, type MatchedBy, seedRows } from '../recommend/matching.ts';
import { nearestSeedFinder, similarityOf } from '../recommend/nearest-seed.ts';
import type { OwnSong } from '../recommend/own-songs.ts';
import { periodWords } from '../recommend/period.ts';
import { historyReason, type ReasonContext, reasonFor } from '../recommend/reasons.ts';
import type { Recipe } from '../recommend/recipe.ts';
import { soundsLike } from '../recommend/recommenders/audio-features.ts';
import type { Seed } from '../recommend/seeds.ts';
import type { EditionItem, NewEdition } from '../store/editions.ts';
import type { OpenBlend, OpenRecommenders } from './open-recommenders.ts';
import type { PreparedRecipe } from './recommend-recipe.ts';
import type { FoundSeeds } from './recommend-seeds.ts';

/** A composition as the store keeps it: every item with its sentence and the facts it was made from. */
export function draftEdition(
  { items, rejected }: Composition,
  found: FoundSeeds,
  opened: OpenRecommenders,
  settings: { readonly [name: string]: Json },
  { recipe, input: { title, own } }: PreparedRecipe,
  reason: ReasonContext,
): Omit<NewEdition, 'listenerId' | 'runKey'> {
  const { matching, from } = found;
  const explain = explainer(found, opened, reason);
  return {
    recipe: recipe.name,
    title,
    modelId: opened.vectors.stored.modelId,
    blendId: opened.blend?.stored.blendId ?? null,
    settings: { ...settings, from, found: describeMatching(matching) },
    createdAt: reason.now,
    seeds: [
      ...matching.matched.map(({ seed, matchedBy }) => seedRow(seed, matchedBy)),
      ...matching.missing.map((seed) => seedRow(seed, null)),
    ],
    items: items.map((item) => ({
      trackId: item.track.id,
      recommender: item.recommender,
      score: item.score,
      ...(explainOwn(item, recipe, own?.songs, reason) ?? explain(item)),
    })),
    rejected: rejected.map(({ candidate, rule }) => ({ trackId: candidate.track.id, score: candidate.score, rule })),
  };
}

type Explained = Pick<EditionItem, 'seedTrackId' | 'similarity' | 'reason' | 'facts'>;

/** A song of one's own history: what the listener did with it is why. */
function explainOwn(
  { track, facts }: RankedCandidate,
  { pool }: Recipe,
  songs: ReadonlyMap<string, OwnSong> | undefined,
  context: ReasonContext,
): Explained | undefined {
  const song = songs?.get(track.id);
  if (song === undefined || pool.from !== 'history') return undefined;
  const reason = historyReason(song, periodWords(pool.period), context);
  return { seedTrackId: null, similarity: null, reason, facts: { ...facts } };
}

/** By the facts of the recommender that won, where there is a blend; else by the nearest song vector. */
function explainer(
  { matching }: FoundSeeds,
  { vectors: { model }, blend }: OpenRecommenders,
  context: ReasonContext,
): (item: RankedCandidate) => Explained {
  // Seeds come heaviest first; of two that are one track to the model the heavier is named.
  const seedOf = new Map<number, Seed>();
  for (const { row, seed } of matching.matched) if (!seedOf.has(row)) seedOf.set(row, seed);
  const vectors = { values: model.input, dimensions: model.dimensions };
  const nearestSeed = nearestSeedFinder(vectors, [...seedOf.keys()]);
  const rowOf = new Map([...seedOf].map(([row, seed]) => [seed, row]));
  const nearestOf = (row: number) => {
    const nearest = nearestSeed(row);
    const seed = nearest && seedOf.get(nearest.seed);
    return nearest && seed && { seed, similarity: nearest.similarity };
  };
  if (blend === undefined) {
    return (item) => {
      const nearest = nearestOf(item.row);
      return {
        seedTrackId: nearest?.seed.id ?? null,
        similarity: nearest?.similarity ?? null,
        reason: reasonFor(nearest?.seed, nearest?.similarity, context),
        facts: { ...item.facts, ...seedFacts(nearest?.seed) },
      };
    };
  }
  const soundOf = soundFinder(blend, seedOf);
  const evidenceOf = evidenceFinder(blend.world.playlists, seedRows(matching.matched));
  const nameOfPlaylist = (playlist: number) => textAt(blend.names, playlist);
  return (item) => {
    const evidence = evidenceOf(item.row);
    const { sentence, seed } = reasonOf(
      {
        track: item.track,
        winner: item.recommender,
        evidence,
        playlists: blend.world.playlists.playlists,
        seeds: [...seedOf.values()],
        seedOfRow: (row) => seedOf.get(row),
        nameOfPlaylist,
        nearest: nearestOf(item.row),
        sound: soundOf(item.row),
      },
      context,
    );
    return {
      seedTrackId: seed?.id ?? null,
      similarity: (seed && similarityOf(vectors, item.row, rowOf.get(seed)!)) ?? null,
      reason: sentence,
      facts: {
        ...item.facts,
        ...seedFacts(seed),
        evidence: evidenceFacts(evidence, blend, (row) => seedOf.get(row)!.id),
      },
    };
  };
}

/** The seed that sounds most like a row. */
function soundFinder({ world: { features } }: OpenBlend, seedOf: ReadonlyMap<number, Seed>) {
  if (features === undefined) return () => undefined;
  const find = soundsLike(features, [...seedOf.keys()]);
  return (row: number) => {
    const found = find(row);
    const seed = found && seedOf.get(found.seed);
    return found && seed && { seed, similarity: found.similarity };
  };
}

/** Playlists by name, seeds by track: the folder of the blend may be gone when somebody asks why. */
function evidenceFacts(
  { holders, shared, playlists, seeds }: Evidence,
  { names, world }: OpenBlend,
  idOf: (row: number) => string,
): Json {
  return {
    playlists: world.playlists.playlists,
    holders,
    shared,
    examples: playlists.map(({ playlist, seeds: inside }) => ({
      name: textAt(names, playlist),
      seeds: inside.map(idOf),
    })),
    seeds: seeds.map(({ row, together, holders: all }) => ({ track: idOf(row), together, holders: all })),
  };
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

// What a recipe makes of an edition around its composition: where candidates may come from, their limits, order and measures.
import type { Json } from '../base/task.ts';
import type { RankedCandidate } from '../recommend/compose.ts';
import { describeEdition, describeMeasures, type EditionMeasures } from '../recommend/describe-edition.ts';
import { heardSongs, playedRows } from '../recommend/heard-songs.ts';
import { orderEdition } from '../recommend/order-edition.ts';
import { heardRows } from '../recommend/own-songs.ts';
import { allHolders } from '../recommend/playlist-matrix.ts';
import type { Recipe } from '../recommend/recipe.ts';
import { distanceFrom, tasteCentres } from '../recommend/taste-centres.ts';
import type { TasteRule } from '../recommend/taste-rules.ts';
import type { Store } from '../store/connect.ts';
import { findFeatures } from '../store/features.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import type { Composed, Supply } from './recommend-composition.ts';
import type { PreparedRecipe } from './recommend-recipe.ts';

export function supplyOf({ recipe, input, history }: PreparedRecipe, opened: OpenRecommenders, now: Date): Supply {
  const { catalogue, model } = opened.vectors;
  const vectors = { values: model.input, dimensions: model.dimensions };
  const { dials, filters, pool } = recipe;
  return {
    own: input.own?.candidates,
    perSong: pool.from === 'nearest' ? pool.perSong : undefined,
    history: playedRows(history.listens, heardSongs(history.listens, catalogue), now),
    heardAllowed: filters.heard !== 'never',
    likedAllowed: filters.liked !== 'never',
    dials,
    ...(dials.adventurousness === 0.5
      ? {}
      : {
          newness: {
            familiarityOf: (row: number) => input.artists.of(catalogue.track(row).artists),
            distanceOf: distanceFrom(tasteCentres(vectors, heardRows(history, catalogue, now)), vectors),
          },
        }),
  };
}

/** What was asked for goes before the listener's rules, and these before the recipe. */
export function limitsOf(
  recipe: Recipe,
  rules: readonly TasteRule[],
  asked: { readonly perArtist?: number | undefined; readonly notAgainWeeks?: number | undefined },
): { perArtist?: number; notAgainWeeks?: number } {
  const says = (rule: TasteRule['rule']) => rules.some((each) => each.rule === rule);
  return {
    ...(asked.perArtist === undefined && !says('per-artist') ? { perArtist: recipe.perArtist } : {}),
    ...(asked.notAgainWeeks === undefined && !says('not-again') ? { notAgainWeeks: recipe.notAgainWeeks } : {}),
  };
}

/** The songs in the recipe's order; tempo and key are those that are stored. */
export async function inOrder(
  { db }: Store,
  items: readonly RankedCandidate[],
  { recipe, input }: PreparedRecipe,
  { vectors: { model } }: OpenRecommenders,
): Promise<RankedCandidate[]> {
  const features = await findFeatures(
    db,
    items.map(({ track }) => track.id),
  );
  return orderEdition(items, recipe.order, {
    vectors: { values: model.input, dimensions: model.dimensions },
    soundOf: ({ id }) => features.get(id),
    dateOf: input.dateOf,
  });
}

/** Novelty, variety and popularity, with and without the dials; null where song vectors alone recommend: playlists are not known then. */
export function measureEdition(
  { items, neutral }: Composed,
  { input }: PreparedRecipe,
  { blend, vectors: { model } }: OpenRecommenders,
): Json {
  if (blend === undefined) return null;
  const { playlists } = blend.world;
  const world = {
    vectors: { values: model.input, dimensions: model.dimensions },
    playlists: playlists.playlists,
    holders: allHolders(playlists),
    artists: input.artists,
  };
  const measured = describeEdition(items, world);
  const without = neutral && describeEdition(neutral.items, world);
  return {
    words: describeMeasures(measured, without),
    chosen: asJson(measured),
    neutral: without === undefined ? null : asJson(without),
  };
}

function asJson(measures: EditionMeasures): { [name: string]: Json } {
  return { ...measures };
}

import type { Rows } from '../vectors/nearest.ts';
import type { CatalogueTrack } from './catalogue.ts';
import type { RankedCandidate } from './compose.ts';
import { flow } from './flow.ts';
import type { Recipe } from './recipe.ts';
import type { Sound } from './song-distance.ts';

/** What orders go by. */
export interface OrderFacts {
  readonly vectors: Rows;
  readonly soundOf: (track: CatalogueTrack) => Sound | undefined;
  readonly dateOf: (track: CatalogueTrack) => Date | undefined;
}

/**
 * The songs of an edition, given best first, in a recipe's order. `flow`: flow.ts; `date`: oldest first, those without a date last,
 * best first; `score`: as they are.
 */
export function orderEdition(
  items: readonly RankedCandidate[],
  order: Recipe['order'],
  { vectors, soundOf, dateOf }: OrderFacts,
): RankedCandidate[] {
  if (order === 'score') return [...items];
  if (order === 'date') {
    const dated = items.map((item) => ({ item, at: dateOf(item.track)?.getTime() ?? Number.POSITIVE_INFINITY }));
    return dated.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ item }) => item);
  }
  const songs = items.map((item) => ({ row: item.row, sound: soundOf(item.track), item }));
  return flow(songs, vectors).map(({ item }) => item);
}

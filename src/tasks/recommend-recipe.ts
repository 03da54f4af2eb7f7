import type { Catalogue } from '../recommend/catalogue.ts';
import type { Dials } from '../recommend/dials.ts';
import type { ListeningHistory } from '../recommend/listening-history.ts';
import { fillRecipe, type ParameterValues } from '../recommend/read-recipe.ts';
import type { Recipe } from '../recommend/recipe.ts';
import { type RecipeInput, recipeInput } from '../recommend/recipe-input.ts';
import { leaveOutPlays, seedAllowed } from '../recommend/taste-plays.ts';
import { type TasteRule, withDefaults } from '../recommend/taste-rules.ts';
import type { Store } from '../store/connect.ts';
import { findRecipe, type RecipeFolders } from './recipe-files.ts';
import { readHistory } from './recipe-history.ts';
import { type FoundSeeds, findSeeds } from './recommend-seeds.ts';

export interface ChosenRecipe {
  readonly recipe: string;
  readonly parameters: ParameterValues;
  /** What the input says of them goes before the recipe. */
  readonly adventurousness?: number | undefined;
  readonly variety?: number | undefined;
  readonly order?: Recipe['order'] | undefined;
}

/** Throws ExpectedError `not-found`, `bad-recipe` and `bad-input`. */
export async function readChosenRecipe(folders: RecipeFolders, chosen: ChosenRecipe): Promise<Recipe> {
  const { file } = await findRecipe(folders, chosen.recipe);
  const recipe = fillRecipe(file, chosen.parameters);
  const dials: Dials = {
    adventurousness: chosen.adventurousness ?? recipe.dials.adventurousness,
    variety: chosen.variety ?? recipe.dials.variety,
  };
  return { ...recipe, dials, order: chosen.order ?? recipe.order };
}

/** A recipe with what the listener's history makes of it. */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly input: RecipeInput;
  readonly history: ListeningHistory;
  /** Undefined: there is nothing to start from, and the recipe wants something. */
  readonly found: FoundSeeds | undefined;
}

export interface RecipeNeeds {
  readonly store: Store;
  readonly listenerId: number;
  readonly timeZone: string;
  readonly catalogue: Catalogue;
  /** The listener's own taste rules: plays that they leave out are no seeds, nor part of a pool. */
  readonly rules: readonly TasteRule[];
  readonly asked: { readonly length: number; readonly days: number; readonly seeds: 'all' | 'export' };
  readonly now: Date;
}

export async function prepareRecipe(
  recipe: Recipe,
  { store, listenerId, timeZone, catalogue, rules, asked, now }: RecipeNeeds,
): Promise<PreparedRecipe> {
  const held = withDefaults(rules);
  const all = await readHistory(store.db, listenerId, recipe, { now, seeds: asked.seeds });
  const { kept, ...leftOut } = leaveOutPlays(all.listens, held, timeZone);
  const isAllowed = seedAllowed(held);
  const history = { ...all, listens: kept, liked: all.liked.filter(isAllowed), top: all.top.filter(isAllowed) };
  const { length, days } = asked;
  const input = recipeInput(recipe, history, catalogue, { now, timeZone, defaults: { length, days } });
  if (startsFromLatest(recipe)) {
    const found = await findSeeds(store.db, listenerId, catalogue, { ...asked, now }, { rules: held, timeZone });
    return { recipe, input, history, found };
  }
  const { matched, missing } = input.seeds.matching;
  const isEmpty = matched.length + missing.length === 0 && recipe.seeds.length > 0;
  return { recipe, input, history, found: isEmpty ? undefined : { ...input.seeds, leftOut } };
}

/** The plays of the last days, and longer ones where they are too few: what an edition, its previews and what-ifs start from alike. */
function startsFromLatest({ seeds: [only, ...others], widenSeeds }: Recipe): boolean {
  return widenSeeds && others.length === 0 && only?.from === 'plays' && only.period === undefined && only.atLeast === 1;
}

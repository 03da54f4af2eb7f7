import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { describeMatching, type Matching } from '../recommend/matching.ts';
import { periodWords } from '../recommend/period.ts';
import type { Recipe } from '../recommend/recipe.ts';
import type { Store } from '../store/connect.ts';
import { type EditionContents, readEdition, saveEdition } from '../store/editions.ts';
import { findEditionToPublish } from '../store/publications.ts';
import { saveTracks } from '../store/tracks.ts';
import type { RecommenderKeeper } from './kept-recommenders.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import type { RecipeFolders } from './recipe-files.ts';
import { composeEdition } from './recommend-composition.ts';
import { draftEdition } from './recommend-draft.ts';
import { inOrder, limitsOf, measureEdition, supplyOf } from './recommend-edition.ts';
import { prepareRecipe, readChosenRecipe } from './recommend-recipe.ts';
import { describeTaste, readOwnRules, tasteOfSongs } from './recommend-rules.ts';
import { type NamedRule, recommendWithout } from './recommend-without.ts';
import { readInput } from './task-input.ts';

export interface RecommendDeps {
  readonly store: Store;
  readonly recommenders: RecommenderKeeper;
  readonly listenerId: number;
  /** IANA time zone in which reasons name days and taste rules count hours. */
  readonly timeZone: string;
  /** Where recipes lie. */
  readonly recipes: RecipeFolders;
  /** What an input leaves open. */
  readonly defaults?: { readonly length?: number; readonly days?: number };
}

const NAME = 'recommend';

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item).min(1), item.transform((one) => [one])]);

const inputSchema = z.strictObject({
  /** Songs in the edition. */
  length: z.int().min(1).max(10_000).optional(),
  /** Days of plays to start from. */
  days: z.int().min(1).max(3650).optional(),
  /** Most songs by one artist; absent: as the taste rules say. */
  perArtist: z.int().min(1).optional(),
  /** Weeks in which a song is not recommended again; absent: as the taste rules say. */
  notAgainWeeks: z.int().min(0).optional(),
  /** Which plays and likes may be seeds: all, or those of the owner's export only (docs/policy.md). */
  seeds: z.enum(['all', 'export']).default('all'),
  /** How it is made: a recipe's name (segue recipes). */
  recipe: z.string().min(1).default('weekly'),
  /** Values of the recipe's parameters. */
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** Dials, 0 to 1, and the order of the songs; absent: as the recipe says. */
  adventurousness: z.number().min(0).max(1).optional(),
  variety: z.number().min(0).max(1).optional(),
  order: z.enum(['flow', 'score', 'date']).optional(),
  /** What-if: taste rules (id, text or object) whose plays are as if they did not exist. No edition is stored. */
  without: oneOrMore(z.union([z.string().min(1), z.record(z.string(), z.unknown())])).optional(),
});
/** Fields of `inputSchema`, all optional. */
export type RecommendInput = { readonly [setting: string]: Json } | null;

/**
 * Composes an edition, a draft: seeds, candidates, rules, reasons. The same run key gives the same edition. Skipped where
 * there is nothing at all to start from. With `without` it stores nothing and gives the difference that those plays make
 * (recommend-without.ts). Throws ExpectedError `bad-input`, `bad-rule`, `no-model`, `no-seed-known`, `nothing-to-recommend`
 * and what opening the recommenders throws.
 */
export function recommend(deps: RecommendDeps): Task<RecommendInput> {
  return {
    name: NAME,
    summary: 'Composes an edition: songs not heard before, each with its reason.',
    timeoutMs: 30 * 60_000,
    maxAttempts: 3,
    run: (input, context) => run(deps, input ?? {}, context),
  };
}

async function run(deps: RecommendDeps, raw: unknown, context: TaskContext): Promise<TaskOutput> {
  const { store, listenerId, recommenders } = deps;
  const { without, ...asked } = readSettings(raw, deps);
  if (without !== undefined) {
    return await recommenders.use(context.signal, (opened) =>
      recommendWithout(deps, opened, without as NamedRule[], asked, context),
    );
  }
  const before = await findEditionToPublish(store.db, listenerId, { runKey: context.runKey });
  if (before !== undefined) return summarise((await readEdition(store.db, before.editionId))!);

  const recipe = await readChosenRecipe(deps.recipes, asked);
  const length = lengthAsked(raw) ?? recipe.length ?? asked.length;
  return await recommenders.use(context.signal, (opened) =>
    makeEdition(deps, recipe, { ...asked, length }, opened, context),
  );
}

async function makeEdition(
  { store, listenerId, timeZone }: RecommendDeps,
  recipe: Recipe,
  asked: Omit<ReturnType<typeof readSettings>, 'without'>,
  opened: OpenRecommenders,
  context: TaskContext,
): Promise<TaskOutput> {
  const now = context.clock.now();
  if (opened.blend === undefined) {
    context.log.warn('song vectors alone recommend: segue fit-recommenders makes the others ready');
  }
  const rules = await readOwnRules(store.db, listenerId);
  const taste = await tasteOfSongs(store.db, rules, asked);
  const { catalogue } = opened.vectors;
  const prepared = await prepareRecipe(recipe, { store, listenerId, timeZone, catalogue, rules, asked, now });
  const { found, input } = prepared;
  if (found === undefined) {
    return {
      skipped: 'no plays, liked songs or top songs to start from: run segue sync-plays or segue import-history first',
    };
  }
  if (input.own === undefined) {
    context.log.info(`seeds: ${describeMatching(found.matching)}, from ${found.from}`);
    if (found.matching.matched.length === 0) throw noSeedKnown(found.matching);
  }

  const { length } = asked;
  const songRules = { ...taste.rules, ...limitsOf(recipe, rules, asked), filters: input.rules.filters ?? [], length };
  const supply = supplyOf(prepared, opened, now);
  const composed = await composeEdition(store, listenerId, opened, found.matching, songRules, context, supply);
  const items = await inOrder(store, composed.items, prepared, opened);
  const composition = { items, rejected: composed.rejected };
  const { rejected } = composition;
  if (items.length === 0) throw nothingLeft(rejected.length, recipe);
  if (items.length < length) context.log.warn(`only ${items.length} of ${length} songs were left`);
  const candidates = [...items, ...rejected.map(({ candidate }) => candidate)];
  const { perArtist, notAgainWeeks } = songRules;
  const settings = {
    length,
    days: asked.days,
    seeds: asked.seeds,
    parameters: asked.parameters,
    perArtist,
    notAgainWeeks,
    dials: { ...recipe.dials },
    order: recipe.order,
    measures: measureEdition(composed, prepared, opened),
    taste: describeTaste(rules, found, taste.explicitUnknown(composition)),
  };
  const draft = draftEdition(composition, found, opened, settings, prepared, { now, timeZone });
  const editionId = await store.transaction(async (transaction) => {
    await saveTracks(
      transaction,
      candidates.map(({ track }) => track),
    );
    return await saveEdition(transaction, { ...draft, listenerId, runKey: context.runKey });
  });
  return summarise((await readEdition(store.db, editionId))!);
}

/** The recipe's length goes before that of the settings, but not before what was asked for. */
function lengthAsked(raw: unknown): number | undefined {
  return readInput(NAME, inputSchema, raw).length;
}

/** What the input leaves open comes from the settings, else 30 songs from 7 days. */
function readSettings(raw: unknown, { defaults }: RecommendDeps) {
  const { length = defaults?.length ?? 30, days = defaults?.days ?? 7, ...rest } = readInput(NAME, inputSchema, raw);
  return { length, days, ...rest };
}

function summarise(edition: EditionContents): { [name: string]: Json } {
  const rejected: Record<string, number> = {};
  for (const { rule } of edition.rejected) rejected[rule] = (rejected[rule] ?? 0) + 1;
  const {
    found,
    from,
    taste = null,
    measures = null,
  } = edition.settings as {
    found: string;
    from: string;
    taste?: Json;
    measures?: Json;
  };
  return {
    edition: edition.editionId,
    title: edition.title,
    recipe: edition.recipe,
    items: edition.items.length,
    seedsFound: edition.seedsFound,
    seedsTotal: edition.seedsTotal,
    found,
    from,
    rejected,
    recommenders: creditOf(edition),
    taste,
    measures,
  };
}

/** Songs won, by recommender; most first. */
function creditOf({ items }: EditionContents): { [recommender: string]: number } {
  const won = Map.groupBy(items, ({ recommender }) => recommender);
  const counts = Array.from(won, ([recommender, songs]) => [recommender, songs.length] as const);
  return Object.fromEntries(counts.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

function noSeedKnown({ missing }: Matching): ExpectedError {
  const examples = missing.slice(0, 3).map(({ title, artists }) => `${title} by ${artists[0] ?? 'unknown'}`);
  return new ExpectedError('no-seed-known', 'None of your songs is in the model.', {
    why: `Found 0 of ${missing.length}, looked for by id, ISRC, title and artist; for example ${examples.join(', ')}.`,
    hint: 'Import playlists with music like yours (segue import-playlists), then segue build-corpus and segue train-vectors.',
  });
}

function nothingLeft(rejected: number, { name, pool }: Recipe): ExpectedError {
  if (pool.from === 'history') {
    const when = periodWords(pool.period);
    return new ExpectedError('nothing-to-recommend', 'No song of your own fits.', {
      why:
        rejected === 0
          ? `You played no song ${pool.atLeast === 1 ? '' : `${pool.atLeast} times `}${when === 'ever' ? 'yet' : when}.`
          : `The recipe or a taste rule leaves out all ${rejected} of those that you played ${when}.`,
      hint: `See what it asks for (segue recipes show ${name}), choose another time, or import more history (segue import-history).`,
    });
  }
  return new ExpectedError('nothing-to-recommend', 'No song is left to recommend.', {
    why: `All ${rejected} candidates were heard, liked or recommended before, or a taste rule leaves them out.`,
    hint: 'Import more playlists (segue import-playlists, build-corpus, train-vectors), or remove a rule (segue taste).',
  });
}

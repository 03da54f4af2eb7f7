// What a change of the taste rules would do, before it is made. Nothing is written.
import { isExpected } from '../base/errors.ts';
import type { Json, TaskContext } from '../base/task.ts';
import type { Seed } from '../recommend/seeds.ts';
import { leaveOutPlays, type RuleEffect } from '../recommend/taste-plays.ts';
import { type TasteRule, withDefaults } from '../recommend/taste-rules.ts';
import { listEditionHeads } from '../store/edition-heads.ts';
import { type EditionContents, readEdition } from '../store/editions.ts';
import { type PlayedTrack, readListens } from '../store/listens.ts';
import { type ComposeDeps, type ComposeSettings, composeUnder } from './compose-under.ts';
import type { RecommenderKeeper } from './kept-recommenders.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import type { SongVectors } from './open-song-vectors.ts';
import { findSeeds } from './recommend-seeds.ts';
import { difference, seedsOf, titleOf } from './recommend-without.ts';

type Song = { [name: string]: Json };

export interface TastePreview {
  readonly plays: {
    /** Listens of all times; private ones are among them. */
    readonly total: number;
    readonly leftOutBefore: number;
    readonly leftOutAfter: number;
    /** Of the rules as they would be. */
    readonly effects: readonly RuleEffect[];
  };
  /** Of an edition made now; null where there is no model. */
  readonly seeds: {
    readonly before: number;
    readonly after: number;
    readonly go: Song[];
    readonly come: Song[];
  } | null;
  /** Of the last weekly edition, composed again as of its day; null where there is none, or no model. */
  readonly edition: {
    readonly edition: number;
    readonly items: number;
    /** Songs that would not have been there. */
    readonly go: Song[];
    /** Songs that would have been there instead. */
    readonly come: Song[];
    /** Songs that the rules of today would not bring again either, for example since the model is another. */
    readonly unsure: number;
  } | null;
}

export interface PreviewDeps extends ComposeDeps {
  readonly recommenders: RecommenderKeeper;
}

/** Compares the rules `before` with those `after` a change, by the plays, the seeds and the last edition. */
export async function previewTaste(
  deps: PreviewDeps,
  before: readonly TasteRule[],
  after: readonly TasteRule[],
  settings: ComposeSettings,
  context: TaskContext,
): Promise<TastePreview> {
  const { store, listenerId, timeZone } = deps;
  const until = context.clock.now();
  const plays = await readListens(store.db, listenerId, { since: null, until }, ['api', 'export']);
  const changed = leaveOutPlays(plays, withDefaults(after), timeZone);
  const leftOutBefore = leaveOutPlays(plays, withDefaults(before), timeZone).leftOut;
  const compared = await withRecommendersIfAny(deps, context.signal, async (opened) => ({
    seeds: await compareSeeds(deps, opened.vectors, [before, after], settings, context),
    edition: await compareEdition(deps, opened, [before, after], context),
  }));
  return {
    plays: { total: plays.length, leftOutBefore, leftOutAfter: changed.leftOut, effects: changed.effects },
    ...(compared ?? { seeds: null, edition: null }),
  };
}

/** What each rule that holds leaves out of all listens. */
export async function countEffects(
  { store, listenerId, timeZone }: ComposeDeps,
  rules: readonly TasteRule[],
  until: Date,
): Promise<{ readonly total: number; readonly leftOut: number; readonly effects: readonly RuleEffect[] }> {
  const plays: readonly PlayedTrack[] = await readListens(store.db, listenerId, { since: null, until }, [
    'api',
    'export',
  ]);
  const { leftOut, effects } = leaveOutPlays(plays, rules, timeZone);
  return { total: plays.length, leftOut, effects };
}

/** Editions among which the last weekly one is looked for. */
const LOOKED_BACK = 20;

type Two = readonly [before: readonly TasteRule[], after: readonly TasteRule[]];

async function compareSeeds(
  deps: ComposeDeps,
  { catalogue }: SongVectors,
  rules: Two,
  { days, seeds }: ComposeSettings,
  { clock }: TaskContext,
): Promise<TastePreview['seeds']> {
  const [had, has] = await Promise.all(
    rules.map(async (held): Promise<Seed[]> => {
      const seedRules = { rules: withDefaults(held), timeZone: deps.timeZone };
      const asked = { days, seeds, now: clock.now() };
      return seedsOf({ found: await findSeeds(deps.store.db, deps.listenerId, catalogue, asked, seedRules) });
    }),
  );
  const { go, come } = difference(had!, has!, ({ id }) => id);
  return { before: had!.length, after: has!.length, go: go.map(titleOf), come: come.map(titleOf) };
}

async function compareEdition(
  deps: ComposeDeps,
  opened: OpenRecommenders,
  [before, after]: Two,
  context: TaskContext,
): Promise<TastePreview['edition']> {
  const { db } = deps.store;
  // Other recipes start from something else, and composing anew would compare two different things.
  const heads = await listEditionHeads(db, deps.listenerId, { limit: LOOKED_BACK });
  const head = heads.find(({ recipe }) => recipe === 'weekly');
  const edition = head && (await readEdition(db, head.editionId));
  if (edition === undefined) return null;
  // As of that day and under that key: otherwise its own songs would count as recommended lately.
  const asOf = { ...context, runKey: edition.runKey, clock: { ...context.clock, now: () => edition.createdAt } };
  const settings = settingsOf(edition);
  const again = await composeUnder(deps, opened, { rules: before }, settings, asOf);
  const changed = await composeUnder(deps, opened, { rules: after }, settings, asOf);
  const { go, come } = difference(again.composition.items, changed.composition.items, ({ track }) => track.id);
  const held = new Set(edition.items.map(({ trackId }) => trackId));
  const composed = new Set(again.composition.items.map(({ track }) => track.id));
  return {
    edition: edition.editionId,
    items: edition.items.length,
    go: go.filter(({ track }) => held.has(track.id)).map(({ track }) => titleOf(track)),
    come: come.map(({ track }) => titleOf(track)),
    unsure: edition.items.filter(({ trackId }) => !composed.has(trackId)).length,
  };
}

/** What the edition was asked for; what the rules say of songs is left to them. */
function settingsOf({ settings, items }: EditionContents): ComposeSettings {
  const { length = items.length, days = 7, seeds = 'all' } = settings as Partial<ComposeSettings>;
  return { length, days, seeds };
}

/** Undefined where there is no model yet. */
async function withRecommendersIfAny<Result>(
  { recommenders }: PreviewDeps,
  signal: AbortSignal,
  work: (opened: OpenRecommenders) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await recommenders.use(signal, work);
  } catch (error) {
    if (isExpected(error) && error.code === 'no-model') return undefined;
    throw error;
  }
}

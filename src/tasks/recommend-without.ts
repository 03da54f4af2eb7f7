// What-if: recommends as if some plays did not exist, and says what that changes. Nothing is stored.
import type { Json, TaskContext, TaskOutput } from '../base/task.ts';
import type { RankedCandidate } from '../recommend/compose.ts';
import type { Seed } from '../recommend/seeds.ts';
import { namesPlays } from '../recommend/taste-plays.ts';
import { ruleId, subjectOf, type TasteRule } from '../recommend/taste-rules.ts';
import { badRule, checkRule } from '../recommend/taste-text.ts';
import { ruleWords } from '../recommend/taste-words.ts';
import { type ComposeDeps, type Composed, type ComposeSettings, composeUnder } from './compose-under.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import { readOwnRules } from './recommend-rules.ts';
import { findMeant, resolveRule } from './resolve-rule.ts';

/** A rule as the input names it: its id, the text of one, or one itself. */
export type NamedRule = string | { readonly [name: string]: unknown };

/**
 * Composes twice: with the plays that the rules name, even where one of them holds, and as if those plays did not exist.
 * Throws ExpectedError `bad-rule` where one is no rule, or leaves no plays out.
 */
export async function recommendWithout(
  deps: ComposeDeps,
  opened: OpenRecommenders,
  named: readonly NamedRule[],
  settings: ComposeSettings,
  context: TaskContext,
): Promise<TaskOutput> {
  const { store, listenerId } = deps;
  const own = await readOwnRules(store.db, listenerId);
  const absent: TasteRule[] = [];
  for (const each of named) absent.push(await playRule(deps, own, each));
  const rules = without(own, absent);
  const before = await composeUnder(deps, opened, { rules }, settings, context);
  const after = await composeUnder(deps, opened, { rules, absent }, settings, context);
  if (before.found === undefined && after.found === undefined)
    return { skipped: 'no plays, liked songs or top songs to start from, with or without these plays' };
  const effects = after.found?.leftOut.effects ?? [];
  const seeds = difference(seedsOf(before), seedsOf(after), ({ id }) => id);
  const songs = difference(before.composition.items, after.composition.items, ({ track }) => track.id);
  return {
    stored: false,
    without: absent.map((rule) => {
      const { plays = 0, unknown = 0 } = effects.findLast(({ id }) => id === ruleId(rule)) ?? {};
      return { id: ruleId(rule), words: ruleWords(rule), holds: holds(own, rule), plays, unknown };
    }),
    from: { before: before.found?.from ?? null, after: after.found?.from ?? null },
    seeds: {
      before: seedsOf(before).length,
      after: seedsOf(after).length,
      go: seeds.go.map(titleOf),
      come: seeds.come.map(titleOf),
    },
    items: { before: before.composition.items.length, after: after.composition.items.length },
    go: songs.go.map(songOf),
    come: songs.come.map(songOf),
    stay: songs.stay,
  };
}

async function playRule(
  { store, listenerId }: ComposeDeps,
  own: readonly TasteRule[],
  named: NamedRule,
): Promise<TasteRule> {
  const text = typeof named === 'string' ? named : JSON.stringify(named);
  const held = typeof named === 'string' ? findMeant(own.filter(namesPlays), named) : undefined;
  const rule =
    held ?? (typeof named === 'string' ? await resolveRule(store.db, listenerId, named) : checkRule(named, text));
  if (namesPlays(rule) !== undefined) return rule;
  const why = 'It is about songs alone; segue taste add --preview shows what it would change.';
  throw badRule(text, why, 'a taste rule that leaves plays out');
}

/** The rules as they would be if none left these plays out. */
function without(own: readonly TasteRule[], absent: readonly TasteRule[]): TasteRule[] {
  const subjects = new Set(absent.map(subjectOf));
  const rules = own.flatMap((rule): TasteRule[] => {
    if (!subjects.has(subjectOf(rule)) || namesPlays(rule) === undefined) return [rule];
    // Whether the artist or song may be recommended is another question than whether its plays count.
    const isOfSongs = (rule.rule === 'artist' || rule.rule === 'track') && rule.only === undefined;
    return isOfSongs ? [{ ...rule, only: 'songs' }] : [];
  });
  return subjects.has('private') ? [...rules, { rule: 'private', counts: true }] : rules;
}

function holds(own: readonly TasteRule[], rule: TasteRule): boolean {
  const same = own.find((other) => subjectOf(other) === subjectOf(rule));
  return same === undefined ? rule.rule === 'private' : namesPlays(same) !== undefined;
}

export function seedsOf({ found }: Pick<Composed, 'found'>): Seed[] {
  return found === undefined ? [] : [...found.matching.matched.map(({ seed }) => seed), ...found.matching.missing];
}

export interface Difference<Item> {
  /** In the first list alone, in its order. */
  readonly go: Item[];
  /** In the second alone, in its order. */
  readonly come: Item[];
  /** How many are in both. */
  readonly stay: number;
}

export function difference<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): Difference<Item> {
  const had = new Set(before.map(keyOf));
  const has = new Set(after.map(keyOf));
  const go = before.filter((item) => !has.has(keyOf(item)));
  return { go, come: after.filter((item) => !had.has(keyOf(item))), stay: before.length - go.length };
}

export function titleOf({ id, title, artists }: Pick<Seed, 'id' | 'title' | 'artists'>): { [name: string]: Json } {
  return { trackId: id, title, artists: [...artists] };
}

export function songOf({ track }: RankedCandidate): { [name: string]: Json } {
  return titleOf(track);
}

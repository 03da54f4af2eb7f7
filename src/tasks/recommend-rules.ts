// The taste rules that hold, and what they make of a composition.
import type { Kysely } from 'kysely';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { Composition, CompositionRules } from '../recommend/compose.ts';
import { ruleId, subjectOf, type TasteRule, tasteRule, withDefaults } from '../recommend/taste-rules.ts';
import { explicitOf, songRules } from '../recommend/taste-songs.ts';
import { ruleWords } from '../recommend/taste-words.ts';
import type { Database } from '../store/schema.ts';
import { readExplicit } from '../store/taste-lookups.ts';
import { readTasteRules, type StoredRule } from '../store/taste-rules.ts';
import type { FoundSeeds } from './recommend-seeds.ts';

/** The listener's own rules, the oldest first, without the defaults. Throws ExpectedError `rule-unknown`. */
export async function readOwnRules(db: Kysely<Database>, listenerId: number): Promise<TasteRule[]> {
  return (await readTasteRules(db, listenerId)).map(({ id, rule }) => {
    const parsed = tasteRule.safeParse(rule);
    if (parsed.success) return parsed.data;
    throw new ExpectedError('rule-unknown', `The taste rule ${id} cannot be read.`, {
      why: 'A newer Segue wrote it, or it was changed by hand.',
      hint: `segue taste remove "${id}" removes it; or use the Segue that wrote it.`,
    });
  });
}

/** A rule as the store keeps it. */
export function storedRule(rule: TasteRule): StoredRule {
  return { id: ruleId(rule), subject: subjectOf(rule), rule: rule as Json };
}

/** What the task's input says itself goes before the rules. */
export interface AskedOfSongs {
  readonly perArtist?: number | undefined;
  readonly notAgainWeeks?: number | undefined;
}

export interface TasteOfSongs {
  readonly rules: Omit<CompositionRules, 'length'> & { readonly notAgainWeeks: number };
  /** Songs of a composition of which nobody knows whether they are explicit; undefined where that does not matter. */
  explicitUnknown(composition: Composition): number | undefined;
}

/** What the rules say of candidates. */
export async function tasteOfSongs(
  db: Kysely<Database>,
  rules: readonly TasteRule[],
  asked: AskedOfSongs,
): Promise<TasteOfSongs> {
  const said = songRules(rules);
  const isExplicit = said.explicitAllowed ? undefined : explicitOf(await readExplicit(db));
  return {
    rules: {
      perArtist: asked.perArtist ?? said.perArtist,
      notAgainWeeks: asked.notAgainWeeks ?? said.notAgainWeeks,
      likedAllowed: said.likedAllowed,
      leavesOut: (track) => said.leavesOut(track) ?? (isExplicit?.(track) === true ? 'explicit' : undefined),
    },
    explicitUnknown: ({ items }) => isExplicit && items.filter(({ track }) => isExplicit(track) === undefined).length,
  };
}

/** The rules that held and what each left out of the plays that seeds are from, as an edition's settings keep it. */
export function describeTaste(
  rules: readonly TasteRule[],
  { leftOut: { leftOut, effects } }: FoundSeeds,
  explicitUnknown: number | undefined,
): { [name: string]: Json } {
  const described = withDefaults(rules).map((rule) => {
    const effect = effects.find(({ id }) => id === ruleId(rule));
    const counts = effect && { plays: effect.plays, unknown: effect.unknown };
    return { id: ruleId(rule), words: ruleWords(rule), ...counts };
  });
  return { rules: described, playsLeftOut: leftOut, ...(explicitUnknown === undefined ? {} : { explicitUnknown }) };
}

import { ExpectedError, isExpected } from '../base/errors.ts';
import { ruleId, subjectOf, type TasteRule, tasteRule } from '../recommend/taste-rules.ts';
import { changeTasteRules, type HeldRule, readTasteRules } from '../store/taste-rules.ts';
import { readOwnRules } from '../tasks/recommend-rules.ts';
import { findRule } from '../tasks/resolve-rule.ts';
import type { CliCommand, CommandContext, CommandResult } from './command.ts';
import { quoted } from './taste-add.ts';
import { changeTaste } from './taste-change.ts';

export const tasteRemove: CliCommand = {
  name: 'taste remove',
  summary: 'Remove taste rules; --preview shows what that would change.',
  runs: 'app',
  examples: ['taste remove december', 'taste remove "artist:Enya" hour:2-5 --preview'],
  define: (command) =>
    command
      .argument('<rules...>', 'rules as segue taste lists them')
      .option('--preview', 'show what it would change, and change nothing'),
  async run({ args, options }, context) {
    const { store, listener } = await context.app();
    const texts = args[0] as string[];
    const stored = await readTasteRules(store.db, listener.id);
    const unreadable = texts.length === 1 ? stored.find((rule) => isUnreadable(rule, texts[0]!)) : undefined;
    if (unreadable) return await removeUnreadable(unreadable, stored, context);
    const before = await readOwnRules(store.db, listener.id);
    const gone = new Set(texts.map((text) => subjectOf(find(before, text))));
    const after = before.filter((rule) => !gone.has(subjectOf(rule)));
    const removed = before.filter((rule) => gone.has(subjectOf(rule))).map(ruleId);
    const again = `segue taste remove ${texts.map(quoted).join(' ')}`;
    const preview = options.preview === true;
    return await changeTaste({ before, after, summary: `removed ${removed.join(', ')}`, preview, again }, context);
  },
};

function find(rules: readonly TasteRule[], text: string): TasteRule {
  try {
    return findRule(rules, text);
  } catch (error) {
    const isDefault = ['private', 'no-liked', 'per-artist:2', 'not-again:8'].includes(text.trim().toLowerCase());
    if (!isDefault || !isExpected(error)) throw error;
    throw new ExpectedError('no-such-rule', `"${text}" is a default, which cannot be removed.`, {
      why: 'It holds as long as no rule of yours says otherwise.',
      hint: 'Say otherwise: segue taste add --help names allow-private, allow-liked, --per-artist and --not-again.',
    });
  }
}

function isUnreadable({ id, rule }: HeldRule, text: string): boolean {
  return id.toLowerCase() === text.trim().toLowerCase() && !tasteRule.safeParse(rule).success;
}

/** A rule that a newer version wrote: what it does is not known, but it must not stand in the way for ever. */
async function removeUnreadable(
  rule: HeldRule,
  stored: readonly HeldRule[],
  { app, terminal }: CommandContext,
): Promise<CommandResult> {
  terminal.note(`What ${rule.id} does is not known to this version.`);
  const { store, listener, clock } = await app();
  const left = stored.filter((other) => other !== rule);
  const summary = `removed ${rule.id}`;
  const change = await changeTasteRules(store.db, listener.id, left, { summary, at: clock.now() });
  return {
    json: { preview: false, changed: true, change: change ?? null, added: [], removed: [{ id: rule.id, words: null }] },
    lines: [`${rule.id} is removed.`],
    next: 'segue taste undo takes it back',
  };
}

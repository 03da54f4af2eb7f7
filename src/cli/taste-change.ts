// What `taste add`, `remove` and `import` share: a change of the rules, previewed or made.
import type { App } from '../app.ts';
import type { Json, TaskContext } from '../base/task.ts';
import { ruleId, type TasteRule } from '../recommend/taste-rules.ts';
import { ruleWords } from '../recommend/taste-words.ts';
import { changeTasteRules } from '../store/taste-rules.ts';
import { storedRule } from '../tasks/recommend-rules.ts';
import { countEffects, previewTaste, type TastePreview } from '../tasks/taste-preview.ts';
import { type CommandContext, type CommandResult, EXIT } from './command.ts';
import { cut, formatNumber, paint, plural, wrap } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface WantedChange {
  readonly before: readonly TasteRule[];
  readonly after: readonly TasteRule[];
  /** For the history: "added december". */
  readonly summary: string;
  readonly preview: boolean;
  /** What does it, typed again without --preview. */
  readonly again: string;
}

/** Makes the change, or with `preview` shows what it would change and writes nothing. */
export async function changeTaste(wanted: WantedChange, context: CommandContext): Promise<CommandResult> {
  const app = await context.app();
  const { before, after, preview } = wanted;
  const text = (rule: TasteRule) => JSON.stringify(storedRule(rule));
  const [had, has] = [new Set(before.map(text)), new Set(after.map(text))];
  const added = after.filter((rule) => !had.has(text(rule)));
  const removed = before.filter((rule) => !has.has(text(rule)));
  const json = { preview, added: added.map(shown), removed: removed.map(shown) };
  if (added.length + removed.length === 0) {
    const lines = ['Nothing to change: the rules are so already.'];
    return { json: { ...json, changed: false }, lines, next: 'segue taste', exitCode: EXIT.nothingToDo };
  }
  const lines = [
    ...added.map((rule) => `${paint(context.terminal, 'green', '+')} ${ruleId(rule)}: ${ruleWords(rule)}`),
    ...removed.map((rule) => `${paint(context.terminal, 'red', '-')} ${ruleId(rule)}: ${ruleWords(rule)}`),
  ].flatMap((line) => wrap(line, context.terminal.width));
  if (preview) {
    const seen = await look(app, before, after, context.terminal);
    return {
      json: { ...json, changed: false, ...(JSON.parse(JSON.stringify(seen)) as { [name: string]: Json }) },
      lines: [...lines, '', ...previewLines(seen, added, context.terminal), '', 'Nothing was changed.'],
      next: wanted.again,
    };
  }
  const { store, listener, clock } = app;
  const at = clock.now();
  const change = await changeTasteRules(store.db, listener.id, after.map(storedRule), { summary: wanted.summary, at });
  const plays = await countEffects(tasteDeps(app), after, at);
  return {
    json: {
      ...json,
      changed: change !== undefined,
      change: change ?? null,
      effects: plays.effects.map((e) => ({ ...e })),
    },
    lines: [...lines, ...effectLines(plays, added, context.terminal)],
    next: 'segue recommend, or segue taste undo to take it back',
  };
}

function shown(rule: TasteRule): Json {
  return { id: ruleId(rule), words: ruleWords(rule) };
}

function tasteDeps({ store, listener, config, recommenders }: App) {
  return { store, listenerId: listener.id, timeZone: config.timeZone, recommenders };
}

async function look(
  app: App,
  before: readonly TasteRule[],
  after: readonly TasteRule[],
  { signal, progress }: Terminal,
): Promise<TastePreview> {
  const { clock, log, config } = app;
  const context: TaskContext = {
    runKey: 'taste-preview',
    attempt: 1,
    signal,
    log,
    progress,
    clock,
    random: Math.random,
  };
  return await previewTaste(tasteDeps(app), before, after, { ...config.edition, seeds: 'all' }, context);
}

type Effects = Pick<Awaited<ReturnType<typeof countEffects>>, 'total' | 'effects'>;

/** Of the rules that were added, those that leave plays out. */
function effectLines({ total, effects }: Effects, added: readonly TasteRule[], { width }: Terminal): string[] {
  const ids = new Set(added.map(ruleId));
  return effects
    .filter(({ id }) => ids.has(id))
    .flatMap(({ id, plays, unknown }) => {
      const kept = unknown === 0 ? '' : ` Of ${plural(unknown, 'play')} nobody knows; they count.`;
      return wrap(`${id} leaves out ${plural(plays, 'play')} of ${formatNumber(total)}.${kept}`, width);
    });
}

function previewLines(
  { plays, seeds, edition }: TastePreview,
  added: readonly TasteRule[],
  terminal: Terminal,
): string[] {
  const { total, leftOutBefore, leftOutAfter } = plays;
  return [
    ...effectLines(plays, added, terminal),
    `Plays left out: ${formatNumber(leftOutAfter)} of ${formatNumber(total)}, now ${formatNumber(leftOutBefore)}.`,
    ...(seeds === null
      ? ['There is no model yet: what it would change in a playlist is not known.']
      : [
          `Seeds: ${formatNumber(seeds.after)}, now ${formatNumber(seeds.before)}.`,
          ...songLines('-', seeds.go, terminal),
          ...songLines('+', seeds.come, terminal),
        ]),
    ...(edition === null
      ? []
      : [
          `Of the ${plural(edition.items, 'song')} of edition ${edition.edition}, ${formatNumber(edition.go.length)} would not have been there${edition.go.length === 0 ? '.' : ':'}`,
          ...songLines('-', edition.go, terminal),
          ...(edition.come.length === 0 ? [] : ['Instead:', ...songLines('+', edition.come, terminal)]),
          ...(edition.unsure === 0
            ? []
            : [`${plural(edition.unsure, 'song')} of it cannot be told of: they would not come again today either.`]),
        ]),
  ];
}

/** Most songs of a list that are shown. */
const SHOWN = 20;

export function songLines(
  sign: '+' | '-',
  songs: readonly { readonly [name: string]: Json }[],
  terminal: Terminal,
): string[] {
  const mark = paint(terminal, sign === '+' ? 'green' : 'red', sign);
  const lines = songs
    .slice(0, SHOWN)
    .map(({ title, artists }) => cut(`  ${mark} ${title} · ${(artists as string[]).join(', ')}`, terminal.width));
  return songs.length > SHOWN ? [...lines, `  and ${formatNumber(songs.length - SHOWN)} more`] : lines;
}

import type { Json } from '../base/task.ts';
import { ruleId, type TasteRule, withDefaults } from '../recommend/taste-rules.ts';
import { songsLeftOut } from '../recommend/taste-songs.ts';
import { ruleWords } from '../recommend/taste-words.ts';
import { listEditionHeads } from '../store/edition-heads.ts';
import { readEdition } from '../store/editions.ts';
import { listTasteChanges, type TasteChange } from '../store/taste-rules.ts';
import { readOwnRules } from '../tasks/recommend-rules.ts';
import { countEffects } from '../tasks/taste-preview.ts';
import type { CliCommand, CommandContext, CommandResult } from './command.ts';
import { formatNumber, formatTime, paint, plural, table, wrap } from './format.ts';
import { positiveNumber } from './option-values.ts';
import { percent } from './task-line.ts';
import type { Terminal } from './terminal.ts';

export const taste: CliCommand = {
  name: 'taste',
  summary: 'List the taste rules: which plays do not count, which songs do not come, and how much that is.',
  runs: 'app',
  examples: ['taste', 'taste --history', 'taste add december --preview', 'taste undo'],
  define: (command) =>
    command
      .option('--history', 'list the changes instead, the newest first')
      .option('--limit <n>', 'with --history: how many', positiveNumber, 20),
  run: async ({ options }, context) =>
    options.history === true ? await showHistory(options.limit as number, context) : await showRules(context),
};

async function showRules({ app, terminal }: CommandContext): Promise<CommandResult> {
  const { store, listener, config, clock } = await app();
  const own = await readOwnRules(store.db, listener.id);
  const rules = withDefaults(own);
  const deps = { store, listenerId: listener.id, timeZone: config.timeZone };
  const { total, leftOut, effects } = await countEffects(deps, rules, clock.now());
  const [head] = await listEditionHeads(store.db, listener.id, { limit: 1 });
  const edition = head && (await readEdition(store.db, head.editionId));
  const songs = songsLeftOut(rules, edition?.rejected ?? []);
  const rows = rules.map((rule, at): ShownRule => {
    const effect = effects.find(({ id }) => id === ruleId(rule));
    const { plays = null, unknown = null } = effect ?? {};
    return { rule, isDefault: !own.includes(rule), plays, unknown, songs: edition ? (songs[at] ?? null) : null };
  });
  return {
    json: {
      rules: rows.map(({ rule, isDefault, ...counts }) => ({
        id: ruleId(rule),
        words: ruleWords(rule),
        default: isDefault,
        ...counts,
        rule: rule as Json,
      })),
      plays: { total, leftOut },
      edition: edition?.editionId ?? null,
    },
    lines: [
      ...rows.flatMap((row) => ruleLines(row, total, edition?.editionId, terminal)),
      '',
      total === 0
        ? 'There are no plays yet.'
        : `Together they leave out ${plural(leftOut, 'play')} of ${formatNumber(total)}.`,
    ],
    next: own.length === 0 ? 'segue taste add --help' : 'segue taste add <rule> --preview',
  };
}

interface ShownRule {
  readonly rule: TasteRule;
  readonly isDefault: boolean;
  /** Null for a rule that leaves no plays out. */
  readonly plays: number | null;
  readonly unknown: number | null;
  /** Candidates of the last edition; null for a rule that leaves no songs out, and without an edition. */
  readonly songs: number | null;
}

function ruleLines(
  { rule, isDefault, plays, unknown, songs }: ShownRule,
  total: number,
  edition: number | undefined,
  terminal: Terminal,
): string[] {
  const name = paint(terminal, 'bold', ruleId(rule));
  const effects = [
    ...(plays === null || total === 0 ? [] : [`${plural(plays, 'play')} (${percent(plays / total)})`]),
    ...(songs === null ? [] : [`${plural(songs, 'song')} of edition ${edition}`]),
  ];
  const words = [
    ruleWords(rule),
    ...(effects.length === 0 ? [] : [`Leaves out ${effects.join(' and ')}.`]),
    ...(unknown ? [`Of ${plural(unknown, 'play')} nobody knows; they count.`] : []),
  ].join(' ');
  return [
    `${name}${isDefault ? paint(terminal, 'dim', '  (default)') : ''}`,
    ...wrap(words, terminal.width - 2).map((line) => `  ${line}`),
  ];
}

async function showHistory(limit: number, { app, terminal }: CommandContext): Promise<CommandResult> {
  const { store, listener, config } = await app();
  const changes = await listTasteChanges(store.db, listener.id, limit);
  const time = (at: Date) => formatTime(at, config.timeZone);
  const row = ({ summary, madeAt, undoneAt }: TasteChange) => [
    time(madeAt),
    undoneAt === null ? '' : `undone ${time(undoneAt)}`,
    summary,
  ];
  return {
    json: {
      changes: changes.map(({ changeId, summary, madeAt, undoneAt }) => ({
        change: changeId,
        summary,
        madeAt: madeAt.toISOString(),
        undoneAt: undoneAt?.toISOString() ?? null,
      })),
    },
    lines: changes.length === 0 ? ['The rules were never changed.'] : table(changes.map(row), terminal.width),
    next: changes.some(({ undoneAt }) => undoneAt === null) ? 'segue taste undo' : 'segue taste',
  };
}

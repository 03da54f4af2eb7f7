import type { EditionView } from '../api/contract.ts';
import { showEdition, showEditions } from '../server/edition-views.ts';
import type { CliCommand } from './command.ts';
import { cut, formatTime, paint, table, wrap } from './format.ts';
import { editionNumber } from './open-edition.ts';
import { positiveNumber } from './option-values.ts';
import type { Terminal } from './terminal.ts';

export const editions: CliCommand = {
  name: 'editions',
  summary: 'List the editions, or show one with the reason for every song.',
  runs: 'app',
  examples: ['editions', 'editions 12', 'editions newest'],
  define: (command) =>
    command
      .argument('[edition]', 'number of the edition, or "newest"', editionNumber)
      .option('--limit <n>', 'how many to list', positiveNumber, 20),
  async run({ args, options }, { app, terminal }) {
    const opened = await app();
    const time = (iso: string) => formatTime(new Date(iso), opened.config.timeZone);
    if (args[0] !== undefined) {
      const edition = await showEdition(opened, args[0] === 'newest' ? undefined : (args[0] as number));
      return {
        json: edition,
        lines: showSongs(edition, terminal),
        next: edition.publication ? 'segue' : `segue publish --edition ${edition.id}`,
      };
    }
    const found = await showEditions(opened, options.limit as number);
    const rows = found.map((edition) => [
      String(edition.id),
      edition.publication?.name ?? edition.title,
      edition.status,
      time(edition.createdAt),
      `from ${edition.seedsFound} of ${edition.seedsTotal} seeds`,
      edition.publication?.verifiedAt ? 'verified' : '',
    ]);
    return {
      json: { editions: found },
      lines: rows.length === 0 ? ['There is no edition yet.'] : table(rows, terminal.width),
      next: rows.length === 0 ? 'segue run weekly' : `segue editions ${found[0]!.id}`,
    };
  },
};

/** "neighbours 41 %, before ease 23 %, co-occurrence 20 %". */
export function shareWords(shares: NonNullable<EditionView['items'][number]['shares']>): string {
  const [winner, ...others] = shares
    .filter(({ share }) => share >= 0.005)
    .map(({ recommender, share }) => `${recommender} ${Math.round(100 * share)} %`);
  return winner === undefined
    ? 'by no recommender in particular'
    : [winner, ...(others.length > 0 ? [`before ${others.join(', ')}`] : [])].join(', ');
}

/** The songs of an edition, each with its reason under it. */
export function showSongs(edition: EditionView, terminal: Terminal): string[] {
  const digits = String(edition.items.length).length;
  const indent = ' '.repeat(digits + 2);
  return [
    `${paint(terminal, 'bold', edition.publication?.name ?? edition.title)}: ${edition.items.length} songs from ${edition.seedsFound} of ${edition.seedsTotal} recently played ones`,
    ...edition.items.flatMap((item) => [
      cut(
        `${String(item.position + 1).padStart(digits)}. ${paint(terminal, 'bold', item.title)} · ${item.artists.join(', ')}`,
        terminal.width,
      ),
      ...wrap(item.reason, terminal.width - indent.length).map((line) => paint(terminal, 'dim', `${indent}${line}`)),
      ...(item.shares === null
        ? []
        : [paint(terminal, 'dim', cut(`${indent}${shareWords(item.shares)}`, terminal.width))]),
    ]),
  ];
}

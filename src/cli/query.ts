import type { Json } from '../base/task.ts';
import { queryReadOnly } from '../store/query.ts';
import type { CliCommand } from './command.ts';
import { plural, table } from './format.ts';

export const query: CliCommand = {
  name: 'query',
  summary: 'Ask the database in SQL; nothing can be changed this way.',
  runs: 'app',
  examples: [
    `query "select * from listens_per_day order by day desc limit 7"`,
    `query "select * from top_track limit 10" --json`,
  ],
  define: (command) => command.argument('<sql>', 'one statement'),
  async run({ args }, { app, terminal }) {
    const { store } = await app();
    const rows = await queryReadOnly(store, args[0] as string);
    const names = Object.keys(rows[0] ?? {});
    const cells = rows.map((row) => names.map((name) => show(row[name])));
    return {
      json: { rows: JSON.parse(JSON.stringify(rows)) as Json },
      lines:
        rows.length === 0 ? ['No rows.'] : [...table([names, ...cells], terminal.width), plural(rows.length, 'row')],
    };
  },
};

function show(value: unknown): string | number {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

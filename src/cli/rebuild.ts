import { rebuild as rebuildFromRaw } from '../tasks/rebuild.ts';
import type { CliCommand } from './command.ts';
import { formatNumber, plural, table } from './format.ts';

export const rebuild: CliCommand = {
  name: 'rebuild',
  summary: 'Make plays and library again from the raw files; accounts, editions, models and runs stay.',
  runs: 'app',
  examples: ['rebuild', 'rebuild --allow-fewer'],
  define: (command) => command.option('--allow-fewer', 'go on even when fewer plays come out than there were'),
  async run({ options }, { app, terminal }) {
    const { store, config, clock, log } = await app();
    const rebuilt = await rebuildFromRaw(
      { store, dataDir: config.dataDir, allowFewer: options.allowFewer === true },
      { signal: terminal.signal, progress: terminal.progress, clock, log },
    );
    return {
      json: { ...rebuilt },
      lines: [
        'The database is made again from the raw files.',
        ...table(
          [
            ['plays', `${formatNumber(rebuilt.plays)} (${formatNumber(rebuilt.playsBefore)} before)`],
            [
              'from',
              `${plural(rebuilt.polls, 'poll')}, ${plural(rebuilt.historyFiles, 'export file')}, ${plural(rebuilt.libraryParts, 'look')} at the library`,
            ],
            ...(rebuilt.unreadable > 0 ? [['left out', `${plural(rebuilt.unreadable, 'unreadable line')}`]] : []),
          ],
          terminal.width,
        ),
      ],
      next: 'segue',
    };
  },
};

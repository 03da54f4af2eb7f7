import { findSimilar } from '../recommend/similar.ts';
import { openSongVectors } from '../tasks/open-song-vectors.ts';
import type { CliCommand } from './command.ts';
import { paint, table } from './format.ts';
import { positiveNumber } from './option-values.ts';

export const similar: CliCommand = {
  name: 'similar',
  summary: 'List the songs nearest to one, by song vectors.',
  runs: 'app',
  examples: [
    'similar "Foreigner - Feels Like the First Time"',
    'similar spotify:track:36xEjbl8DtevPJgw6i9IuY --count 5',
  ],
  define: (command) =>
    command
      .argument('<track...>', 'a track id, URI or link, or "artist - title"')
      .option('--count <n>', 'how many', positiveNumber, 10),
  async run({ args, options }, { app, terminal }) {
    const { store, config } = await app();
    const { model, catalogue } = await openSongVectors(store, config.dataDir);
    const query = (args[0] as string[]).join(' ');
    const { of, similar: near } = findSimilar(model, catalogue, query, options.count as number);
    return {
      json: {
        of: { id: of.id, title: of.title, artists: [...of.artists] },
        similar: near.map(({ track, similarity }) => ({
          id: track.id,
          title: track.title,
          artists: [...track.artists],
          similarity,
        })),
      },
      lines: [
        `Nearest to ${paint(terminal, 'bold', of.title)} · ${of.artists.join(', ')}`,
        ...table(
          near.map(({ track, similarity }) => [
            similarity.toFixed(2),
            track.title,
            track.artists.join(', '),
            paint(terminal, 'dim', track.id),
          ]),
          terminal.width,
        ),
      ],
    };
  },
};

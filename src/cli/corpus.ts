import { Argument } from 'commander';
import { type CorpusTableRow, tabulateCorpus } from '../corpus/corpus-table.ts';
import type { CorpusManifest } from '../corpus/manifest.ts';
import { latestCorpus, listCorpora, listCorpusParts, type StoredCorpus } from '../store/corpora.ts';
import type { CliCommand } from './command.ts';
import { showCorpusInfo } from './corpus-info.ts';
import { paint, table } from './format.ts';

export const corpus: CliCommand = {
  name: 'corpus',
  summary: 'Show what each source brings to the training corpus; of your plays as well.',
  runs: 'app',
  examples: ['corpus', 'corpus info', 'corpus info m3u-my-lists'],
  define: (command) =>
    command
      .addArgument(new Argument('[info]', 'info: how long playlists are and how often songs come').choices(['info']))
      .argument('[source]', 'with info: of this source; none: of the training corpus'),
  async run({ args }, context) {
    if (args[0] === 'info') return await showCorpusInfo(args[1] as string | undefined, context);
    const { app, terminal } = context;
    const { store } = await app();
    const training = await latestCorpus(store.db, 'training');
    const parts = training ? await listCorpusParts(store.db, training.corpusId) : [];
    const sources = await listCorpora(store.db, 'source');
    const { rows, total, waiting } = tabulateCorpus(
      training?.manifest as unknown as CorpusManifest | undefined,
      sources.map(({ manifest }) => manifest as unknown as CorpusManifest),
      new Map([
        ...parts.map(({ name, playsCovered }) => [name, playsCovered] as const),
        ['training', coveredByAll(training)],
      ]),
    );
    const head = ['source', 'format', 'playlists', 'tokens', 'tracks', 'new tracks', 'of your plays'];
    const line = (row: CorpusTableRow) => [
      row.part,
      row.format,
      row.playlists,
      row.tokens,
      row.tracks,
      row.newTracks ?? '',
      row.playsCovered === null ? '' : `${(row.playsCovered * 100).toFixed(1)} %`,
    ];
    return {
      json: {
        sources: rows.map((row) => ({ ...row })),
        total: total ? { ...total } : null,
        waiting: waiting.map((row) => ({ ...row })),
      },
      lines:
        rows.length + waiting.length === 0
          ? ['There are no playlists to learn from yet.']
          : [
              ...table(
                [head, ...rows.map(line), ...(total ? [['together', ...line(total).slice(1)]] : [])],
                terminal.width,
              ),
              ...(waiting.length > 0
                ? [
                    '',
                    paint(terminal, 'yellow', 'Not in the training corpus yet:'),
                    ...table(waiting.map(line), terminal.width),
                  ]
                : []),
            ],
      next:
        rows.length + waiting.length === 0
          ? 'segue import-playlists'
          : waiting.length > 0
            ? 'segue build-corpus'
            : 'segue train-vectors',
    };
  },
};

/** Share of the plays that all parts together cover, as `build-corpus` measured it. */
function coveredByAll(training: StoredCorpus | undefined): number | null {
  const share = (training?.manifest as CorpusManifest | undefined)?.provenance.playsCovered;
  return typeof share === 'number' ? share : null;
}

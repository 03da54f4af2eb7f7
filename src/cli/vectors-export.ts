import { basename, dirname, resolve } from 'node:path';
import { Option } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import { writeWholeFiles } from '../base/whole-files.ts';
import { EXPORT_FORMATS, type ExportFormat, exportVectors } from '../recommend/export-vectors.ts';
import { TOKEN_STYLES, type TokenStyle } from '../recommend/track-tokens.ts';
import { openSongVectors } from '../tasks/open-song-vectors.ts';
import type { CliCommand } from './command.ts';
import { formatBytes, formatNumber, plural } from './format.ts';
import { positiveNumber } from './option-values.ts';

const BY_ENDING: Record<string, ExportFormat> = {
  '.txt': 'word2vec-text',
  '.vec': 'word2vec-text',
  '.bin': 'word2vec-binary',
  '.parquet': 'parquet',
};

export const vectorsExport: CliCommand = {
  name: 'vectors export',
  summary: 'Write the song vectors for gensim, the Embedding Projector, pandas and others.',
  runs: 'app',
  examples: [
    'vectors export songs.bin',
    'vectors export songs.txt --tokens "artist - title"',
    'vectors export projector/ --format tsv --limit 10000',
    'vectors export songs.parquet --matrix output',
  ],
  define: (command) =>
    command
      .argument('<path>', 'a file (.gz packs it); for tsv a folder')
      .addOption(
        new Option('--format <name>', 'default: by the ending .txt, .vec, .bin or .parquet').choices(EXPORT_FORMATS),
      )
      .addOption(
        new Option('--matrix <name>', 'input: what a song is like; output: what it goes with')
          .choices(['input', 'output'])
          .default('input'),
      )
      .addOption(new Option('--tokens <style>', 'of word2vec files; default: id').choices(TOKEN_STYLES))
      .option('--limit <n>', 'only the most popular so many', positiveNumber)
      .option('--replace', 'even where a file has this name'),
  async run({ args, options }, { app, terminal }) {
    const path = resolve(terminal.folder, args[0] as string);
    const format = (options.format as ExportFormat | undefined) ?? formatOf(path);
    refuseMisuse(format, path, options.tokens !== undefined);
    const { store, config } = await app();
    const { model, catalogue } = await openSongVectors(store, config.dataDir);
    const matrix = options.matrix as 'input' | 'output';
    const tokens = (options.tokens as TokenStyle | undefined) ?? 'id';
    const limit = options.limit as number | undefined;
    const total = Math.min(limit ?? catalogue.size, catalogue.size);
    const onRows = (done: number) => terminal.progress({ label: 'Writing vectors', done, total, unit: 'vectors' });
    const files = exportVectors(model, catalogue, { format, matrix, tokens, limit, name: basename(path) }, onRows);
    const folder = format === 'tsv' ? path : dirname(path);
    const bytes = await writeWholeFiles(folder, files, { signal: terminal.signal, replace: options.replace === true });
    return {
      json: { path, format, matrix, vectors: total, dimensions: model.dimensions, bytes },
      lines: [
        `${plural(total, 'song vector')} of ${formatNumber(model.dimensions)} dimensions written to ${path} (${format}, ${formatBytes(bytes)}).`,
        ...HOW_TO_OPEN[format](format === 'tsv' ? path : basename(path)),
      ],
    };
  },
};

const HOW_TO_OPEN: Record<ExportFormat, (name: string) => string[]> = {
  'word2vec-text': (name) => [`In Python: gensim.models.KeyedVectors.load_word2vec_format('${name}')`],
  'word2vec-binary': (name) => [`In Python: gensim.models.KeyedVectors.load_word2vec_format('${name}', binary=True)`],
  tsv: () => ['At projector.tensorflow.org choose Load: vectors.tsv is step 1, metadata.tsv step 2.'],
  parquet: (name) => [`In Python: pandas.read_parquet('${name}')`],
};

function formatOf(path: string): ExportFormat {
  const ending = /\.[a-z0-9]+$/i.exec(path.replace(/\.gz$/i, ''))?.[0].toLowerCase() ?? '';
  const format = BY_ENDING[ending];
  if (format !== undefined) return format;
  throw new ExpectedError('used-wrongly', 'segue vectors export cannot be used like this.', {
    why: `${basename(path)} does not say which format is wanted.`,
    hint: `Add --format ${EXPORT_FORMATS.join(', ')}, or let the name end in ${Object.keys(BY_ENDING).join(', ')}.`,
  });
}

function refuseMisuse(format: ExportFormat, path: string, hasTokens: boolean): void {
  const isWord2vec = format.startsWith('word2vec');
  const why =
    hasTokens && !isWord2vec
      ? `A ${format} export has ids, artists and titles in columns of their own.`
      : path.endsWith('.gz') && !isWord2vec
        ? `A ${format} export is not packed as a whole.`
        : undefined;
  if (why === undefined) return;
  const hint = hasTokens ? 'Leave --tokens away.' : 'Leave .gz away.';
  throw new ExpectedError('used-wrongly', 'segue vectors export cannot be used like this.', { why, hint });
}

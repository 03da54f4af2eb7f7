import { join, resolve } from 'node:path';
import { Option } from 'commander';
import type { Json } from '../base/task.ts';
import { surveyVectors, type VectorSurvey } from '../recommend/survey-vectors.ts';
import { openSongVectors, type SongVectors } from '../tasks/open-song-vectors.ts';
import { readManifest } from '../vectors/model-manifest.ts';
import { describeNorms, type Norms, normsOf } from '../vectors/norms.ts';
import type { CliCommand, CommandContext, CommandResult } from './command.ts';
import { formatBytes, formatNumber, formatTime, table, wrap } from './format.ts';
import { positiveNumber } from './option-values.ts';
import { type Facts, factsIn, reasons, settingWords } from './task-line.ts';

export const vectorsInfo: CliCommand = {
  name: 'vectors info',
  summary: 'Show the song vectors in use, or those of a file.',
  runs: 'app',
  examples: ['vectors info', 'vectors info songs.bin'],
  define: (command) =>
    command
      .argument('[file]', 'word2vec text or binary, .gz or .zip too; none: the vectors in use')
      .addOption(new Option('--format <name>', 'default: found out').choices(['word2vec-text', 'word2vec-binary']))
      .option('--dimensions <n>', 'of a binary file without a first line', positiveNumber),
  run: async ({ args, options }, context) => {
    const { app, terminal } = context;
    if (args[0] === undefined) {
      const { store, config } = await app();
      const vectors = await openSongVectors(store, config.dataDir);
      return await showModel(vectors, join(config.dataDir, vectors.stored.path), config.timeZone, context);
    }
    await app();
    const path = resolve(terminal.folder, args[0] as string);
    const { format, dimensions } = options as { format?: 'word2vec-text' | 'word2vec-binary'; dimensions?: number };
    return showSurvey(path, await surveyVectors(path, { format, dimensions }, terminal), context);
  },
};

async function showModel(
  { stored, model, catalogue }: SongVectors,
  directory: string,
  timeZone: string,
  { terminal }: CommandContext,
): Promise<CommandResult> {
  const manifest = await readManifest(directory);
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const norms = {
    input: describeNorms(normsOf(model.input, model.dimensions)),
    output: describeNorms(normsOf(model.output, model.dimensions)),
  };
  const metrics = (stored.metrics ?? {}) as Facts;
  const first = catalogue.size > 0 ? catalogue.track(0) : undefined;
  const isImported = stored.algorithm === 'imported';
  return {
    json: {
      model: stored.fingerprint,
      algorithm: stored.algorithm,
      rows: catalogue.size,
      dimensions: model.dimensions,
      settings: stored.settings,
      corpus: manifest.corpus as Json,
      metrics: stored.metrics,
      norms: { input: norms.input ? { ...norms.input } : null, output: norms.output ? { ...norms.output } : null },
      bytes,
      path: directory,
      createdAt: stored.createdAt.toISOString(),
    },
    lines: table(
      [
        ['vectors', `${formatNumber(catalogue.size)} songs x ${model.dimensions} dimensions, ${stored.algorithm}`],
        [isImported ? 'imported' : 'trained', formatTime(stored.createdAt, timeZone)],
        ['from', fromWords(manifest.corpus as Facts)],
        ...wrapped('settings', settingWords(stored.settings as Facts), terminal.width),
        ...metricRows(metrics),
        ...normRow('input norms', norms.input),
        ...normRow('output norms', norms.output),
        ...(first === undefined
          ? []
          : [['first row', first.title === '' ? first.id : `${first.artists[0] ?? ''} - ${first.title}`]]),
        ['model', stored.fingerprint],
        ['files', `${directory} (${formatBytes(bytes)})`],
      ],
      terminal.width,
    ),
  };
}

const NAMES_WIDTH = 16;

/** A row whose words go on below. */
function wrapped(name: string, words: string, width: number): string[][] {
  return wrap(words, Math.max(40, width - NAMES_WIDTH)).map((line, at) => [at === 0 ? name : '', line]);
}

function fromWords(corpus: Facts): string {
  const name = typeof corpus.name === 'string' ? corpus.name : 'unknown';
  return `${name} (${String(corpus.fingerprint ?? '').slice(0, 16)})`;
}

function metricRows(metrics: Facts): string[][] {
  const losses = Array.isArray(metrics.losses) ? (metrics.losses as number[]) : [];
  const heldOut = Object.entries(factsIn(metrics, 'heldOut')).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? formatNumber(value) : String(value)}`,
  );
  const skipped = reasons(factsIn(metrics, 'skipped'));
  return [
    ...(losses.length > 0
      ? [['loss', `${losses[0]!.toFixed(4)} in the first epoch, ${losses.at(-1)!.toFixed(4)} in the last`]]
      : []),
    ...(heldOut.length > 0 ? [['held out', heldOut.join(', ')]] : []),
    ...(typeof metrics.read === 'number' ? [['found', foundWords(metrics)]] : []),
    ...(skipped === '' ? [] : [['left out', skipped]]),
  ];
}

/** Of an import: how many tokens named a track. */
function foundWords(metrics: Facts): string {
  const n = (name: string) => formatNumber((metrics[name] as number | undefined) ?? 0);
  return `${n('kept')} of ${n('read')} (${n('foundById')} by id, ${n('foundByName')} by artist and title)`;
}

function normRow(name: string, norms: Norms | undefined): string[][] {
  if (norms === undefined) return [];
  const { least, tenth, median, ninetieth, most, zero } = norms;
  const five = [least, tenth, median, ninetieth, most].map((norm) => formatNumber(norm)).join(' · ');
  return [
    [name, `${five} (least · 10 % · median · 90 % · most)${zero > 0 ? `; ${formatNumber(zero)} of length 0` : ''}`],
  ];
}

function showSurvey(path: string, survey: VectorSurvey, { terminal }: CommandContext): CommandResult {
  const { shape, tally, tokens, norms, examples, size } = survey;
  const kept = tokens.ids + tokens.artistAndTitle + tokens.others;
  const kinds = [
    [tokens.ids, 'Spotify ids, URIs or links'],
    [tokens.artistAndTitle, 'artist and title'],
    [tokens.others, 'others'],
  ] as const;
  const unusable = reasons(tally.unusable as Facts);
  return {
    json: {
      path,
      format: shape.format,
      hasFirstLine: shape.promised !== undefined,
      read: tally.read,
      usable: kept,
      unusable: { ...tally.unusable },
      dimensions: shape.dimensions,
      tokens: { ...tokens },
      examples: [...examples],
      norms: norms ? { ...norms } : null,
      bytes: size ?? null,
    },
    lines: table(
      [
        ['vectors', `${formatNumber(tally.read)} x ${shape.dimensions} dimensions`],
        ['format', `${shape.format}, ${shape.promised === undefined ? 'without' : 'with'} a first line of sizes`],
        [
          'tokens',
          kinds
            .filter(([count]) => count > 0)
            .map(([count, words]) => `${formatNumber(count)} ${words}`)
            .join(', '),
        ],
        ['such as', examples.join(', ')],
        ...(unusable === '' ? [] : [['cannot be used', unusable]]),
        ...normRow('norms', norms),
        ...(size === undefined ? [] : [['size', formatBytes(size)]]),
      ],
      terminal.width,
    ),
    next: tokens.ids + tokens.artistAndTitle > 0 ? `segue vectors import ${path}` : 'segue vectors import --help',
  };
}

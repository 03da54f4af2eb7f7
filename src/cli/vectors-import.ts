import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Json } from '../base/task.ts';
import type { CliCommand } from './command.ts';
import { positiveNumber } from './option-values.ts';
import { runOneTask } from './run-one-task.ts';

export const vectorsImport: CliCommand = {
  name: 'vectors import',
  summary: 'Use song vectors that gensim, word2vec or another program trained.',
  runs: 'app',
  examples: [
    'vectors import songs.bin',
    'vectors import songs.txt.gz --counts songs.vocab --name "Song2vec 2024"',
    'vectors import input.bin --output-vectors output.bin',
  ],
  define: (command) =>
    command
      .argument('<file>', 'word2vec text or binary, .gz or .zip too; tokens: ids, URIs, links, "artist - title"')
      .addOption(new Option('--format <name>', 'default: found out').choices(['word2vec-text', 'word2vec-binary']))
      .option('--dimensions <n>', 'of a binary file without a first line', positiveNumber)
      .option('--output-vectors <file>', 'the output vectors (gensim’s syn1neg) of the same tokens')
      .option('--counts <file>', 'a vocabulary file: how often each token occurs')
      .option('--name <text>', 'what to call the model; default: the file’s name'),
  run: ({ args, options }, context) => {
    const file = (path: unknown) => (path === undefined ? undefined : resolve(context.terminal.folder, path as string));
    const { format, dimensions, name } = options;
    const given = {
      path: file(args[0]),
      outputVectors: file(options.outputVectors),
      counts: file(options.counts),
      format,
      dimensions,
      name,
    };
    const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return runOneTask('import-vectors', input as Record<string, Json>, context, { next: 'segue vectors info' });
  },
};

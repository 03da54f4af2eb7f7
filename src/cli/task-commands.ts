import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Json } from '../base/task.ts';
import type { CliCommand, CommandValues } from './command.ts';
import {
  collectValue,
  decimalNumber,
  dialNumber,
  positiveDecimal,
  positiveNumber,
  wholeNumber,
} from './option-values.ts';
import { runOneTask } from './run-one-task.ts';

interface TaskWord {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly define?: (command: Command) => void;
  /** The task's input, of the parsed words; paths start from `folder`. */
  readonly input?: (values: CommandValues, folder: string) => Record<string, Json | undefined>;
  readonly next?: string | ((values: CommandValues) => string);
}

// Each task of the graph is a command of the same name; this table adds what its input needs on the command line.
const WORDS: readonly TaskWord[] = [
  {
    name: 'sync-plays',
    summary: 'Collect the latest plays of the account.',
    examples: ['sync-plays'],
    next: 'segue import-history <your export> for everything before',
  },
  {
    name: 'sync-library',
    summary: 'Collect own playlists, liked songs and top items of the account.',
    examples: ['sync-library'],
    next: 'segue recommend',
  },
  {
    name: 'import-history',
    summary: 'Read a privacy export of Spotify: every play since the account began.',
    examples: ['import-history my_spotify_data.zip', 'import-history "Spotify Extended Streaming History/"'],
    define: (command) => command.argument('<paths...>', 'the export: zip, folder or single files'),
    input: paths,
    next: 'segue run weekly, or segue build-corpus to learn from it first',
  },
  {
    name: 'import-playlists',
    summary: 'Read playlists to learn from, whatever their format.',
    examples: ['import-playlists', 'import-playlists mpd/data/', 'import-playlists lists.jsonl exportify.zip'],
    define: (command) =>
      command.argument('[paths...]', 'playlist files, folders or zips; none: the configured or bundled ones'),
    input: paths,
    next: 'segue build-corpus',
  },
  {
    name: 'import-features',
    summary: 'Read audio features from CSV files.',
    examples: ['import-features', 'import-features dataset.csv'],
    define: (command) => command.argument('[paths...]', 'CSV files; none: the configured or bundled ones'),
    input: paths,
    next: 'segue',
  },
  {
    name: 'enrich-features',
    summary: 'Ask ReccoBeats for missing audio features (off unless SEGUE_ENRICH_FEATURES=true).',
    examples: ['enrich-features'],
    next: 'segue',
  },
  {
    name: 'build-corpus',
    summary: 'Put all playlists and your own sessions into the training corpus.',
    examples: ['build-corpus'],
    next: 'segue train-vectors',
  },
  {
    name: 'train-vectors',
    summary: 'Learn song vectors from the training corpus.',
    examples: [
      'train-vectors',
      'train-vectors --algorithm skip-gram --window 10 --epochs 5',
      'train-vectors --resume',
      'train-vectors --from-model --epochs 5 --learning-rate 0.02',
    ],
    define: (command) =>
      command
        .option('--algorithm <name>', 'cbow or skip-gram')
        .option('--dimensions <n>', 'length of a song vector', wholeNumber)
        .option('--window <n>', 'songs on each side, or "playlist"', (text) =>
          text === 'playlist' ? text : wholeNumber(text),
        )
        .option('--epochs <n>', 'passes over the corpus', wholeNumber)
        .option('--min-count <n>', 'least number of playlists a song must be in', wholeNumber)
        .option('--negatives <n>', 'negative samples', wholeNumber)
        .option('--negative-exponent <x>', 'exponent of the negative-sampling distribution', decimalNumber)
        .option('--subsampling <x>', 'threshold of subsampling; 0 turns it off', decimalNumber)
        .option('--learning-rate <x>', 'first learning rate', decimalNumber)
        .option('--min-learning-rate <x>', 'last learning rate', decimalNumber)
        .option('--skip-gram <how>', 'pairs, as word2vec does, or centres, which is quicker')
        .option(
          '--negatives-per-noise <x>',
          'with --skip-gram centres: negatives that a row of noise stands for',
          decimalNumber,
        )
        .option('--negative-sharing <n>', 'predictions in a row that share one draw of negatives', wholeNumber)
        .option('--negative-limit <logit>', 'logit from which CBOW leaves a negative alone; 1000: never', decimalNumber)
        .option('--seed <n>', 'seed; the same seed gives the same model', wholeNumber)
        .option('--threads <n>', 'threads; with one, the same seed gives the same bits', positiveNumber)
        .option('--resume', 'go on with the training that was stopped, with its settings')
        .option('--from-model [fingerprint]', 'begin with the vectors of the model in use, or of another one')
        .option('--replace-imported', 'train although imported vectors are in use')
        .option(
          '--evaluate',
          'train once more without a tenth of the playlists, and say how well it finds their songs',
        ),
    input: ({ options: { json: _, ...settings } }) => settings as Record<string, Json>,
    next: 'segue fit-recommenders',
  },
  {
    name: 'fit-recommenders',
    summary: 'Make all recommenders ready, and learn what each one counts in the blend.',
    examples: ['fit-recommenders', 'fit-recommenders --threads 1'],
    define: (command) => command.option('--threads <n>', 'threads; any number gives the same', positiveNumber),
    input: ({ options }) => ({ threads: options.threads }) as Record<string, Json | undefined>,
    next: 'segue recommend',
  },
  {
    name: 'tune',
    summary: 'Look for the training settings that suit your playlists best; train-vectors uses them from then on.',
    examples: ['tune', 'tune --minutes 60', 'tune --trials 40 --json', 'tune --forget'],
    define: (command) =>
      command
        .option('--minutes <n>', 'time to spend; 10 where --trials is not given either', positiveDecimal)
        .option(
          '--trials <n>',
          'settings to try at most; without --minutes the same number gives the same',
          positiveNumber,
        )
        .option('--algorithm <name>', 'cbow, skip-gram (takes several times as long), or both; default: cbow')
        .option('--seed <n>', 'seed of the search', wholeNumber)
        .option('--forget', 'go back to the defaults'),
    input: ({ options: { json: _, ...input } }) => input as Record<string, Json>,
    next: 'segue train-vectors',
  },
  {
    name: 'recommend',
    summary: 'Make an edition by a recipe, each song with its reason.',
    examples: [
      'recommend',
      'recommend --length 50 --days 14',
      'recommend --seeds export',
      'recommend --recipe loved-in-year --set year=2021',
      'recommend --adventurousness 0.8 --variety 0.3',
      'recommend --without december',
      'recommend --without "artist:Enya" --without hour:2-5',
    ],
    define: (command) =>
      command
        .option('--length <n>', 'songs in the edition', positiveNumber)
        .option('--days <n>', 'days of plays to start from', positiveNumber)
        .option('--recipe <name>', 'how it is made (segue recipes lists them)')
        .option('--set <parameter=value>', 'a value for a parameter of the recipe; may come again', collectValue)
        .option('--adventurousness <x>', '0: artists you know, .5: as the ranking says, 1: never heard', dialNumber)
        .option('--variety <x>', '0: as the ranking says, 1: as unlike one another as can be', dialNumber)
        .option('--order <how>', 'flow: neighbours go together; score: best first; date: by the day first heard')
        .option('--seeds <source>', 'which plays may be seeds: all, or export only (docs/policy.md)')
        .option(
          '--without <rule>',
          'what-if: as if the plays that a taste rule names did not exist; shows the difference and stores nothing; may come again',
          (value: string, before: string[] | undefined) => [...(before ?? []), value],
        ),
    input: ({ options }) =>
      ({
        length: options.length,
        days: options.days,
        seeds: options.seeds,
        recipe: options.recipe,
        parameters: options.set,
        adventurousness: options.adventurousness,
        variety: options.variety,
        order: options.order,
        without: options.without,
      }) as Record<string, Json>,
    next: ({ options }) => (options.without === undefined ? 'segue publish' : 'segue taste add --help'),
  },
  {
    name: 'publish',
    summary: 'Write an edition to its playlist in the account and read it back.',
    examples: ['publish', 'publish --dry-run', 'publish --edition 12'],
    define: (command) =>
      command
        .option('--edition <n>', 'number of the edition; default: the newest draft', positiveNumber)
        .option('--dry-run', 'show what would be written, and write nothing'),
    input: ({ options }) => ({ edition: options.edition, dryRun: options.dryRun }) as Record<string, Json>,
    next: 'segue editions newest',
  },
  {
    name: 'measure-outcomes',
    summary: 'Find out what became of each recommended song: kept, skipped or ignored.',
    examples: ['measure-outcomes'],
    next: 'segue outcomes',
  },
];

function paths({ args }: CommandValues, folder: string): Record<string, Json> {
  const given = (args[0] as string[] | undefined) ?? [];
  return given.length === 0 ? {} : { paths: given.map((path) => resolve(folder, path)) };
}

/** One command per task of the graph. */
export const taskCommands: CliCommand[] = WORDS.map((word) => ({
  name: word.name,
  summary: word.summary,
  runs: 'app',
  examples: word.examples,
  define: (command) => word.define?.(command),
  run: (values, context) => {
    const input = Object.entries(word.input?.(values, context.terminal.folder) ?? {});
    const given = Object.fromEntries(input.filter(([, value]) => value !== undefined)) as Record<string, Json>;
    const next = typeof word.next === 'function' ? word.next(values) : word.next;
    return runOneTask(word.name, given, context, { next });
  },
}));

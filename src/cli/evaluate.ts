import { availableParallelism } from 'node:os';
import { ExpectedError } from '../base/errors.ts';
import type { RecommenderKind } from '../recommend/recommender.ts';
import { audioFeatures } from '../recommend/recommenders/audio-features.ts';
import { BASELINES, RECOMMENDERS } from '../recommend/recommenders.ts';
import { readScenarios } from '../recommend/scenarios.ts';
import type { CliCommand } from './command.ts';
import { evaluateFiles } from './evaluate-files.ts';
import { evaluateOwnHistory } from './evaluate-history.ts';
import { positiveNumber } from './option-values.ts';

/** Two months: fewer weeks tell little, and in more of them taste has changed. */
const WEEKS = 8;

export const evaluate: CliCommand = {
  name: 'evaluate',
  summary: 'Measure recommenders on playlists of which a part is hidden, or on your own history.',
  runs: 'own',
  usesStore: (argv) => argv.includes('--history'),
  examples: [
    'evaluate --train playlists.jsonl --test hidden.jsonl',
    'evaluate --train playlists.jsonl --test hidden.jsonl --recommenders neighbours,ease --json',
    'evaluate --train playlists.jsonl --test hidden.jsonl --scenarios name,1,10',
    'evaluate --history --weeks 12',
  ],
  define: (command) =>
    command
      .option('--train <file>', 'playlists to learn from: lines of {"id","name","tracks":[…]}')
      .option('--test <file>', 'playlists to continue: lines of {"id","name","seeds":[…],"hidden":[…]}')
      .option(
        '--scenarios <names>',
        'ask for each playlist also by its name alone and by its first 1, 5, 10, 25 and 100 songs: all, none, challenge (the ten of the RecSys Challenge 2018), or some, such as name,5,5-unnamed,25-random',
      )
      .option('--history', 'your own plays instead: what you listened to in each week, by what you had heard before')
      .option('--weeks <n>', `with --history, how many weeks, counted from the last one; ${WEEKS}`, positiveNumber)
      .option(
        '--recommenders <names>',
        `all, or some of ${names(RECOMMENDERS).join(', ')}; ${names(BASELINES).join(' and ')} are always shown`,
        'all',
      )
      .option('--features <file>', 'audio features of the songs, as import-features reads them: for audio-features')
      .option('--threads <n>', 'threads', positiveNumber),
  async run({ options }, context) {
    const { train, test, history, weeks, scenarios, features } = options as {
      train?: string;
      test?: string;
      history?: boolean;
      weeks?: number;
      scenarios?: string;
      features?: string;
    };
    // On one's own history they are those of the database.
    const recommenders = chooseRecommenders(String(options.recommenders), features !== undefined || history === true);
    const threads = (options.threads as number | undefined) ?? availableParallelism();
    if (history === true) {
      const misplaced = Object.entries({ train, test, scenarios, features }).find(([, value]) => value !== undefined);
      if (misplaced !== undefined) throw usedWrongly(`--${misplaced[0]} and --history are two different evaluations.`);
      return await evaluateOwnHistory({ recommenders, weeks: weeks ?? WEEKS, threads }, context);
    }
    if (weeks !== undefined) throw usedWrongly('--weeks goes with --history.');
    if (train === undefined) throw usedWrongly('--train is missing: without it there is nothing to learn from.');
    if (test === undefined) throw usedWrongly('--test is missing: without it there is nothing to measure by.');
    const chosen = readScenarios(scenarios ?? 'all');
    return await evaluateFiles({ train, test, features, recommenders, scenarios: chosen, threads }, context.terminal);
  },
};

function usedWrongly(why: string): ExpectedError {
  return new ExpectedError('used-wrongly', 'segue evaluate cannot be used like this.', {
    why,
    hint: 'segue evaluate --help shows how it is used.',
  });
}

function names(kinds: readonly RecommenderKind[]): string[] {
  return kinds.map(({ name }) => name);
}

/** Those named, in the order of the list of all; the baselines always. Without features `audio-features` has nothing to say and is not among all. */
function chooseRecommenders(list: string, hasFeatures: boolean): RecommenderKind[] {
  if (list === 'all') return RECOMMENDERS.filter((kind) => hasFeatures || kind !== audioFeatures);
  const wanted = new Set(list.split(',').map((name) => name.trim()));
  for (const name of wanted) {
    if (names(RECOMMENDERS).includes(name)) continue;
    throw new ExpectedError('recommender-unknown', `There is no recommender "${name}".`, {
      why: `Those that are: ${names(RECOMMENDERS).join(', ')}.`,
      hint: 'Name some of them, with commas between, or all.',
    });
  }
  if (wanted.has(audioFeatures.name) && !hasFeatures) throw withoutFeatures();
  return RECOMMENDERS.filter((kind) => wanted.has(kind.name) || BASELINES.includes(kind));
}

function withoutFeatures(): ExpectedError {
  return new ExpectedError('used-wrongly', 'audio-features cannot be measured without audio features.', {
    why: '--features is missing: playlists do not say how songs sound.',
    hint: 'Name a table that segue import-features reads: --features <file.csv>',
  });
}

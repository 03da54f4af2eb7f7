import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { readContinuations, readTrainingPlaylists, type SkippedLines } from '../recommend/continuation-file.ts';
import {
  type Comparison,
  type Evaluation,
  type EvaluationCase,
  evaluateRecommenders,
} from '../recommend/evaluate-recommenders.ts';
import { matrixOf } from '../recommend/playlist-matrix.ts';
import type { RecommenderKind } from '../recommend/recommender.ts';
import { audioFeatures } from '../recommend/recommenders/audio-features.ts';
import { RECOMMENDERS } from '../recommend/recommenders.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../recommend/train-on-playlists.ts';
import { buildVocabulary } from '../vectors/vocabulary.ts';
import type { CliCommand } from './command.ts';
import { type EvaluationFeatures, readEvaluationFeatures } from './evaluate-features.ts';
import { formatNumber, table } from './format.ts';
import { positiveNumber } from './option-values.ts';

export const evaluate: CliCommand = {
  name: 'evaluate',
  summary: 'Measure recommenders on playlists of which a part is hidden.',
  runs: 'own',
  examples: [
    'evaluate --train playlists.jsonl --test hidden.jsonl',
    'evaluate --train playlists.jsonl --test hidden.jsonl --recommenders popular,ease --json',
  ],
  define: (command) =>
    command
      .option('--train <file>', 'playlists to learn from: lines of {"id","name","tracks":[…]}')
      .option('--test <file>', 'playlists to continue: lines of {"id","name","seeds":[…],"hidden":[…]}')
      .option('--recommenders <names>', `all, or some of ${names(RECOMMENDERS).join(', ')}`, 'all')
      .option('--features <file>', 'audio features of the songs, as import-features reads them: for audio-features')
      .option('--threads <n>', 'threads', positiveNumber),
  async run({ options }, { terminal }) {
    const { train: trainFile, test: testFile } = options as { train?: string; test?: string };
    if (trainFile === undefined || testFile === undefined)
      throw missingFile(trainFile === undefined ? '--train' : '--test');
    const featuresFile = options.features as string | undefined;
    const chosen = chooseRecommenders(String(options.recommenders), featuresFile !== undefined);
    const threads = (options.threads as number | undefined) ?? availableParallelism();
    const { signal } = terminal;
    const training = await readTrainingPlaylists(resolve(terminal.folder, trainFile));
    const test = await readContinuations(resolve(terminal.folder, testFile));
    const { sequences, tokenOf, tracks, artistOf } = training;
    const vocabulary = buildVocabulary(sequences, 1);
    const rowOf = (track: string) => vocabulary.rowOf[tokenOf.get(track) ?? -1] ?? -1;
    const cases = test.cases.map(({ seeds, hidden }): EvaluationCase => {
      const rows = hidden.map(rowOf);
      // Each unknown track is one that is missed: numbers below 0 tell them apart.
      return {
        seeds: seeds.map(rowOf).filter((row) => row >= 0),
        hidden: new Set(rows.map((row, at) => (row < 0 ? -1 - at : row))),
      };
    });
    const unknown = cases.reduce((sum, { hidden }) => sum + [...hidden].filter((row) => row < 0).length, 0);
    const features =
      featuresFile === undefined
        ? undefined
        : await readEvaluationFeatures(resolve(terminal.folder, featuresFile), rowOf);
    const evaluation = await evaluateRecommenders(
      chosen,
      {
        playlists: matrixOf(sequences, vocabulary),
        groups: Uint32Array.from({ length: sequences.offsets.length - 1 }, (_, at) => at),
        artistOf: artistOf && vocabulary.tokens.map((token) => artistOf[token]!),
        features: features?.matrix,
        vectorsOf: vectorsByPlaylists(trainOnPlaylists),
      },
      cases,
      { threads, signal, onStep: (label, done, total) => terminal.progress({ label, done, total, unit: 'playlists' }) },
    );
    const read: ReadFiles = {
      train: {
        playlists: sequences.offsets.length - 1,
        tokens: sequences.tokens.length,
        tracks: tracks.length,
        skipped: training.skipped,
      },
      test: { playlists: cases.length, hiddenUnknown: unknown, skipped: test.skipped },
      ...(features && { features: { songs: features.songs, skipped: features.skipped } }),
    };
    return { json: { ...read, ...evaluation } as unknown as Json, lines: report(read, evaluation, terminal.width) };
  },
};

function missingFile(option: string): ExpectedError {
  return new ExpectedError('used-wrongly', 'segue evaluate cannot be used like this.', {
    why: `${option} is missing: without it there is nothing to ${option === '--train' ? 'learn from' : 'measure by'}.`,
    hint: 'segue evaluate --help shows how it is used.',
  });
}

function names(kinds: readonly RecommenderKind[]): string[] {
  return kinds.map(({ name }) => name);
}

/** Without features `audio-features` has nothing to say and is not among all. */
function chooseRecommenders(list: string, hasFeatures: boolean): RecommenderKind[] {
  if (list === 'all') return RECOMMENDERS.filter((kind) => hasFeatures || kind !== audioFeatures);
  return list.split(',').map((name) => {
    const kind = RECOMMENDERS.find((each) => each.name === name.trim());
    if (kind === audioFeatures && !hasFeatures) throw withoutFeatures();
    if (kind !== undefined) return kind;
    throw new ExpectedError('recommender-unknown', `There is no recommender "${name.trim()}".`, {
      why: `Those that are: ${names(RECOMMENDERS).join(', ')}.`,
      hint: 'Name some of them, with commas between, or all.',
    });
  });
}

function withoutFeatures(): ExpectedError {
  return new ExpectedError('used-wrongly', 'audio-features cannot be measured without audio features.', {
    why: '--features is missing: playlists do not say how songs sound.',
    hint: 'Name a table that segue import-features reads: --features <file.csv>',
  });
}

interface ReadFiles {
  readonly train: {
    readonly playlists: number;
    readonly tokens: number;
    readonly tracks: number;
    readonly skipped: SkippedLines;
  };
  readonly test: { readonly playlists: number; readonly hiddenUnknown: number; readonly skipped: SkippedLines };
  readonly features?: Omit<EvaluationFeatures, 'matrix'>;
}

function report(read: ReadFiles, { recommenders, comparisons }: Evaluation, width: number): string[] {
  const { train: learned, test, features } = read;
  const skipped = (lines: SkippedLines) => {
    const reasons = Object.entries(lines).map(([reason, count]) => `${formatNumber(count)} ${reason}`);
    return reasons.length === 0 ? [] : [`Lines left out: ${reasons.join(', ')}.`];
  };
  return [
    `Learned from ${formatNumber(learned.playlists)} playlists with ${formatNumber(learned.tokens)} songs in them, ${formatNumber(learned.tracks)} different.`,
    ...skipped(learned.skipped),
    `Asked to continue ${formatNumber(test.playlists)} playlists${test.hiddenUnknown > 0 ? `; ${formatNumber(test.hiddenUnknown)} hidden songs nobody has learned of` : ''}.`,
    ...skipped(test.skipped),
    ...(features === undefined
      ? []
      : [
          `Audio features of ${formatNumber(features.songs)} of the songs learned from.`,
          ...skipped(features.skipped).map((line) => line.replace('Lines', 'Rows')),
        ]),
    '',
    ...table(
      [
        [
          'recommender',
          'NDCG@500',
          '',
          'R-precision',
          'clicks',
          'recall@100',
          'hits@10',
          'coverage',
          'novelty',
          'learning',
          'a question',
        ],
        ...[...recommenders]
          .sort((a, b) => b.metrics.ndcg.mean - a.metrics.ndcg.mean)
          .map(({ name, metrics, coverage, fitSeconds, msPerQuery }) => [
            name,
            metrics.ndcg.mean.toFixed(4),
            `${metrics.ndcg.low.toFixed(3)} to ${metrics.ndcg.high.toFixed(3)}`,
            metrics.rPrecision.mean.toFixed(4),
            metrics.clicks.mean.toFixed(1),
            metrics['recall@100'].mean.toFixed(3),
            metrics['hitRate@10'].mean.toFixed(3),
            `${(100 * coverage).toFixed(1)} %`,
            `${metrics.novelty.mean.toFixed(1)} bits`,
            `${fitSeconds.toFixed(1)} s`,
            `${msPerQuery.toFixed(1)} ms`,
          ]),
      ],
      width,
    ),
    ...(comparisons.length > 0 ? ['', ...comparisons.map(compareWords)] : []),
  ];
}

function compareWords({ better, than, mean, low, high }: Comparison): string {
  const figures = `NDCG@500 ${mean.toFixed(4)} more (${low.toFixed(4)} to ${high.toFixed(4)})`;
  return low > 0
    ? `${better} is better than ${than}: ${figures}.`
    : `${better} may be no better than ${than}: ${figures}.`;
}

import { resolve } from 'node:path';
import type { Json } from '../base/task.ts';
import {
  readContinuations,
  readTrainingPlaylists,
  type SkippedLines,
  type TrainingPlaylists,
} from '../recommend/continuation-file.ts';
import { alike, type Evaluation, type EvaluationCase, evaluateSets } from '../recommend/evaluate-recommenders.ts';
import { matrixOf } from '../recommend/playlist-matrix.ts';
import type { RecommenderKind, World } from '../recommend/recommender.ts';
import { askAs, challengeName, type Scenario, type ScenarioCase } from '../recommend/scenarios.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../recommend/train-on-playlists.ts';
import { buildVocabulary, type Vocabulary } from '../vectors/vocabulary.ts';
import type { CommandResult } from './command.ts';
import { type EvaluationFeatures, readEvaluationFeatures } from './evaluate-features.ts';
import { challengeLines, countWords, evaluationLines } from './evaluate-report.ts';
import { formatNumber, plural } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface FileEvaluation {
  readonly train: string;
  readonly test: string;
  /** A table of audio features. */
  readonly features?: string | undefined;
  readonly recommenders: readonly RecommenderKind[];
  readonly scenarios: readonly Scenario[];
  readonly threads: number;
}

/** Learns from the lines of one file, continues those of another, and once more in each scenario. */
export async function evaluateFiles(
  { train, test: testFile, features: featuresFile, recommenders, scenarios, threads }: FileEvaluation,
  terminal: Terminal,
): Promise<CommandResult> {
  const training = await readTrainingPlaylists(resolve(terminal.folder, train));
  const test = await readContinuations(resolve(terminal.folder, testFile));
  const { sequences, tokenOf, tracks } = training;
  const vocabulary = buildVocabulary(sequences, 1);
  const rowOf = (track: string) => vocabulary.rowOf[tokenOf.get(track) ?? -1] ?? -1;
  const features =
    featuresFile === undefined
      ? undefined
      : await readEvaluationFeatures(resolve(terminal.folder, featuresFile), rowOf);
  const cases = test.cases.map((each) => caseOf({ ...each, known: each.seeds }, rowOf));
  const asked = scenarios.map((scenario) => ({ scenario, ...askAs(scenario, test.cases) }));
  const [whole, ...parts] = await evaluateSets(
    recommenders,
    { ...worldOf(training, vocabulary), features: features?.matrix },
    [cases, ...asked.map((each) => each.cases.map((one) => caseOf(one, rowOf)))],
    {
      threads,
      signal: terminal.signal,
      onStep: (label, done, total) => terminal.progress({ label, done, total, unit: 'playlists' }),
    },
  );
  const read: ReadFiles = {
    train: {
      playlists: sequences.offsets.length - 1,
      tokens: sequences.tokens.length,
      tracks: tracks.length,
      skipped: training.skipped,
    },
    test: {
      playlists: cases.length,
      hiddenUnknown: cases.reduce((sum, { hidden }) => sum + [...hidden].filter((row) => row < 0).length, 0),
      skipped: test.skipped,
    },
    ...(features && { features: { songs: features.songs, skipped: features.skipped } }),
  };
  const measured = asked.map(({ scenario, leftOut }, at) => ({ scenario, leftOut, evaluation: parts[at]! }));
  return {
    json: {
      ...read,
      ...whole!,
      scenarios: measured.map(({ scenario, leftOut, evaluation }) => ({
        scenario: scenario.name,
        challenge: challengeName(scenario) ?? null,
        leftOut,
        ...evaluation,
      })),
    } as unknown as Json,
    lines: [
      ...readLines(read),
      '',
      ...evaluationLines(whole!, terminal.width),
      ...measured.flatMap((each) => ['', ...scenarioLines(each, terminal.width)]),
    ],
  };
}

function worldOf({ sequences, artistOf, names }: TrainingPlaylists, vocabulary: Vocabulary): World {
  return {
    playlists: matrixOf(sequences, vocabulary),
    groups: Uint32Array.from({ length: sequences.offsets.length - 1 }, (_, at) => at),
    names,
    artistOf: artistOf && vocabulary.tokens.map((token) => artistOf[token]!),
    vectorsOf: vectorsByPlaylists(trainOnPlaylists),
  };
}

function caseOf({ name, seeds, hidden, known }: ScenarioCase, rowOf: (track: string) => number): EvaluationCase {
  const isKnown = (row: number) => row >= 0;
  const rows = hidden.map(rowOf);
  return {
    seeds: alike(seeds.map(rowOf).filter(isKnown)),
    name: name === '' ? undefined : name,
    excluded: new Set(known.map(rowOf).filter(isKnown)),
    // Each unknown track is one that is missed: numbers below 0 tell them apart.
    hidden: new Set(rows.map((row, at) => (row < 0 ? -1 - at : row))),
  };
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

function readLines({ train, test, features }: ReadFiles): string[] {
  const skipped = (lines: SkippedLines) => {
    const reasons = countWords(lines);
    return reasons === '' ? [] : [`Lines left out: ${reasons}.`];
  };
  return [
    `Learned from ${formatNumber(train.playlists)} playlists with ${formatNumber(train.tokens)} songs in them, ${formatNumber(train.tracks)} different.`,
    ...skipped(train.skipped),
    `Asked to continue ${formatNumber(test.playlists)} playlists${test.hiddenUnknown > 0 ? `; ${formatNumber(test.hiddenUnknown)} hidden songs nobody has learned of` : ''}.`,
    ...skipped(test.skipped),
    ...(features === undefined
      ? []
      : [
          `Audio features of ${formatNumber(features.songs)} of the songs learned from.`,
          ...skipped(features.skipped).map((line) => line.replace('Lines', 'Rows')),
        ]),
  ];
}

interface MeasuredScenario {
  readonly scenario: Scenario;
  readonly leftOut: { readonly [reason: string]: number };
  readonly evaluation: Evaluation;
}

function scenarioLines({ scenario, leftOut, evaluation }: MeasuredScenario, width: number): string[] {
  const reasons = countWords(leftOut);
  const challenge = challengeName(scenario);
  return [
    `By ${scenarioWords(scenario)}${challenge === undefined ? '' : ` (${challenge}, as the RecSys Challenge 2018 has it)`}: ${plural(evaluation.cases, 'playlist')}${reasons === '' ? '' : `; left out: ${reasons}`}.`,
    ...(evaluation.cases === 0 ? [] : challengeLines(evaluation, width)),
  ];
}

function scenarioWords({ seeds, random, unnamed }: Scenario): string {
  if (seeds === 0) return 'their names alone';
  const songs = random
    ? `${plural(seeds, 'random song')}`
    : seeds === 1
      ? 'the first song'
      : `the first ${seeds} songs`;
  return unnamed ? `${songs} without their names` : songs;
}

// Which settings make the best song vectors? Held-out continuation on validation playlists; the test playlists are looked
// at only by the winner of a search, once. A corpus is named as in bench/corpora/bench-corpus.ts.
//   node bench/song-vector-defaults.ts demo '[{},{"epochs":40},{"negativeExponent":0.5}]'
//     one line a setting, each compared with the first on the same cases
//   node bench/song-vector-defaults.ts demo --trials 60 [--algorithm both] [--seed 2]
//     what `segue tune --trials 60` does
// With --sample n each training learns from at most n tokens. docs/decisions/0005-song-vector-defaults.md has the answers.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measureOn } from '../src/recommend/measure-settings.ts';
import { differenceInterval } from '../src/recommend/paired-difference.ts';
import { type Comparison, tuneSettings } from '../src/recommend/tuning.ts';
import { type Measurement, meanNumber, meanOf, wholeTrials } from '../src/recommend/tuning-race.ts';
import { changedSettings } from '../src/recommend/tuning-space.ts';
import { planSplits, type TuningSplits } from '../src/recommend/tuning-splits.ts';
import { readSettings, type TrainingSettings } from '../src/vectors/settings.ts';
import { train } from '../src/vectors/train.ts';
import { readBenchCorpus } from './corpora/bench-corpus.ts';

const SHOWN = 15;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trials: { type: 'string' },
    algorithm: { type: 'string', default: 'cbow' },
    seed: { type: 'string', default: '1' },
    sample: { type: 'string', default: 'Infinity' },
  },
});
const [name, variants] = positionals;
if (name === undefined || (variants === undefined) === (values.trials === undefined)) {
  throw new Error('Name a corpus, and either settings as a JSON list or --trials.');
}
const corpus = await readBenchCorpus(name);
if (corpus === undefined) throw new Error(`There is no corpus "${name}" here.`);
const seed = Number(values.seed);
const splits = planSplits(corpus.sequences, corpus.groups, { seed, sampleTokens: Number(values.sample) });
const measure = measureOn(splits, (learned, settings) => train(learned, settings), { now: () => performance.now() });
if (variants !== undefined) await compareVariants(JSON.parse(variants) as object[]);
else await search(Number(values.trials));

/** Each on all folds of the search, the variants in turn, so that a busy machine slows them all. */
async function compareVariants(overrides: readonly object[]): Promise<void> {
  const { tokens } = corpus!.sequences;
  const size = { tokens: tokens.length, tracks: new Set(tokens).size };
  const all = overrides.map((each) => readSettings(each, size));
  const measured = all.map((): Measurement[] => []);
  for (let fold = 0; fold < splits.folds.search; fold++) {
    for (const [at, settings] of all.entries()) {
      measured[at]!.push(await measure(settings, { stage: 'search', fold, run: 0 }, true));
    }
  }
  for (const [at, each] of measured.entries()) {
    const { mean, low, high, cases } = differenceInterval(scoresOf(each), scoresOf(measured[0]!));
    print({
      settings: JSON.stringify(overrides[at]),
      inputXOutput: meanNumber(each.flatMap(({ inputXOutput }) => inputXOutput)),
      meanCosine: meanNumber(each.flatMap(({ meanCosine }) => meanCosine)),
      recommender: meanNumber(scoresOf(each)),
      againstFirst: at === 0 ? '' : `${mean.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`,
      cases,
      trainSeconds: meanNumber(each.map(({ trainSeconds }) => trainSeconds)),
    });
  }
}

async function search(trials: number): Promise<void> {
  const defaults = readSettings();
  const algorithms: TrainingSettings['algorithm'][] =
    values.algorithm === 'both' ? ['cbow', 'skip-gram'] : [readSettings({ algorithm: values.algorithm }).algorithm];
  const tuning = await tuneSettings(
    { defaults, first: [], algorithms, seed, trials, playlistLength: playlistLengthOf(splits) },
    splits,
    {
      measure,
      atOnce: availableParallelism(),
      hasTimeFor: () => true,
      signal: new AbortController().signal,
      onChange: (stage, tried, done, total) =>
        process.stderr.write(`\r${stage} ${done} of ${total}, ${tried.length} tried   `),
    },
  );
  process.stderr.write('\n');
  const ranked = wholeTrials(tuning.trials, splits.folds.search).toSorted((a, b) => meanOf(b) - meanOf(a));
  for (const { number, settings, cost, measured } of ranked.slice(0, SHOWN)) {
    print({
      trial: number,
      inputXOutput: meanNumber(measured.flatMap(({ inputXOutput }) => inputXOutput)),
      meanCosine: meanNumber(measured.flatMap(({ meanCosine }) => meanCosine)),
      cost,
      trainSeconds: meanNumber(measured.map(({ trainSeconds }) => trainSeconds)),
      settings: JSON.stringify(changedSettings(settings, defaults)),
    });
  }
  const { chosen, confirmed, test } = tuning;
  console.log(chosen ? `chosen: ${JSON.stringify(changedSettings(chosen, defaults))}` : 'the defaults stay');
  if (confirmed) printComparison('confirmed', confirmed);
  if (test) printComparison('test', test);
}

function printComparison(label: string, { settings, defaults, difference }: Comparison): void {
  const { mean, low, high, cases } = difference;
  print({ label, ...settings, cases, difference: `${mean.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})` });
  print({ label: 'the defaults', ...defaults });
}

function print(row: Record<string, string | number | null>): void {
  const cell = (value: string | number | null) =>
    typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : value;
  console.log(JSON.stringify(Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cell(value)]))));
}

function scoresOf(measured: readonly Measurement[]): number[] {
  return measured.flatMap(({ recommender }) => recommender ?? []);
}

function playlistLengthOf({ corpusTokens }: TuningSplits): number {
  return corpusTokens / Math.max(1, corpus!.sequences.offsets.length - 1);
}

import type { TrainingSettings } from '../vectors/settings.ts';
import { type DifferenceInterval, differenceInterval } from './paired-difference.ts';
import {
  bestTrial,
  compareTrials,
  eachAtOnce,
  type Measurement,
  meanNumber,
  meanOf,
  type RaceEffects,
  type RaceOptions,
  raceSettings,
  type Trial,
  wholeTrials,
} from './tuning-race.ts';
import type { SplitName, TuningSplits } from './tuning-splits.ts';

/** Mean NDCG@500 of settings by each way to ask the model. */
export interface Means {
  readonly inputXOutput: number;
  readonly meanCosine: number;
  readonly recommender: number | null;
}

/** Settings beside the defaults on the same cases. */
export interface Comparison {
  readonly settings: Means;
  readonly defaults: Means;
  /** By the recommender where it was asked, else by input x output. */
  readonly difference: DifferenceInterval;
}

export interface Tuning {
  readonly trials: readonly Trial[];
  /** Settings that beat the defaults beyond doubt; absent: none did, and the defaults stay. */
  readonly chosen: TrainingSettings | undefined;
  /** The best of the search and how it did there: an optimistic figure, since it is the best of many. */
  readonly found: { readonly settings: TrainingSettings; readonly search: Comparison } | undefined;
  /** The best found once more, on other folds: what the decision rests on. */
  readonly confirmed: Comparison | undefined;
  /** On the playlists put aside; only of chosen settings. */
  readonly test: Comparison | undefined;
  /** An abort ended it: what `chosen` rests on is the search alone unless `confirmed` is there. */
  readonly stopped: boolean;
}

export type TuningStage = SplitName['stage'];

export interface TuningEffects extends Omit<RaceEffects, 'onMeasured'> {
  readonly signal: AbortSignal;
  /** Told after each measurement; `done` of `total` measurements in the stages after the search. */
  onChange(stage: TuningStage, trials: readonly Trial[], done: number, total: number): void;
}

/** Another setting is as good when the difference is within one standard error; the cheaper one is then taken. */
const AS_GOOD_ERRORS = 1;
/** Cheaper settings that may be as good are worth confirming; the search's figure for the best flatters it. */
const MAYBE_AS_GOOD_ERRORS = 2;

/**
 * Searches settings that continue playlists better than the defaults do. In the search, settings are ordered by input x
 * output, which costs one pass over the vectors a case; then the best two and the defaults are trained anew on other folds,
 * twice on each, and judged by what `song-vectors` recommends, because that is what listeners get. Settings are chosen
 * when the whole 95 % interval of the difference to the defaults, which allows for the luck of training as well as for
 * that of the playlists, lies above nought; among equals, the one that takes less work. Only then are
 * the test playlists looked at, by the chosen settings and the defaults.
 *
 * An abort does not throw: it ends the work and gives what was found so far.
 */
export async function tuneSettings(
  options: Omit<RaceOptions, 'folds'>,
  splits: Pick<TuningSplits, 'folds' | 'runs'>,
  effects: TuningEffects,
): Promise<Tuning> {
  const trials: Trial[] = [];
  const folds = splits.folds.search;
  const { defaults } = options;
  let confirmed: Comparison | undefined;
  let chosen: TrainingSettings | undefined;
  const result = (more: { test?: Comparison; stopped: boolean }): Tuning => {
    const found = best(trials, folds);
    const unconfirmed = confirmed === undefined && found !== undefined && found.search.difference.low > 0;
    return {
      trials: trials.filter(({ measured }) => measured.length > 0),
      chosen: chosen ?? (more.stopped && unconfirmed ? found.settings : undefined),
      found,
      confirmed,
      test: more.test,
      stopped: more.stopped,
    };
  };
  const measureAll = async (stage: 'confirm' | 'test', all: readonly TrainingSettings[]): Promise<Judgement[]> => {
    const measured = all.map(() => Array.from({ length: splits.folds[stage] }, (): Measurement[] => []));
    const orders = measured.flatMap((byFold, at) =>
      byFold.flatMap((_, fold) => Array.from({ length: splits.runs[stage] }, (_, run) => ({ at, fold, run }))),
    );
    // Fold by fold: should it be stopped, the next tune goes on there.
    orders.sort((a, b) => a.fold - b.fold || a.run - b.run || a.at - b.at);
    let done = 0;
    effects.onChange(stage, trials, done, orders.length);
    await eachAtOnce(orders, effects.atOnce, async ({ at, fold, run }) => {
      measured[at]![fold]![run] = await effects.measure(all[at]!, { stage, fold, run }, true);
      effects.onChange(stage, trials, ++done, orders.length);
    });
    const luck = luckOf(measured.flat()) / Math.sqrt(splits.folds[stage] * splits.runs[stage]);
    return measured.map((byFold) => ({ folds: byFold.map(averageRuns), luck }));
  };

  try {
    const onMeasured = () => {
      const tried = trials.filter(({ measured }) => measured.length > 0).length;
      effects.onChange('search', trials, tried, options.trials);
    };
    await raceSettings(trials, { ...options, folds }, { ...effects, onMeasured });
    const finalists = pickFinalists(trials, folds);
    if (finalists.length === 0) return result({ stopped: false });
    const [own, ...others] = await measureAll('confirm', [defaults, ...finalists.map(({ settings }) => settings)]);
    const judged = finalists.map((trial, at) => ({
      trial,
      judgement: others[at]!,
      against: compare(others[at]!, own!),
    }));
    const better = judged.filter(({ against }) => against.difference.low > 0);
    const winner = cheapestOfEquals(better);
    confirmed = (winner ?? judged.toSorted(byMean)[0]!).against;
    if (winner === undefined) return result({ stopped: false });
    chosen = winner.trial.settings;
    const [ownTest, chosenTest] = await measureAll('test', [defaults, chosen]);
    return result({ test: compare(chosenTest!, ownTest!), stopped: false });
  } catch (error) {
    if (!effects.signal.aborted) throw error;
    return result({ stopped: true });
  }
}

/** The best of the search that is better than the defaults. */
function best(trials: readonly Trial[], folds: number): Tuning['found'] {
  const top = bestTrial(trials, folds);
  if (top === undefined || top.number === 1) return undefined;
  return { settings: top.settings, search: compare({ folds: top.measured }, { folds: trials[0]!.measured }) };
}

/** The best that is better than the defaults, and beside it the cheapest that may be as good, else the second best. */
function pickFinalists(trials: readonly Trial[], folds: number): Trial[] {
  const [own] = trials;
  const better = wholeTrials(trials, folds)
    .filter((trial) => trial !== own && meanOf(trial) > meanOf(own!))
    .toSorted((a, b) => meanOf(b) - meanOf(a) || a.number - b.number);
  const [top, second] = better;
  if (top === undefined) return [];
  const asGood = better.filter((trial) => {
    const { mean, error } = compareTrials(top, trial, folds);
    return trial.cost < top.cost && mean <= MAYBE_AS_GOOD_ERRORS * error;
  });
  const beside = asGood.toSorted((a, b) => a.cost - b.cost || a.number - b.number)[0] ?? second;
  return beside === undefined ? [top] : [top, beside];
}

/** Settings measured on all folds of a stage. `luck`: standard error of their mean that comes from training alone. */
interface Judgement {
  readonly folds: readonly Measurement[];
  readonly luck?: number;
}

interface Judged {
  readonly trial: Trial;
  readonly judgement: Judgement;
  readonly against: Comparison;
}

const byMean = (a: Judged, b: Judged) => b.against.difference.mean - a.against.difference.mean;

function cheapestOfEquals(judged: readonly Judged[]): Judged | undefined {
  const [top] = judged.toSorted(byMean);
  return judged
    .filter(({ judgement }) => {
      const { mean, error } = compare(top!.judgement, judgement).difference;
      return mean <= AS_GOOD_ERRORS * error;
    })
    .toSorted((a, b) => a.trial.cost - b.trial.cost || byMean(a, b))[0];
}

function compare(settings: Judgement, defaults: Judgement): Comparison {
  // The defaults may have been asked for more than the others.
  const both = [...settings.folds, ...defaults.folds].every(({ recommender }) => recommender !== null);
  const scoresOf = ({ folds }: Judgement) =>
    folds.flatMap(({ inputXOutput, recommender }) => (both ? recommender! : inputXOutput));
  const luck = Math.hypot(settings.luck ?? 0, defaults.luck ?? 0);
  return {
    settings: meansOf(settings, both),
    defaults: meansOf(defaults, both),
    difference: differenceInterval(scoresOf(settings), scoresOf(defaults), luck),
  };
}

function meansOf({ folds }: Judgement, recommender: boolean): Means {
  return {
    inputXOutput: meanNumber(folds.flatMap(({ inputXOutput }) => inputXOutput)),
    meanCosine: meanNumber(folds.flatMap(({ meanCosine }) => meanCosine)),
    recommender: recommender ? meanNumber(folds.flatMap((each) => each.recommender!)) : null,
  };
}

/** Several trainings of the same settings on the same cases as one: the mean of each case. */
function averageRuns(runs: readonly Measurement[]): Measurement {
  const average = (scoresOf: (run: Measurement) => readonly number[]) =>
    scoresOf(runs[0]!).map((_, at) => meanNumber(runs.map((run) => scoresOf(run)[at]!)));
  return {
    ...runs[0]!,
    inputXOutput: average(({ inputXOutput }) => inputXOutput),
    meanCosine: average(({ meanCosine }) => meanCosine),
    recommender: average(({ recommender }) => recommender!),
  };
}

/** Standard deviation of what one training comes to on a fold: of runs that differ by nothing but random numbers. */
function luckOf(runsByFold: readonly (readonly Measurement[])[]): number {
  const variances = runsByFold.map((runs) => {
    const means = runs.map(({ recommender }) => meanNumber(recommender!));
    const mean = meanNumber(means);
    return means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, means.length - 1);
  });
  return Math.sqrt(meanNumber(variances));
}

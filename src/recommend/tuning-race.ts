import { type Random, seededRandom } from '../base/random.ts';
import type { TrainingSettings } from '../vectors/settings.ts';
import { type PairedDifference, pairedDifference } from './paired-difference.ts';
import {
  affordable,
  alongOneSetting,
  mixSettings,
  nameSettings,
  spreadSettings,
  startOf,
  trainingCost,
} from './tuning-space.ts';
import type { SplitName } from './tuning-splits.ts';

/** What settings came to on one split. NDCG@500 of each case; the same split has the same cases whatever the settings. */
export interface Measurement {
  readonly inputXOutput: readonly number[];
  readonly meanCosine: readonly number[];
  /** Null where it was not asked for: it takes a pass over all vectors for each seed. */
  readonly recommender: readonly number[] | null;
  readonly trainSeconds: number;
  readonly judgeSeconds: number;
}

/** Settings that were tried, with a measurement for each fold so far; who is dropped early has fewer. */
export interface Trial {
  /** From 1, which is the defaults. */
  readonly number: number;
  readonly settings: TrainingSettings;
  /** Work of training, as a multiple of the defaults'. */
  readonly cost: number;
  readonly measured: Measurement[];
}

export interface RaceOptions {
  readonly defaults: TrainingSettings;
  /** Tried right after the defaults, such as the settings in use. */
  readonly first: readonly TrainingSettings[];
  readonly algorithms: readonly TrainingSettings['algorithm'][];
  readonly seed: number;
  /** Trials at most. */
  readonly trials: number;
  readonly folds: number;
  /** Mean number of tracks in a playlist. */
  readonly playlistLength: number;
}

export interface RaceEffects {
  /** Trains on a split and judges. The same arguments give the same measurement. */
  measure(settings: TrainingSettings, split: SplitName, recommender: boolean): Promise<Measurement>;
  /** Measurements that may be under way at once. Has no influence on what comes out. */
  readonly atOnce: number;
  /** Whether there is time to measure `next` besides the trials that have no measurement yet; always, without a clock. */
  hasTimeFor(next: Trial, trials: readonly Trial[]): boolean;
  onMeasured(trials: readonly Trial[]): void;
}

/** Trials that start together; half of them are left after the first fold and a quarter after the second. */
const GENERATION = 8;

/** Costlier settings are not tried: nobody would want to train with them, and they would eat the budget of many others. */
const MOST_COST = 12;

/** Settings this many standard errors below the leader run no further fold. */
const CLEARLY_ERRORS = 2;

/** New mixtures are looked for this often before they count as tried, and the search ends after so many empty turns. */
const PATIENCE = 200;
const MOST_EMPTY = 30;

/**
 * Looks for better settings than the defaults: a first generation spread over the whole space, then one setting of the
 * best after the other, and mixtures of the best. Within a generation all are measured on one fold, the better half on the next, and so on (successive
 * halving, Jamieson and Talwalkar 2016), so that most settings cost one training. Decisions rest on measurements and the
 * seed alone, so that the same number of trials gives the same trials. Pushes onto `trials`, which therefore holds what
 * was found when an abort rejects it.
 */
export async function raceSettings(trials: Trial[], options: RaceOptions, effects: RaceEffects): Promise<void> {
  const { defaults, algorithms } = options;
  const random = seededRandom(options.seed);
  const tried = new Set<string>();
  const costOf = costAgainst(defaults, options.playlistLength);
  let isOver = false;

  const enter = (candidates: readonly TrainingSettings[]): Trial[] => {
    const entered: Trial[] = [];
    for (const settings of candidates) {
      const trial = { number: trials.length + 1, settings, cost: costOf(settings), measured: [] };
      if (trials.length >= options.trials || tried.has(nameSettings(settings))) continue;
      if (trials.length > 0 && !effects.hasTimeFor(trial, trials)) {
        isOver = true;
        continue;
      }
      tried.add(nameSettings(settings));
      trials.push(trial);
      entered.push(trial);
    }
    return entered;
  };
  const measure = async (entered: readonly Trial[], fold: number): Promise<void> => {
    const recommender = fold === 0 && entered[0]?.number === 1;
    // The longest first: nobody then waits for it alone at the end.
    const costliest = entered.toSorted((a, b) => b.cost - a.cost || a.number - b.number);
    await eachAtOnce(costliest, effects.atOnce, async (trial) => {
      if (trial.number > 1 && !effects.hasTimeFor(trial, trials)) return;
      trial.measured[fold] = await effects.measure(trial.settings, { stage: 'search', fold, run: 0 }, recommender);
      effects.onMeasured(trials);
    });
  };
  const halve = async (entered: readonly Trial[]): Promise<void> => {
    const leader = bestTrial(trials, options.folds)!;
    let left = entered;
    for (let fold = 0; fold < options.folds && left.length > 0; fold++) {
      await measure(left, fold);
      const most = Math.max(1, Math.ceil(entered.length / 2 ** (fold + 1)));
      left = left
        .filter((trial) => trial.measured.length > fold && !isClearlyWorse(trial, leader, fold + 1))
        .toSorted((a, b) => meanOf(b, fold + 1) - meanOf(a, fold + 1) || a.number - b.number)
        .slice(0, most);
    }
  };

  // The defaults run all folds: everything else is compared with them.
  const [own] = enter([defaults]);
  for (let fold = 0; fold < options.folds; fold++) await measure([own!], fold);
  const starts = algorithms.map((algorithm) => startOf(algorithm, defaults));
  const limits = new Map(starts.map((start) => [start.algorithm, MOST_COST * Math.max(1, costOf(start))]));
  const within = (settings: readonly TrainingSettings[]) =>
    settings.flatMap(
      (each) => affordable(each, limits.get(each.algorithm)! * costOf.unit, options.playlistLength) ?? [],
    );
  const spread = starts.flatMap((start) => spreadSettings(start, Math.ceil(GENERATION / starts.length), random));
  await halve(enter([...options.first, ...starts, ...within(spread)]));
  const isNew = (settings: TrainingSettings) => !tried.has(nameSettings(settings));
  for (let turn = 0, empty = 0; !isOver && trials.length < options.trials && empty < MOST_EMPTY; turn++) {
    const next = within(proposeSettings(turn, trials, options.folds, random, isNew)).filter(isNew);
    empty = next.length === 0 ? empty + 1 : 0;
    await halve(enter(next));
  }
}

function isClearlyWorse(trial: Trial, leader: Trial, folds: number): boolean {
  const { mean, error } = compareTrials(trial, leader, folds);
  return mean + CLEARLY_ERRORS * error < 0;
}

/**
 * What to try next: by turns, two settings of the best one after the other along all of their range, then mixtures of the
 * five best. Empty where all of that was tried.
 */
function proposeSettings(
  turn: number,
  trials: readonly Trial[],
  folds: number,
  random: Random,
  isNew: (settings: TrainingSettings) => boolean,
): TrainingSettings[] {
  const ranked = wholeTrials(trials, folds).toSorted((a, b) => meanOf(b) - meanOf(a) || a.number - b.number);
  const best = ranked[0]!.settings;
  if (turn % 3 < 2) return alongOneSetting(best, turn - Math.floor(turn / 3), GENERATION - 2).filter(isNew);
  const parents = ranked.filter(({ settings }) => settings.algorithm === best.algorithm).slice(0, 5);
  const pick = () => parents[Math.floor(random() * parents.length)]!.settings;
  const found = new Map<string, TrainingSettings>();
  for (let attempt = 0; attempt < PATIENCE && found.size < GENERATION; attempt++) {
    const mixed = mixSettings(pick(), pick(), random);
    if (isNew(mixed)) found.set(nameSettings(mixed), mixed);
  }
  return [...found.values()];
}

function costAgainst(defaults: TrainingSettings, playlistLength: number) {
  const unit = trainingCost(defaults, playlistLength);
  return Object.assign((settings: TrainingSettings) => trainingCost(settings, playlistLength) / unit, { unit });
}

/** Trials measured on all folds. */
export function wholeTrials(trials: readonly Trial[], folds: number): Trial[] {
  return trials.filter(({ measured }) => measured.filter(Boolean).length === folds);
}

/** The trial of the highest mean over all folds; undefined before the first is through. */
export function bestTrial(trials: readonly Trial[], folds: number): Trial | undefined {
  return wholeTrials(trials, folds).reduce<Trial | undefined>(
    (best, each) => (best === undefined || meanOf(each) > meanOf(best) ? each : best),
    undefined,
  );
}

/** Mean NDCG@500 by input x output over the first `folds` folds (all that were measured, if absent). */
export function meanOf({ measured }: Trial, folds = measured.length): number {
  return meanNumber(scoresOf(measured, folds));
}

/** `a` minus `b` on the cases of the first `folds` folds. */
export function compareTrials(a: Trial, b: Trial, folds: number): PairedDifference {
  return pairedDifference(scoresOf(a.measured, folds), scoresOf(b.measured, folds));
}

export function meanNumber(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function scoresOf(measured: readonly Measurement[], folds: number): number[] {
  return measured.slice(0, folds).flatMap(({ inputXOutput }) => inputXOutput);
}

/** Runs `work` over all items, at most `atOnce` at a time; the first failure is thrown once those under way have ended. */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const line = async () => {
    for (const item of waiting) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.max(1, Math.min(atOnce, items.length)) }, line));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

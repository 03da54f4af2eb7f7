import type { Json, TaskOutput } from '../base/task.ts';
import type { Comparison, Tuning } from '../recommend/tuning.ts';
import { bestTrial, meanOf, type Trial } from '../recommend/tuning-race.ts';
import { changedSettings } from '../recommend/tuning-space.ts';
import type { TuningSplits } from '../recommend/tuning-splits.ts';
import type { StoredCorpus } from '../store/corpora.ts';
import type { TrainingSettings } from '../vectors/settings.ts';

interface About {
  readonly source: StoredCorpus;
  readonly splits: TuningSplits;
  readonly defaults: TrainingSettings;
  readonly counts: { readonly made: number; readonly remembered: number };
  readonly seconds: number;
}

/** What a tune came to, as a task's output: figures are mean NDCG@500. */
export function describeTuning(tuning: Tuning, { source, splits, defaults, counts, seconds }: About): TaskOutput {
  const { trials, chosen, found, confirmed, test, stopped } = tuning;
  const changes = (settings: TrainingSettings) => changedSettings(settings, defaults);
  return {
    corpus: source.fingerprint,
    playlists: source.playlists,
    testPlaylists: splits.testPlaylists,
    sampleTokens: splits.sampleTokens,
    corpusTokens: splits.corpusTokens,
    stopped,
    /** What differs from the defaults; null: the defaults stay. */
    chosen: chosen === undefined ? null : changes(chosen),
    best: found === undefined ? null : { settings: changes(found.settings), ...json(found.search) },
    confirmed: json(confirmed),
    test: json(test),
    defaults: trials[0] === undefined ? null : meanOf(trials[0]),
    trials: trials.map((trial) => describeTrial(trial, changes(trial.settings))),
    tried: trials.length,
    whole: trials.filter(({ measured }) => measured.length === splits.folds.search).length,
    leader: bestTrial(trials, splits.folds.search)?.number ?? null,
    trainings: counts.made,
    remembered: counts.remembered,
    seconds,
  };
}

function describeTrial({ number, measured, cost }: Trial, settings: { [name: string]: Json }): Json {
  const seconds = measured.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0) / measured.length;
  return {
    trial: number,
    settings,
    folds: measured.length,
    inputXOutput: mean(measured.flatMap(({ inputXOutput }) => inputXOutput)),
    meanCosine: mean(measured.flatMap(({ meanCosine }) => meanCosine)),
    /** Work of training as a multiple of the defaults', and what it took. */
    cost,
    trainSeconds: seconds,
  };
}

function json(comparison: Comparison | undefined): { [name: string]: Json } | null {
  if (comparison === undefined) return null;
  const { settings, defaults, difference } = comparison;
  return { means: { ...settings }, defaults: { ...defaults }, difference: { ...difference } };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

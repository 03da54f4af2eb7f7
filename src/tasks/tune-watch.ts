import type { Clock } from '../base/clock.ts';
import type { Progress } from '../base/progress.ts';
import type { TuningEffects } from '../recommend/tuning.ts';
import { bestTrial, type Measurement, meanOf, type Trial } from '../recommend/tuning-race.ts';
import type { TuningSplits } from '../recommend/tuning-splits.ts';

interface WatchOptions {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Time for all of it; absent: as long as it takes. */
  readonly budgetMs: number | undefined;
  readonly clock: Clock;
  readonly report: Progress;
  readonly splits: Pick<TuningSplits, 'folds' | 'runs'>;
  readonly atOnce: number;
}

/** Trainings that follow the search: the defaults and two finalists are confirmed, then the defaults and one tested. */
function trainingsAfter({ folds, runs }: Pick<TuningSplits, 'folds' | 'runs'>): number {
  return 3 * folds.confirm * runs.confirm + 2 * folds.test * runs.test;
}

/** Keeps an eye on the time: decides what there is time for, and tells how far it is. */
export function watchTuning({ startedAt, budgetMs, clock, report, splits, atOnce }: WatchOptions): {
  readonly effects: Pick<TuningEffects, 'hasTimeFor' | 'onChange' | 'atOnce'>;
  /** Called while a training is under way. */
  tick(): void;
} {
  let tell = (): void => {};
  return {
    tick: () => tell(),
    effects: {
      atOnce,
      hasTimeFor(next, trials) {
        if (budgetMs === undefined) return true;
        const left = startedAt + budgetMs - clock.now().getTime();
        return secondsNeeded(next, trials, splits, atOnce) * 1000 <= left;
      },
      onChange(stage, trials, done, total) {
        const note = bestOf(trials, splits.folds.search);
        tell = () => {
          if (stage !== 'search') report({ label: `tune: ${stage}`, done, total, unit: 'trainings', note });
          else if (budgetMs === undefined) report({ label: 'tune', done, total, unit: 'trials', note });
          else {
            const elapsed = (clock.now().getTime() - startedAt) / 1000;
            // Nothing ends by the second: what is under way is finished, and a full bar would be taken for the end.
            const most = budgetMs / 1000;
            report({ label: 'tune', done: Math.min(elapsed, 0.999 * most), total: most, unit: 's', note });
          }
        };
        tell();
      },
    },
  };
}

/** Time for `next`, for the trials that wait and for all that comes after the search, by the pace so far. */
function secondsNeeded(next: Trial, trials: readonly Trial[], splits: WatchOptions['splits'], atOnce: number): number {
  const done = trials.flatMap(({ cost, measured }) => measured.map((each) => ({ cost, ...each })));
  if (done.length === 0) return 0;
  const pace = sum(done, 'trainSeconds') / done.reduce((total, { cost }) => total + cost, 0);
  const judging = sum(done, 'judgeSeconds') / done.length;
  // The first measurement of the defaults asks the recommender too.
  const asking = Math.max(judging, done[0]!.judgeSeconds);
  const waiting = new Set([...trials.filter(({ measured }) => measured.length === 0), next]);
  const search = [...waiting].reduce((total, { cost }) => total + cost * pace + judging, 0);
  const best = Math.max(1, bestTrial(trials, splits.folds.search)?.cost ?? 1);
  return (search + trainingsAfter(splits) * (best * pace + asking)) / atOnce;
}

function sum(measured: readonly Measurement[], name: 'trainSeconds' | 'judgeSeconds'): number {
  return measured.reduce((total, each) => total + each[name], 0);
}

function bestOf(trials: readonly Trial[], folds: number): string {
  const [own] = trials;
  const best = bestTrial(trials, folds);
  const tried = `${trials.filter(({ measured }) => measured.length > 0).length} tried`;
  if (own === undefined || best === undefined) return tried;
  return `${tried}, best ${meanOf(best).toFixed(4)} (defaults ${meanOf(own).toFixed(4)})`;
}

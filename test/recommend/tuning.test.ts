import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { measureOn } from '../../src/recommend/measure-settings.ts';
import { type TuningEffects, tuneSettings } from '../../src/recommend/tuning.ts';
import type { Measurement } from '../../src/recommend/tuning-race.ts';
import { alongOneSetting, mixSettings, nameSettings, trainingCost } from '../../src/recommend/tuning-space.ts';
import { planSplits, type SplitName } from '../../src/recommend/tuning-splits.ts';
import { readSettings, type TrainingSettings } from '../../src/vectors/settings.ts';
import { train } from '../../src/vectors/train.ts';
import { manyGenres } from './many-genres.ts';

const DEFAULTS = readSettings({
  window: 'playlist',
  negativeExponent: 0,
  epochs: 30,
  subsampling: 0,
  learningRate: 0.1,
  minCount: 1,
  dimensions: 64,
  negatives: 5,
});
const SPLITS = { folds: { search: 4, confirm: 4, test: 1 }, runs: { search: 1, confirm: 2, test: 4 } };
const CASES = 80;

/**
 * A corpus that exists only as what each setting is worth on it: `worth`, luck of each case, and luck of each training that
 * all its cases share.
 */
function imaginedCorpus(worth: (settings: TrainingSettings) => number, spread = 0.05, shared = 0) {
  const asked: { settings: TrainingSettings; split: SplitName; recommender: boolean }[] = [];
  const measure = async (settings: TrainingSettings, split: SplitName, recommender: boolean): Promise<Measurement> => {
    asked.push({ settings, split, recommender });
    const stage = { search: 100, confirm: 200, test: 300 }[split.stage] + split.fold;
    const cases = seededRandom(stage);
    const luck = seededRandom(
      [...nameSettings(settings)].reduce(
        (sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 1e9,
        stage + 1000 * split.run,
      ),
    );
    // Measurements end in another order than they began.
    for (let turn = luck() * 5; turn > 0; turn--) await Promise.resolve();
    const value = worth(settings) + shared * (luck() - 0.5);
    const scores = Array.from({ length: CASES }, () => 0.5 * cases() + value + spread * (luck() - 0.5));
    return {
      inputXOutput: scores,
      meanCosine: scores,
      recommender: recommender ? scores : null,
      trainSeconds: 1,
      judgeSeconds: 0.1,
    };
  };
  return { asked, measure };
}

function tune(
  measure: TuningEffects['measure'],
  options: Partial<Parameters<typeof tuneSettings>[0]> = {},
  effects: Partial<TuningEffects> = {},
) {
  return tuneSettings(
    { defaults: DEFAULTS, first: [], algorithms: ['cbow'], seed: 1, trials: 40, playlistLength: 30, ...options },
    SPLITS,
    {
      measure,
      atOnce: 2,
      hasTimeFor: () => true,
      onChange: () => {},
      signal: new AbortController().signal,
      ...effects,
    },
  );
}

/** Highest at exponent 0.75 and rate 0.2, whatever the rest. */
const peak = ({ negativeExponent, learningRate }: TrainingSettings) =>
  0.3 - 0.06 * Math.abs(negativeExponent - 0.75) - 0.1 * Math.abs(Math.log2(learningRate / 0.2));

test('better settings are found, confirmed on other folds, and judged once by the test playlists', async () => {
  const { measure, asked } = imaginedCorpus(peak);
  const { chosen, trials, confirmed, test, found, stopped } = await tune(measure, { trials: 60 });
  expect(stopped).toBe(false);
  expect(trials).toHaveLength(60);
  expect(trials[0]!.settings).toEqual(DEFAULTS);
  expect(peak(chosen!)).toBeGreaterThan(peak(DEFAULTS) + 0.08);
  expect(confirmed!.difference.low).toBeGreaterThan(0);
  expect(test!.difference.mean).toBeCloseTo(peak(chosen!) - peak(DEFAULTS), 1);
  expect(found!.search.settings.recommender).toBe(null);

  const stages = asked.map(({ split }) => split.stage);
  expect(stages.lastIndexOf('search')).toBeLessThan(stages.indexOf('confirm'));
  expect(stages.lastIndexOf('confirm')).toBeLessThan(stages.indexOf('test'));
  const tested = asked.filter(({ split }) => split.stage === 'test');
  expect(new Set(tested.map(({ settings }) => settings))).toEqual(new Set([DEFAULTS, chosen]));
  expect(tested).toHaveLength(2 * 4);
  expect(asked.filter(({ split }) => split.stage === 'confirm')).toHaveLength(3 * 4 * 2);
});

test('the same number of trials gives the same outcome, however many are measured at once', async () => {
  const once = await tune(imaginedCorpus(peak).measure, { trials: 30 }, { atOnce: 1 });
  const again = await tune(imaginedCorpus(peak).measure, { trials: 30 }, { atOnce: 7 });
  expect(again).toEqual(once);
  const other = await tune(imaginedCorpus(peak).measure, { trials: 30, seed: 2 });
  expect(other.trials.map(({ settings }) => settings)).not.toEqual(once.trials.map(({ settings }) => settings));
});

test('most settings cost one training: a generation is halved at each fold', async () => {
  const { measure, asked } = imaginedCorpus(peak);
  const { trials } = await tune(measure, { trials: 49 });
  const searched = asked.filter(({ split }) => split.stage === 'search').length;
  expect(searched).toBeLessThan(trials.length * 2.2 + 4);
  expect(new Set(trials.map(({ settings }) => nameSettings(settings))).size).toBe(trials.length);
});

test('where nothing is better the defaults stay, whatever the luck, and the test playlists are not looked at', async () => {
  const outcomes: unknown[] = [];
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const [spread, shared] of [
      [0.3, 0],
      [0.02, 0.04],
    ]) {
      const { measure, asked } = imaginedCorpus(() => 0.2, spread, shared);
      const { chosen, test } = await tune(measure, { seed, trials: 24 });
      if (chosen !== undefined) outcomes.push({ seed, spread, chosen, test });
      else expect(asked.some(({ split }) => split.stage === 'test')).toBe(false);
    }
  }
  expect(outcomes).toEqual([]);
});

test('among equals the one that takes less work is chosen', async () => {
  const worth = ({ learningRate }: TrainingSettings) => (learningRate > 0.1 ? 0.3 : 0.2);
  const { chosen, trials } = await tune(imaginedCorpus(worth, 0).measure, { trials: 60 });
  const cost = (settings: TrainingSettings) => trainingCost(settings, 30);
  const better = trials.filter(({ settings, measured }) => worth(settings) > 0.2 && measured.length === 4);
  expect(worth(chosen!)).toBe(0.3);
  expect(better.filter(({ settings }) => cost(settings) < cost(chosen!))).toEqual([]);
});

test('settings in use are tried right after the defaults; both algorithms are tried when asked for', async () => {
  const first = [{ ...DEFAULTS, dimensions: 96 }];
  const { trials } = await tune(imaginedCorpus(peak).measure, { trials: 20, first, algorithms: ['cbow', 'skip-gram'] });
  expect(trials[1]!.settings.dimensions).toBe(96);
  const algorithms = trials.map(({ settings }) => settings.algorithm);
  expect(algorithms.filter((name) => name === 'skip-gram').length).toBeGreaterThan(2);
  for (const { settings } of trials) expect(readSettings(settings)).toEqual(settings);
});

test('an abort keeps the best so far: in the search on its figures, later on the confirmed ones', async () => {
  for (const [stage, isConfirmed] of [
    ['search', false],
    ['confirm', false],
    ['test', true],
  ] as const) {
    const abort = new AbortController();
    const { measure } = imaginedCorpus(peak);
    let left = stage === 'search' ? 60 : 1;
    const tuning = await tune(
      async (settings, split, recommender) => {
        if (split.stage === stage && --left === 0) abort.abort(new Error('Ctrl-C'));
        abort.signal.throwIfAborted();
        return await measure(settings, split, recommender);
      },
      { trials: 60 },
      { signal: abort.signal },
    );
    expect(tuning).toMatchObject({ stopped: true, test: undefined });
    expect(tuning.confirmed !== undefined).toBe(isConfirmed);
    expect(peak(tuning.chosen!)).toBeGreaterThan(peak(DEFAULTS));
  }
});

test('an abort before anything is known chooses nothing; another failure is thrown', async () => {
  const abort = new AbortController();
  abort.abort(new Error('Ctrl-C'));
  const fail = async (): Promise<Measurement> => {
    throw new Error('no room');
  };
  expect(await tune(fail, {}, { signal: abort.signal })).toMatchObject({
    stopped: true,
    chosen: undefined,
    trials: [],
  });
  await expect(tune(fail)).rejects.toThrow('no room');
});

test('when time is out the search ends and what it found is confirmed', async () => {
  const { measure, asked } = imaginedCorpus(peak);
  const { trials, confirmed } = await tune(
    measure,
    { trials: Number.POSITIVE_INFINITY },
    { hasTimeFor: () => asked.length < 60 },
  );
  expect(trials.length).toBeGreaterThan(15);
  expect(asked.filter(({ split }) => split.stage === 'search').length).toBeLessThan(70);
  expect(confirmed).toBeDefined();
});

const changed = (settings: TrainingSettings, from: TrainingSettings) =>
  Object.keys(settings).filter(
    (name) => settings[name as keyof TrainingSettings] !== from[name as keyof TrainingSettings],
  );

test('one setting after the other, along its range; mixtures are settings of their parents, but for one or two', () => {
  const random = seededRandom(9);
  for (const from of [DEFAULTS, { ...DEFAULTS, algorithm: 'skip-gram' as const, window: 5, epochs: 33 }]) {
    const lines = Array.from({ length: 9 }, (_, turn) => alongOneSetting(from, turn, 6));
    for (const line of lines) {
      expect(line.length).toBeGreaterThan(0);
      expect(new Set(line.map((settings) => changed(settings, from).join())).size).toBe(1);
      for (const settings of line) expect(readSettings(settings)).toEqual(settings);
    }
    expect(new Set(lines.map(([first]) => changed(first!, from).join())).size).toBeGreaterThanOrEqual(8);
    const other = { ...from, epochs: 80, learningRate: 0.2, dimensions: 128 };
    for (let at = 0; at < 200; at++) {
      const mixed = mixSettings(from, other, random);
      expect(readSettings(mixed)).toEqual(mixed);
      const own = changed(mixed, from).filter((name) => changed(mixed, other).includes(name));
      expect(own.length).toBeLessThanOrEqual(2);
    }
  }
});

test('trained for true: settings that hardly learn are left for some that do', async () => {
  const { corpus, groups } = manyGenres();
  const splits = planSplits(corpus, groups, { seed: 1, sampleTokens: 1e6 });
  const poor = readSettings({ epochs: 3, learningRate: 0.01, dimensions: 16 });
  const learnedTracks: number[] = [];
  const measure = measureOn(
    splits,
    async (learned, settings) => {
      learnedTracks.push(learned.offsets.length - 1);
      return await train(learned, settings);
    },
    { now: () => 0 },
  );
  const options = { defaults: poor, first: [], algorithms: ['cbow' as const], seed: 1, trials: 9, playlistLength: 12 };
  const runs = { search: 1, confirm: 1, test: 1 };
  const tuning = await tuneSettings(
    options,
    { ...splits, runs },
    {
      measure,
      atOnce: 2,
      hasTimeFor: () => true,
      onChange: () => {},
      signal: new AbortController().signal,
    },
  );
  expect(tuning.chosen).toBeDefined();
  expect(tuning.test!.settings.recommender!).toBeGreaterThan(tuning.test!.defaults.recommender!);
  // 24 of 120 playlists are the test's, and of the others a quarter is held out.
  expect(new Set(learnedTracks)).toEqual(new Set([72, 96]));
});

import type { Random } from '../base/random.ts';
import { noiseRows } from '../vectors/noise-rows.ts';
import type { TrainingSettings } from '../vectors/settings.ts';
import { shuffled } from './holdout.ts';

// Which settings tuning tries: round numbers, each about half as much again as the one before, so that what comes out can
// be read and the same settings come up again instead of their neighbours.

type Algorithm = TrainingSettings['algorithm'];
type Choices = { readonly [name in keyof TrainingSettings]?: readonly TrainingSettings[name][] };

// In the order in which they are looked into: what moved the figures of three corpora most comes first.
const SHARED: Choices = {
  // Above .001 nothing happens: no song is that large a part of all playlists.
  subsampling: [0, 0.001, 0.0003, 0.0001, 0.00003, 0.00001, 0.000003],
  epochs: [3, 5, 8, 12, 20, 30, 40, 60, 80, 120],
  negativeExponent: [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1],
  learningRate: [0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4],
  dimensions: [16, 32, 48, 64, 96, 128, 192, 256],
  negatives: [2, 3, 5, 8, 12, 20],
  minCount: [1, 2, 3, 5],
};

/** Skip-gram over whole playlists would take hours where it takes CBOW seconds, and was never better. */
const CHOICES: { readonly [algorithm in Algorithm]: Choices } = {
  cbow: { ...SHARED, window: [2, 5, 10, 20, 50, 'playlist'] },
  'skip-gram': { ...SHARED, window: [2, 3, 5, 8, 12, 20], skipGram: ['pairs', 'centres'] },
};

/** Where the search of an algorithm starts: the defaults, with a window that skip-gram can afford. */
export function startOf(algorithm: Algorithm, defaults: TrainingSettings): TrainingSettings {
  if (algorithm === defaults.algorithm) return defaults;
  return { ...defaults, algorithm, window: algorithm === 'skip-gram' ? 5 : 'playlist' };
}

/** Settings as one text: equal settings, equal text. The seed is chance, not a setting. */
export function nameSettings({ seed: _, ...settings }: TrainingSettings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What of `settings` differs from the defaults, without the seed. */
export function changedSettings(
  { seed: _, ...settings }: TrainingSettings,
  defaults: TrainingSettings,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== defaults[name as keyof TrainingSettings]),
  );
}

/**
 * Work of training per token of the corpus: numbers read or written. Stands for the time where decisions must not depend
 * on how busy the machine is. `playlistLength`: mean number of tracks in a playlist.
 */
export function trainingCost(settings: TrainingSettings, playlistLength: number): number {
  const { window, dimensions, epochs } = settings;
  const reach = window === 'playlist' ? playlistLength : Math.min(window + 1, playlistLength);
  return rowsPerToken(settings, reach) * dimensions * epochs;
}

/** Rows read or written for one token whose window holds `reach` others. */
function rowsPerToken(settings: TrainingSettings, reach: number): number {
  const { algorithm, skipGram, window, negatives } = settings;
  const targets = 2 * (negatives + 1);
  if (algorithm === 'skip-gram') {
    return skipGram === 'pairs' ? reach * (targets + 2) : 2 * (reach + noiseRows(settings, reach));
  }
  return window === 'playlist' ? targets + 6 : targets + 2 * reach;
}

/** `count` settings spread over the whole space (a Latin hypercube): each setting takes values from all of its range. */
export function spreadSettings(start: TrainingSettings, count: number, random: Random): TrainingSettings[] {
  const choices = Object.entries(CHOICES[start.algorithm]);
  const columns = choices.map(([_, values]) => {
    const strata = Array.from({ length: count }, (_, at) => (at + random()) / count);
    return shuffled(strata, random).map((place) => values[Math.floor(place * values.length)]!);
  });
  return Array.from({ length: count }, (_, row) => ({
    ...start,
    ...Object.fromEntries(choices.map(([name], column) => [name, columns[column]![row]])),
  }));
}

/** All else equal, at most `most` other values of one setting, the nearest first. `turn` counts through the settings. */
export function alongOneSetting(from: TrainingSettings, turn: number, most: number): TrainingSettings[] {
  const choices = Object.entries(CHOICES[from.algorithm]);
  const [name, values] = choices[turn % choices.length]!;
  const place = placeOf(values, from[name as keyof TrainingSettings]);
  return [...values.entries()]
    .filter(([at]) => at !== place)
    .toSorted(([a], [b]) => Math.abs(a - place) - Math.abs(b - place) || a - b)
    .slice(0, most)
    .map(([_, value]) => ({ ...from, [name]: value }));
}

/** Each setting from one of two parents of the same algorithm, and one or two settings a step or two away. */
export function mixSettings(one: TrainingSettings, other: TrainingSettings, random: Random): TrainingSettings {
  const mixed: Record<string, unknown> = { ...one };
  const choices = Object.entries(CHOICES[one.algorithm]);
  for (const [name] of choices) if (random() < 0.5) mixed[name] = other[name as keyof TrainingSettings];
  for (const [name, values] of shuffled(choices, random).slice(0, random() < 0.5 ? 1 : 2)) {
    const steps = (random() < 0.5 ? -1 : 1) * (random() < 0.7 ? 1 : 2);
    const at = placeOf(values, mixed[name] as number | string) + steps;
    mixed[name] = values[Math.max(0, Math.min(values.length - 1, at))]!;
  }
  return mixed as TrainingSettings;
}

/** Fewer epochs where the settings cost more than `most`; undefined where not even the fewest help. */
export function affordable(
  settings: TrainingSettings,
  most: number,
  playlistLength: number,
): TrainingSettings | undefined {
  const fewer = SHARED.epochs!.filter((epochs) => epochs < settings.epochs).toReversed();
  return [settings.epochs, ...fewer]
    .map((epochs) => ({ ...settings, epochs }))
    .find((each) => trainingCost(each, playlistLength) <= most);
}

/** Index of the value nearest to `value`, which need not be among them. */
function placeOf(values: readonly (number | string)[], value: number | string): number {
  const exact = values.indexOf(value);
  if (exact >= 0) return exact;
  let place = 0;
  for (const [at, each] of values.entries()) {
    if (Math.abs(Number(each) - Number(value)) < Math.abs(Number(values[place]) - Number(value))) place = at;
  }
  return place;
}

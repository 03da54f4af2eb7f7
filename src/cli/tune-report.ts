import { formatDuration, formatNumber, plural, table, wrap } from './format.ts';
import { type Facts, factsIn, settingWords } from './task-line.ts';
import type { Terminal } from './terminal.ts';

const SHOWN = 5;

/** What a tune came to: the verdict first, then what it rests on. All figures are mean NDCG@500. */
export function reportTuning(facts: Facts, terminal: Terminal): string[] {
  if (facts.forgotten === true) return ['Forgotten: train-vectors uses the defaults again.'];
  const sampled = (facts.sampleTokens as number) < (facts.corpusTokens as number);
  const remembered = facts.remembered as number;
  const rows: [string, string][] = [
    ...comparison('validation', facts.confirmed, 'playlists, split in another way than for the search'),
    ...comparison('test', facts.test, 'playlists that tuning never saw'),
    ['tried', `${plural(facts.tried as number, 'setting')} in ${formatDuration((facts.seconds as number) * 1000)}`],
    [
      'trainings',
      formatNumber(facts.trainings as number) + (remembered > 0 ? `, and ${remembered} kept from before` : ''),
    ],
    ...(sampled
      ? [
          [
            'sample',
            `${formatNumber(facts.sampleTokens as number)} of ${formatNumber(facts.corpusTokens as number)} songs in playlists; more --minutes take more`,
          ] as [string, string],
        ]
      : []),
  ];
  return [
    ...wrap(verdict(facts), terminal.width),
    '',
    ...table(rows, terminal.width),
    '',
    ...table(
      [
        ['trial', 'folds', 'input x output', 'cosine', 'work', 'settings'],
        ...leaders(facts).map((trial) => [
          String(trial.trial),
          String(trial.folds),
          figure(trial.inputXOutput),
          figure(trial.meanCosine),
          `${(trial.cost as number).toFixed(1)} x`,
          settingWords(factsIn(trial, 'settings')),
        ]),
      ],
      terminal.width,
    ),
  ];
}

function verdict(facts: Facts): string {
  const best = factsIn(facts, 'best');
  const stopped = facts.stopped === true;
  if (facts.chosen === null) {
    if (stopped) return 'Stopped before anything was certain: nothing is changed. Start it again to go on from here.';
    if (facts.tried === 1) return 'Only the defaults were tried, and they stay: give it more --minutes or --trials.';
    if (facts.best === null) return 'The defaults stay: nothing that was tried is better.';
    return `The defaults stay: nothing is better beyond doubt. The best was ${settingWords(factsIn(best, 'settings'))}.`;
  }
  const used = 'train-vectors uses them from now on; segue tune --forget goes back to the defaults.';
  const chosen = settingWords(factsIn(facts, 'chosen'));
  if (stopped && facts.test === null)
    return (
      `Stopped. The best so far is kept, ${facts.confirmed === null ? 'though it is not confirmed yet' : 'though it is not tested yet'}: ` +
      `${chosen}; ${used} Start it again to go on from here.`
    );
  return `Better than the defaults: ${chosen}; ${used}`;
}

function comparison(label: string, value: unknown, noun: string): [string, string][] {
  if (value === null || value === undefined) return [];
  const facts = value as Facts;
  const own = factsIn(facts, 'means');
  const defaults = factsIn(facts, 'defaults');
  const { mean, low, high, cases } = factsIn(facts, 'difference');
  return [
    [
      label,
      `${figure(own.recommender)} instead of ${figure(defaults.recommender)}: ${signed(mean)} (95 %: ${signed(low)} to ${signed(high)})`,
    ],
    ['', `on ${formatNumber(cases as number)} ${noun}`],
    [
      '',
      `input x output ${figure(own.inputXOutput)} instead of ${figure(defaults.inputXOutput)}; cosine ${figure(own.meanCosine)} instead of ${figure(defaults.meanCosine)}`,
    ],
  ];
}

/** The best of the trials that ran all folds, and the defaults. */
function leaders(facts: Facts): Facts[] {
  const trials = facts.trials as Facts[];
  const folds = Math.max(...trials.map((trial) => trial.folds as number));
  const whole = trials.filter((trial) => trial.folds === folds);
  const best = whole.toSorted((a, b) => (b.inputXOutput as number) - (a.inputXOutput as number)).slice(0, SHOWN);
  const own = trials.filter(({ trial }) => trial === 1);
  return best.some(({ trial }) => trial === 1) ? best : [...best, ...own];
}

function figure(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(4) : '-';
}

function signed(value: unknown): string {
  const number = value as number;
  return `${number < 0 ? '-' : '+'}${Math.abs(number).toFixed(4)}`;
}

// How long until held-out continuation is as good as gensim's best of 1 to 10 epochs?
//   SEGUE_BENCH_PEERS=<folder> node bench/train-quality.ts [--corpora demo,listeners,S] [--methods skip-gram,cbow,playlist]
//     [--epochs 1,2,3,5,7,10] [--our-epochs 1,2,3,4,5,6,8,10,12,15,20] [--rates 0.025,0.05,0.1] [--exponents 0.75,0] [--tune-epochs 1,3,10]
//     [--our-tune-epochs 1,3,10,20] [--ours '[{},{"negativeSharing":5}]'] [--seeds 1,2,3] [--threads 2] [--tuned-on S] [--final test|validation] [--tolerance 0]
// Both trainers are tuned alike on a validation split: every rate x exponent (ours also x the variants of --ours) at the epochs of
// --tune-epochs; for E epochs the settings that were best at the nearest of these are used. --tuned-on takes what another corpus
// chose. The final figures are of the test split, which nothing was chosen by: means over seeds of NDCG@500 (the better of input x
// output and mean cosine), medians of seconds of training alone. A run of E epochs lets its rate fall over E, for gensim as for us.
// --tolerance is how much below gensim's mean counts as reached (differences under .006 mean nothing; 0 by default).
// Results are kept in bench/out/train-quality.jsonl and not measured again; delete it to start anew.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../src/config.ts';
import { buildVocabulary } from '../src/vectors/vocabulary.ts';
import { type BenchCorpus, readBenchCorpus } from './corpora/bench-corpus.ts';
import { findPeers } from './peers/peers.ts';
import { judgePopularity } from './training/judge-vectors.ts';
import { METHOD_NAMES, METHODS, type Method } from './training/methods.ts';
import { type Measured, measure, openJournal, openSplit, type Trainer, type Tuned } from './training/quality-run.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'demo,listeners,S' },
    methods: { type: 'string', default: METHODS.join(',') },
    epochs: { type: 'string', default: '1,2,3,5,7,10' },
    'our-epochs': { type: 'string', default: '1,2,3,4,5,6,8,10,12,15,20' },
    rates: { type: 'string', default: '0.025,0.05,0.1' },
    exponents: { type: 'string', default: '0.75,0' },
    'tune-epochs': { type: 'string', default: '1,3,10' },
    'our-tune-epochs': { type: 'string' },
    ours: { type: 'string', default: '[{}]' },
    seeds: { type: 'string', default: '1,2,3' },
    threads: { type: 'string', default: '2' },
    'tuned-on': { type: 'string' },
    final: { type: 'string', default: 'test' },
    tolerance: { type: 'string', default: '0' },
    results: { type: 'string', default: join(projectRoot, 'bench/out/train-quality.jsonl') },
  },
});
const numbers = (list: string) => list.split(',').map(Number);
const epochsOf: Record<Trainer, number[]> = {
  gensim: numbers(options.epochs),
  ours: numbers(options['our-epochs']),
};
const tuneEpochsOf: Record<Trainer, number[]> = {
  gensim: numbers(options['tune-epochs']),
  ours: numbers(options['our-tune-epochs'] ?? options['tune-epochs']),
};
const seeds = numbers(options.seeds);
const threads = Number(options.threads);
const finalSplit = options.final === 'validation' ? 'validation' : 'test';
const peers = findPeers();
const trainers: Trainer[] = peers.gensim ? ['gensim', 'ours'] : ['ours'];
const journal = openJournal(options.results);

/** Every combination that is tried on the validation split. */
const grid = numbers(options.rates).flatMap((rate) =>
  numbers(options.exponents).map((exponent) => ({ rate, exponent, extra: {} })),
);
const grids: Record<Trainer, Tuned[]> = {
  gensim: grid,
  ours: (JSON.parse(options.ours) as object[]).flatMap((extra) => grid.map((tuned) => ({ ...tuned, extra }))),
};

/** Best settings of each trainer at each of the tuning epochs. */
type Choice = Record<Trainer, Map<number, Tuned>>;

async function tune(corpus: BenchCorpus, method: Method): Promise<Choice> {
  const split = openSplit(corpus, 'validation', 1);
  const choice: Choice = { gensim: new Map(), ours: new Map() };
  try {
    for (const epochs of new Set([...tuneEpochsOf.gensim, ...tuneEpochsOf.ours])) {
      const best: Record<Trainer, number> = { gensim: -1, ours: -1 };
      for (let at = 0; at < grids.ours.length; at++) {
        for (const trainer of trainers) {
          const tuned = grids[trainer][at];
          if (tuned === undefined || !tuneEpochsOf[trainer].includes(epochs)) continue;
          const { ndcg } = await measure(split, { trainer, method, epochs, threads, seed: 1, ...tuned }, journal);
          if (ndcg <= best[trainer]) continue;
          best[trainer] = ndcg;
          choice[trainer].set(epochs, tuned);
        }
      }
      for (const trainer of trainers.filter((each) => choice[each].has(epochs))) {
        const chosen = JSON.stringify(choice[trainer].get(epochs));
        console.error(`${corpus.name}, ${method}, ${epochs} epochs, ${trainer}: ${chosen} ${best[trainer].toFixed(4)}`);
      }
    }
  } finally {
    split.close();
  }
  return choice;
}

/** What was best at the tuning epochs that are nearest, by ratio. */
function chosenFor(choice: Choice, trainer: Trainer, epochs: number): Tuned {
  const distance = (tuned: number) => Math.abs(Math.log(tuned / epochs));
  const nearest = tuneEpochsOf[trainer].reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return choice[trainer].get(nearest)!;
}

interface Row {
  readonly epochs: number;
  readonly tuned: Tuned;
  readonly seconds: number;
  readonly ndcg: number;
  readonly spread: number;
  readonly runs: Measured[];
}

async function compare(corpus: BenchCorpus, method: Method, choice: Choice): Promise<Record<Trainer, Row[]>> {
  const runs: Record<Trainer, Map<number, Measured[]>> = { gensim: new Map(), ours: new Map() };
  for (const seed of seeds) {
    const split = openSplit(corpus, finalSplit, seed);
    try {
      if (seed === seeds[0]) sayCases(corpus, split.holdout);
      const most = Math.max(epochsOf.gensim.length, epochsOf.ours.length);
      for (let at = 0; at < most; at++) {
        for (const trainer of trainers) {
          const epochs = epochsOf[trainer][at];
          if (epochs === undefined) continue;
          const tuned = chosenFor(choice, trainer, epochs);
          const measured = await measure(split, { trainer, method, epochs, threads, seed, ...tuned }, journal);
          runs[trainer].set(epochs, [...(runs[trainer].get(epochs) ?? []), measured]);
          console.error(JSON.stringify({ corpus: corpus.name, method, trainer, epochs, seed, ...measured }));
        }
      }
    } finally {
      split.close();
    }
  }
  const rows = (trainer: Trainer) =>
    Array.from(runs[trainer], ([epochs, measured]): Row => {
      const scores = measured.map(({ ndcg }) => ndcg);
      return {
        epochs,
        tuned: chosenFor(choice, trainer, epochs),
        seconds: median(measured.map(({ seconds }) => seconds)),
        ndcg: scores.reduce((sum, score) => sum + score, 0) / scores.length,
        spread: Math.max(...scores) - Math.min(...scores),
        runs: measured,
      };
    });
  return { gensim: rows('gensim'), ours: rows('ours') };
}

function sayCases({ name }: BenchCorpus, holdout: ReturnType<typeof openSplit>['holdout']): void {
  const { tokens } = buildVocabulary(holdout.train, 1);
  const popular = judgePopularity(tokens, holdout.cases).toFixed(3);
  const { length } = holdout.train.tokens;
  console.log(
    `\n${name}: ${length} tokens, ${tokens.length} tracks, ${holdout.cases.length} cases, popularity alone ${popular}`,
  );
}

function report(corpus: BenchCorpus, method: Method, { gensim, ours }: Record<Trainer, Row[]>): void {
  const heading = `### ${corpus.name}, ${METHOD_NAMES[method]}, ${threads} threads, ${seeds.length} seeds, ${finalSplit} split`;
  console.log(`\n${heading}`);
  const described = ({ rate, exponent, extra }: Tuned) =>
    [rate, exponent, ...(Object.keys(extra).length > 0 ? [JSON.stringify(extra)] : [])].join(', ');
  const table = (trainer: Trainer, rows: readonly Row[]) =>
    rows.map((row) => ({
      trainer,
      epochs: row.epochs,
      'rate, exponent': described(row.tuned),
      seconds: row.seconds.toFixed(2),
      'NDCG@500': row.ndcg.toFixed(4),
      'highest - lowest': row.spread.toFixed(4),
      'input x output': (row.runs.reduce((sum, { together }) => sum + together, 0) / row.runs.length).toFixed(4),
      'mean cosine': (row.runs.reduce((sum, { cosine }) => sum + cosine, 0) / row.runs.length).toFixed(4),
    }));
  printTable([...table('gensim', gensim), ...table('ours', ours)]);
  if (gensim.length === 0) return;
  const reach = ours.toSorted((a, b) => a.seconds - b.seconds);
  const best = gensim.reduce((a, b) => (b.ndcg > a.ndcg ? b : a));
  printTable(
    gensim.map((row) => {
      const first = reach.find(({ ndcg }) => ndcg >= row.ndcg - Number(options.tolerance));
      return {
        'gensim, epochs': row === best ? `**${row.epochs}** (best)` : row.epochs,
        'gensim s': row.seconds.toFixed(2),
        'NDCG to reach': row.ndcg.toFixed(4),
        'ours, epochs': first?.epochs ?? 'not reached',
        'ours s': first?.seconds.toFixed(2) ?? '-',
        'ours NDCG': (first?.ndcg ?? Math.max(...ours.map(({ ndcg }) => ndcg))).toFixed(4),
        'times faster': first === undefined ? '-' : (row.seconds / first.seconds).toFixed(1),
      };
    }),
  );
}

sayMachine();
for (const line of peers.missing) console.log(line);
for (const name of options.corpora.split(',')) {
  const corpus = await readBenchCorpus(name);
  if (corpus === undefined) {
    console.log(`${name} is not here and is left out.`);
    continue;
  }
  const tunedOn = options['tuned-on'] === undefined ? corpus : await readBenchCorpus(options['tuned-on']);
  for (const method of options.methods.split(',') as Method[]) {
    report(corpus, method, await compare(corpus, method, await tune(tunedOn ?? corpus, method)));
  }
}

// Tokens trained a second at equal settings, against gensim (corpus_file mode) and word2vec.c, 1 and 2 threads:
//   SEGUE_BENCH_PEERS=<folder> node bench/train-speed.ts [--corpora S,M] [--methods skip-gram,cbow,playlist] [--rounds 5]
//                                                        [--epochs 2] [--threads 1,2] [--ours '{"negativeSharing":5}']
// 100 dimensions, 5 negatives, exponent .75, no subsampling, min count 1. Times are of training alone, the vocabulary excluded; a
// peer reads its text file while it trains, as it always does; ours starts its threads and fills its matrices in that time, and an
// epoch after the first shows what it does once begun. Rounds are interleaved; figures are medians, and for M one round does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBenchCorpus } from './corpora/bench-corpus.ts';
import { mixedOrder, writeTextCorpus } from './corpora/text-corpus.ts';
import { findPeers, timeGensim, timeWord2vec } from './peers/peers.ts';
import {
  DIMENSIONS,
  gensimSettings,
  METHOD_NAMES,
  METHODS,
  type Method,
  NEGATIVES,
  ownSettings,
  WINDOW,
} from './training/methods.ts';
import { trainOwn } from './training/own-trainer.ts';
import { median, printTable, sayMachine, thousands } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'S' },
    methods: { type: 'string', default: METHODS.join(',') },
    rounds: { type: 'string', default: '5' },
    epochs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1,2' },
    ours: { type: 'string', default: '{}' },
  },
});
const rounds = Number(options.rounds);
const epochs = Number(options.epochs);
const peers = findPeers();
const EXPONENT = 0.75;
const RATES: Readonly<Record<Method, number>> = { 'skip-gram': 0.025, cbow: 0.05, playlist: 0.05 };

sayMachine();
for (const line of peers.missing) console.log(line);
const folder = mkdtempSync(join(tmpdir(), 'segue-bench-train-'));
const table: Record<string, string | number>[] = [];
try {
  for (const name of options.corpora.split(',')) {
    const corpus = await readBenchCorpus(name);
    if (corpus === undefined) {
      console.log(`${name} is not here and is left out.`);
      continue;
    }
    const text = join(folder, 'corpus.txt');
    const { sequences } = corpus;
    writeTextCorpus(text, sequences, 'decimal', mixedOrder(sequences.offsets.length - 1));
    const tokens = sequences.tokens.length * epochs;
    for (const method of options.methods.split(',') as Method[]) {
      for (const threads of options.threads.split(',').map(Number)) {
        const alpha = RATES[method];
        const runs = {
          ours: async () => {
            const settings = { ...ownSettings(method), learningRate: alpha, negativeExponent: EXPONENT, epochs };
            return trainOwn(sequences, { ...settings, ...JSON.parse(options.ours) }, threads);
          },
          ...(peers.gensim && {
            gensim: () =>
              timeGensim({
                ...gensimSettings(method, sequences),
                corpus: text,
                ns_exponent: EXPONENT,
                alpha,
                epochs,
                workers: threads,
                seed: 1,
              }),
          }),
          // It always shrinks its windows at random: it has no whole playlist.
          ...(peers.word2vec &&
            method !== 'playlist' && {
              'word2vec.c': () =>
                timeWord2vec({
                  corpus: text,
                  cbow: method === 'cbow' ? 1 : 0,
                  size: DIMENSIONS,
                  window: WINDOW,
                  negative: NEGATIVES,
                  alpha,
                  iter: epochs,
                  threads,
                }),
            }),
        };
        const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(runs).map((who) => [who, []]));
        const epochSeconds: number[] = [];
        for (let round = 0; round < rounds; round++) {
          for (const [who, run] of Object.entries<() => Promise<{ seconds: number; epochSeconds?: number[] }>>(runs)) {
            const measured = await run();
            seconds[who]!.push(measured.seconds);
            epochSeconds.push(...(measured.epochSeconds ?? []));
          }
        }
        const rate = (who: string) => (seconds[who] === undefined ? undefined : tokens / median(seconds[who]));
        const [ours, gensim, c] = [rate('ours')!, rate('gensim'), rate('word2vec.c')];
        const row = {
          corpus: name,
          method: METHOD_NAMES[method],
          threads,
          'ours, tokens/s': thousands(ours),
          'ours, once begun': epochSeconds.length === 0 ? '-' : thousands(tokens / epochs / median(epochSeconds)),
          gensim: gensim === undefined ? '-' : thousands(gensim),
          'word2vec.c': c === undefined ? '-' : thousands(c),
          'ours / gensim': gensim === undefined ? '-' : (ours / gensim).toFixed(1),
          'ours / word2vec.c': c === undefined ? '-' : (ours / c).toFixed(1),
          'ours, slowest and fastest s': `${Math.max(...seconds.ours!).toFixed(2)}, ${Math.min(...seconds.ours!).toFixed(2)}`,
          rounds,
        };
        table.push(row);
        console.error(JSON.stringify(row));
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
printTable(table);

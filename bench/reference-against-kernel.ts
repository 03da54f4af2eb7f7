// What does the kernel bring over the same algorithm in plain TypeScript, on one thread and on two?
//   node bench/reference-against-kernel.ts [corpus=S/4] [rounds=3] [epochs=2]
// Equal settings, 100 dimensions, 5 negatives; the default dimensions of songs as well. Rounds are interleaved; medians.

import { trainReference } from '../src/vectors/reference-trainer.ts';
import { readSettings } from '../src/vectors/settings.ts';
import { buildVocabulary } from '../src/vectors/vocabulary.ts';
import { readBenchCorpus } from './corpora/bench-corpus.ts';
import { METHOD_NAMES, METHODS, ownSettings } from './training/methods.ts';
import { trainOwn } from './training/own-trainer.ts';
import { median, printTable, sayMachine, thousands } from './training/report.ts';

const [name = 'S/4', rounds = '3', epochs = '2'] = process.argv.slice(2);
sayMachine();
const corpus = await readBenchCorpus(name);
if (corpus === undefined) throw new Error(`There is no corpus called ${name}.`);
const { sequences } = corpus;
const tokens = sequences.tokens.length * Number(epochs);
const cases = [
  ...METHODS.map((method) => ({ name: `${METHOD_NAMES[method]}, 100 dimensions`, settings: ownSettings(method) })),
  { name: 'the defaults for songs', settings: {} },
];
const table = [];
for (const { name: method, settings } of cases) {
  const overrides = { ...settings, epochs: Number(epochs) };
  const seconds: Record<'reference' | 'kernel' | 'two', number[]> = { reference: [], kernel: [], two: [] };
  for (let round = 0; round < Number(rounds); round++) {
    const vocabulary = buildVocabulary(sequences, 1);
    const before = performance.now();
    trainReference(sequences, vocabulary, readSettings(overrides));
    seconds.reference.push((performance.now() - before) / 1000);
    seconds.kernel.push((await trainOwn(sequences, overrides, 1)).seconds);
    seconds.two.push((await trainOwn(sequences, overrides, 2)).seconds);
  }
  const rate = (who: keyof typeof seconds) => tokens / median(seconds[who]);
  table.push({
    [`${name}, ${tokens} tokens`]: method,
    'reference, tokens/s': thousands(rate('reference')),
    'kernel, 1 thread': thousands(rate('kernel')),
    '2 threads': thousands(rate('two')),
    'kernel / reference': (rate('kernel') / rate('reference')).toFixed(1),
    '2 threads / reference': (rate('two') / rate('reference')).toFixed(1),
  });
}
printTable(table);

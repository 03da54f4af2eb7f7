// How long do reading a text corpus and counting its vocabulary take, against gensim?
//   node bench/read-text.ts [--corpus M] [--rounds 3] [--threads 2,1]
// The same file, one playlist a line, 22-character ids between blanks (S, M, L: bench/corpora; S/50 is a fiftieth of one). Ours is
// the whole way into a finished corpus on the disk: tokens as numbers, vocabulary sorted by frequency and found by id. gensim's
// is `build_vocab(corpus_file=…)` with vectors of one dimension, so that filling them costs nothing, and one pass over the lines
// (`LineSentence`), since what it makes of the file does not stay. Rounds are interleaved; the ratio is of medians.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CorpusWriter } from '../src/corpus/corpus-writer.ts';
import { readPlaylists, surveySource } from '../src/corpus/playlist-source.ts';
import { readBenchCorpus } from './corpora/bench-corpus.ts';
import { writeTextCorpus } from './corpora/text-corpus.ts';
import { findPeers } from './peers/peers.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'M' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2,1' },
  },
});
const GENSIM = `
import json, sys, time
from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence
wall, cpu = time.perf_counter(), time.process_time()
model = Word2Vec(vector_size=1, min_count=1, sample=0)
model.build_vocab(corpus_file=sys.argv[1])
vocabulary = time.perf_counter() - wall
tokens = sum(len(sentence) for sentence in LineSentence(sys.argv[1]))
print(json.dumps({'tokens': tokens, 'tracks': len(model.wv), 'vocabulary': vocabulary,
  'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu}))
`;

interface Measured {
  readonly tokens: number;
  readonly tracks: number;
  readonly wall: number;
  readonly cpu: number;
  /** Of gensim: its vocabulary alone. */
  readonly vocabulary?: number;
}

const folder = mkdtempSync(join(tmpdir(), 'segue-bench-text-'));
const file = join(folder, 'corpus.txt');
const signal = new AbortController().signal;

async function segue(threads: number): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const survey = await surveySource(file, { signal });
  const writer = await CorpusWriter.create(folder, 'bench');
  await readPlaylists(survey, survey.formats[0]!, writer, { signal, threads });
  const { manifest, folder: corpus } = await writer.finish({ source: 'text', createdAt: new Date(0) });
  const wall = (performance.now() - before) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  rmSync(corpus, { recursive: true });
  const { tokens, tracks } = manifest.counts;
  return { tokens, tracks, wall, cpu: (cpu.user + cpu.system) / 1e6 };
}

function gensim(): Measured {
  const python = join(process.env.SEGUE_BENCH_PEERS!, 'venv/bin/python');
  const run = spawnSync(python, ['-c', GENSIM, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(run.stdout) as Measured;
}

sayMachine();
try {
  const corpus = await readBenchCorpus(options.corpus);
  if (corpus === undefined) throw new Error(`There is no corpus ${options.corpus} here.`);
  writeTextCorpus(file, corpus.sequences, 'base62');
  const readers: Record<string, () => Promise<Measured>> = {};
  for (const threads of options.threads.split(',').map(Number)) {
    readers[`Segue, ${threads} threads`] = () => segue(threads);
  }
  const peers = findPeers();
  if (peers.gensim) readers['gensim, vocabulary and a pass'] = async () => gensim();
  else console.log(peers.missing.find((line) => line.startsWith('gensim')));

  const results = new Map<string, Measured[]>(Object.keys(readers).map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, read] of Object.entries(readers)) results.get(name)!.push(await read());
  }
  console.log(`Corpus ${options.corpus}, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
  const peer = results.get('gensim, vocabulary and a pass');
  const middle = (runs: readonly Measured[], of: (run: Measured) => number) => median(runs.map(of));
  printTable(
    [...results].map(([reader, runs]) => ({
      reader,
      tokens: runs[0]!.tokens,
      tracks: runs[0]!.tracks,
      seconds: middle(runs, ({ wall }) => wall).toFixed(2),
      'processor seconds': middle(runs, ({ cpu }) => cpu).toFixed(2),
      'times gensim': peer ? (middle(peer, ({ wall }) => wall) / middle(runs, ({ wall }) => wall)).toFixed(2) : '',
      'times its vocabulary alone': peer
        ? (middle(peer, ({ vocabulary }) => vocabulary!) / middle(runs, ({ wall }) => wall)).toFixed(2)
        : '',
    })),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// How long does an exact top-10 by cosine take over 2.26 million x 100, one query and 50 at once, 1 and 2 threads, f32 and int8,
// against gensim's similar_by_vector and numpy, and how near is that to merely reading the same bytes? And how long does a model
// of that size take to open?
//   SEGUE_BENCH_PEERS=<folder> node bench/search.ts [--rows 2260000] [--dimensions 100] [--batch 50] [--k 10] [--rounds 9]
//                                                   [--threads 1,2] [--checked 10]
// All contenders take turns in each round, with queries of that round; figures are medians of rounds, after two rounds that do not
// count. Rows are 300 groups with noise, as genres are; queries are rows, moved a little. `mismatches`: answers that differ from a
// plain f64 scan, of those checked (peers compute in f32, so that near ties may swap).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Random, seededRandom } from '../src/base/random.ts';
import { openModel, writeModel } from '../src/vectors/model-file.ts';
import { nearest, searchable } from '../src/vectors/nearest.ts';
import { SearchIndex } from '../src/vectors/search-index.ts';
import type { VectorMemory } from '../src/vectors/search-memory.ts';
import { readSettings } from '../src/vectors/settings.ts';
import { findPython, startPeer } from './search/peer.ts';
import { startReadPass } from './search/read-pass.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '2260000' },
    dimensions: { type: 'string', default: '100' },
    batch: { type: 'string', default: '50' },
    k: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: '1,2' },
    checked: { type: 'string', default: '10' },
  },
});
const [rows, dimensions, batch, k, rounds, checked] = (
  ['rows', 'dimensions', 'batch', 'k', 'rounds', 'checked'] as const
).map((name) => Number(options[name])) as [number, number, number, number, number, number];
const threadCounts = options.threads.split(',').map(Number);
const GROUPS = 300;
const WARM_UP = 2;

interface Contender {
  readonly name: string;
  readonly threads: number;
  readonly kind: 'single' | 'batch' | 'reading';
  /** Milliseconds, and the rows found. */
  readonly run: (queries: readonly Float64Array[]) => Promise<{ ms: number; rows?: number[][] }>;
  readonly times: number[];
  mismatches: number;
}

/** Sum of four uniform numbers: near enough to a normal one of variance 1/3. */
function bell(random: Random): number {
  return random() + random() + random() + random() - 2;
}

function fill(values: Float32Array, random: Random): void {
  const groups = Float32Array.from({ length: GROUPS * dimensions }, () => bell(random));
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(random() * GROUPS) * dimensions;
    for (let i = 0; i < dimensions; i++) values[row * dimensions + i] = groups[group + i]! + bell(random);
  }
}

function makeQuery(values: Float32Array, random: Random): Float64Array {
  const at = Math.floor(random() * rows) * dimensions;
  return Float64Array.from({ length: dimensions }, (_, i) => values[at + i]! + 0.1 * bell(random));
}

async function timed(work: () => Promise<{ row: number }[][]>): Promise<{ ms: number; rows: number[][] }> {
  const startedAt = performance.now();
  const found = await work();
  return { ms: performance.now() - startedAt, rows: found.map((near) => near.map(({ row }) => row)) };
}

function ownContenders(vectors: VectorMemory, closing: (() => unknown)[]): Contender[] {
  const contenders: Contender[] = [];
  const options = { k, measure: 'cosine' } as const;
  for (const threads of threadCounts) {
    for (const precision of ['f32', 'int8'] as const) {
      const index = new SearchIndex(vectors, { threads, precision, stayBelow: 0 });
      closing.push(() => index.close());
      const common = { name: `segue ${precision}`, threads, mismatches: 0 };
      contenders.push(
        {
          ...common,
          kind: 'single',
          run: ([query]) => timed(async () => [await index.nearest(query!, options)]),
          times: [],
        },
        { ...common, kind: 'batch', run: (queries) => timed(() => index.nearestBatch(queries, options)), times: [] },
      );
    }
    const reading = startReadPass(vectors.area.memory, threads);
    closing.push(() => reading.close());
    const {
      area: { at },
      values,
    } = vectors;
    const spans = { f32: [at.values, at.values + values.byteLength], int8: [at.codes, at.dotScales] } as const;
    for (const [name, [from, to]] of Object.entries(spans)) {
      const run = async () => {
        const startedAt = performance.now();
        await reading.read(from, to);
        return { ms: performance.now() - startedAt };
      };
      contenders.push({ name, threads, kind: 'reading', run, times: [], mismatches: 0 });
    }
  }
  return contenders;
}

async function peerContenders(file: string, closing: (() => unknown)[]): Promise<Contender[]> {
  const python = findPython();
  if (python === undefined) {
    console.log('There is no Python with numpy here: nothing to compare with.');
    return [];
  }
  const contenders: Contender[] = [];
  for (const threads of threadCounts) {
    const peer = await startPeer(python, file, dimensions, threads);
    closing.push(() => peer.close());
    console.log(`${peer.versions}, ${threads} BLAS threads`);
    const add = (name: string, kind: Contender['kind'], method: string) => {
      if (!peer.methods.includes(method)) return;
      const run = async (queries: readonly Float64Array[]) => await peer.search(method, queries, k);
      contenders.push({ name, threads, kind, run, times: [], mismatches: 0 });
    };
    add('gensim similar_by_vector', 'single', 'gensim');
    add('numpy product, argpartition', 'single', 'numpy');
    add('gensim similar_by_vector, one by one', 'batch', 'gensim');
    add('numpy product, argpartition of each', 'batch', 'product');
    add('numpy in blocks, argpartition of each', 'batch', 'blocks');
  }
  return contenders;
}

function report(contenders: readonly Contender[], kind: 'single' | 'batch'): void {
  const wanted = contenders.filter((contender) => contender.kind === kind);
  const limitOf = (name: string, threads: number) =>
    contenders.find((other) => other.kind === 'reading' && name.endsWith(other.name) && other.threads === threads);
  console.log(kind === 'single' ? `\nTop ${k} for one query` : `\nTop ${k} for ${batch} queries`);
  printTable(
    wanted.map(({ name, threads, times, mismatches }) => {
      const own = median(times);
      const limit = name.startsWith('segue') && kind === 'single' ? limitOf(name, threads) : undefined;
      const peers = wanted.filter((peer) => !peer.name.startsWith('segue') && peer.threads === threads);
      return {
        contender: name,
        threads,
        'ms, median': own.toFixed(1),
        'ms, least': Math.min(...times).toFixed(1),
        'limit, ms': limit ? median(limit.times).toFixed(1) : '',
        'share of limit': limit ? `${((100 * median(limit.times)) / own).toFixed(0)} %` : '',
        'times as fast as': name.startsWith('segue')
          ? peers.map((peer) => `${(median(peer.times) / own).toFixed(1)} ${peer.name.split(',')[0]}`).join(', ')
          : '',
        mismatches,
      };
    }),
  );
}

sayMachine();
const folder = await mkdtemp(join(tmpdir(), 'segue-bench-search-'));
const closing: (() => unknown)[] = [];
try {
  const random = seededRandom(1);
  const directory = join(folder, 'model');
  {
    const input = new Float32Array(rows * dimensions);
    fill(input, random);
    const about = {
      settings: readSettings({}),
      trainer: 'bench',
      corpus: { fingerprint: '' },
      metrics: {},
    };
    const startedAt = performance.now();
    await writeModel(directory, { dimensions, counts: new Uint32Array(rows), input, output: input }, about);
    console.log(`${rows} x ${dimensions}, both matrices written in ${(performance.now() - startedAt).toFixed(0)} ms`);
  }
  const opened: number[] = [];
  let model = await open();
  for (let again = 0; again < 2; again++) model = await open();
  console.log(`opened in ${opened.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  async function open() {
    const startedAt = performance.now();
    const { model } = await openModel(directory);
    opened.push(performance.now() - startedAt);
    return model;
  }

  const vectors = model.held!.input;
  const own = ownContenders(vectors, closing);
  const contenders = [...own, ...(await peerContenders(join(directory, 'input.f32'), closing))];
  const plain = searchable(vectors.values, dimensions);
  let checks = 0;
  for (let round = -WARM_UP; round < rounds; round++) {
    const queries = Array.from({ length: batch }, () => makeQuery(vectors.values, random));
    const found = new Map<Contender, number[][]>();
    for (const contender of contenders) {
      const { ms, rows = [] } = await contender.run(contender.kind === 'batch' ? queries : queries.slice(0, 1));
      found.set(contender, rows);
      if (round >= 0) contender.times.push(ms);
    }
    // One query a round, which every contender has answered, and in the last rounds those that are still owed.
    const share = round < rounds - 1 ? 1 : checked - checks;
    for (let at = 0; round >= 0 && checks < checked && at < Math.min(share, batch); at++, checks++) {
      const truth = nearest(plain, queries[at]!, { k, measure: 'cosine' }).map(({ row }) => row);
      for (const [contender, rows] of found) {
        if (rows[at] !== undefined && rows[at].join() !== truth.join()) contender.mismatches++;
      }
    }
  }
  report(contenders, 'single');
  report(contenders, 'batch');
  console.log(`\n${checks} queries checked against the plain f64 scan.`);
} finally {
  for (const close of closing) await close();
  await rm(folder, { recursive: true, force: true });
}

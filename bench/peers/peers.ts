import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainedVectors } from '../training/judge-vectors.ts';

// The peers that bench/peers/set-up.sh sets up; SEGUE_BENCH_PEERS is the folder it was given.

const folder = process.env.SEGUE_BENCH_PEERS;
const python = folder === undefined ? undefined : join(folder, 'venv/bin/python');
const word2vec = folder === undefined ? undefined : join(folder, 'word2vec');

/** What is here, and a line for each peer that is not. */
export function findPeers(): { readonly gensim: boolean; readonly word2vec: boolean; readonly missing: string[] } {
  const found = { gensim: existsSync(python ?? ''), word2vec: existsSync(word2vec ?? '') };
  const missing = Object.entries(found).flatMap(([name, isHere]) =>
    isHere
      ? []
      : [`${name} is not here and is left out: bench/peers/set-up.sh <folder>, then SEGUE_BENCH_PEERS=<folder>.`],
  );
  return { ...found, missing };
}

/** gensim's own words for what to train; the rest is min_count 1, no subsampling, no hierarchical softmax. */
export interface GensimJob {
  /** Text corpus, tokens as decimal numbers. */
  readonly corpus: string;
  readonly sg: 0 | 1;
  readonly vector_size: number;
  readonly window: number;
  readonly shrink_windows: boolean;
  readonly negative: number;
  readonly ns_exponent: number;
  readonly alpha: number;
  readonly epochs: number;
  readonly workers: number;
  readonly seed: number;
}

export interface PeerTime {
  /** Of training alone: reading the corpus again each epoch is part of it, the vocabulary is not. */
  readonly seconds: number;
  readonly vocabularySeconds: number;
}

/** gensim in corpus_file mode, its fastest. */
export async function timeGensim(job: GensimJob): Promise<PeerTime> {
  return JSON.parse(await runGensim(job)) as PeerTime;
}

/** The same, and its vectors. */
export async function trainGensim(job: GensimJob): Promise<PeerTime & { readonly vectors: TrainedVectors }> {
  const out = mkdtempSync(join(tmpdir(), 'segue-bench-gensim-'));
  try {
    const time = JSON.parse(await runGensim({ ...job, out })) as PeerTime;
    // Copied: small files come out of Node's shared pool.
    const read = (name: string) => new Uint8Array(readFileSync(join(out, name))).buffer;
    return {
      ...time,
      vectors: {
        dimensions: job.vector_size,
        tokens: new Uint32Array(read('tokens.u32')),
        input: new Float32Array(read('input.f32')),
        output: new Float32Array(read('output.f32')),
      },
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** word2vec.c: skip-gram, or CBOW with a window that it always shrinks at random; its exponent is 0.75. */
export async function timeWord2vec(job: {
  readonly corpus: string;
  readonly cbow: 0 | 1;
  readonly size: number;
  readonly window: number;
  readonly negative: number;
  readonly alpha: number;
  readonly iter: number;
  readonly threads: number;
}): Promise<Omit<PeerTime, 'vocabularySeconds'>> {
  const { corpus, ...settings } = job;
  const options = Object.entries({
    ...settings,
    train: corpus,
    output: '/dev/null',
    binary: 1,
    'min-count': 1,
    sample: 0,
    hs: 0,
  });
  const printed = await run(
    word2vec!,
    options.flatMap(([name, value]) => [`-${name}`, `${value}`]),
  );
  return { seconds: Number(/Training seconds: ([\d.]+)/.exec(printed)![1]) };
}

function runGensim(job: GensimJob & { readonly out?: string }): Promise<string> {
  return run(python!, [fileURLToPath(new URL('gensim_train.py', import.meta.url)), JSON.stringify(job)]);
}

async function run(command: string, args: readonly string[]): Promise<string> {
  // BLAS of its own threads would only get in the way of gensim's: its vectors are short.
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${command} ended with code ${code}.`);
  return Buffer.concat(chunks).toString();
}

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../src/config.ts';
import type { Holdout } from '../../src/recommend/holdout.ts';
import { type BenchCorpus, splitBenchCorpus } from '../corpora/bench-corpus.ts';
import { mixedOrder, writeTextCorpus } from '../corpora/text-corpus.ts';
import { trainGensim } from '../peers/peers.ts';
import { judgeVectors, type Quality, type TrainedVectors } from './judge-vectors.ts';
import { gensimSettings, type Method, ownSettings } from './methods.ts';
import { trainOwn } from './own-trainer.ts';

export type Trainer = 'gensim' | 'ours';

/** What is tuned for both trainers alike; `extra` are settings that only ours knows. */
export interface Tuned {
  readonly rate: number;
  readonly exponent: number;
  readonly extra: object;
}

export interface QualityRun extends Tuned {
  readonly trainer: Trainer;
  readonly method: Method;
  readonly epochs: number;
  readonly threads: number;
  readonly seed: number;
}

export interface Measured extends Quality {
  /** Of training alone. */
  readonly seconds: number;
}

/** One split of a corpus, with the text file that gensim reads. Somebody must `close` it. */
export interface OpenSplit {
  readonly corpus: string;
  readonly holdout: Holdout;
  readonly text: string;
  readonly fingerprint: string;
  close(): void;
}

export function openSplit(corpus: BenchCorpus, split: 'validation' | 'test', seed: number): OpenSplit {
  const holdout = splitBenchCorpus(corpus, split, seed);
  const folder = mkdtempSync(join(tmpdir(), 'segue-bench-split-'));
  const text = join(folder, 'corpus.txt');
  writeTextCorpus(text, holdout.train, 'decimal', mixedOrder(holdout.train.offsets.length - 1));
  const cases = holdout.cases.map(({ seeds, hidden }) => [seeds, [...hidden]]);
  const hash = createHash('sha256').update(holdout.train.tokens).update(JSON.stringify(cases));
  return {
    corpus: corpus.name,
    holdout,
    text,
    fingerprint: hash.digest('hex').slice(0, 12),
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** Trains and judges. What was measured before by the same trainer on the same split is read back from `journal`. */
export async function measure(split: OpenSplit, run: QualityRun, journal: Journal): Promise<Measured> {
  const version = run.trainer === 'ours' ? ownVersion() : 'gensim';
  const key = JSON.stringify({ ...run, corpus: split.corpus, split: split.fingerprint, version });
  const known = journal.read(key);
  if (known !== undefined) return known;
  const { seconds, vectors } = await (run.trainer === 'ours' ? runOwn(split, run) : runGensim(split, run));
  const measured = { seconds, ...(await judgeVectors(vectors, split.holdout.cases, run.threads)) };
  journal.add(key, measured);
  return measured;
}

async function runOwn({ holdout }: OpenSplit, run: QualityRun): Promise<{ seconds: number; vectors: TrainedVectors }> {
  const settings = {
    ...ownSettings(run.method),
    learningRate: run.rate,
    negativeExponent: run.exponent,
    epochs: run.epochs,
    seed: run.seed,
    ...run.extra,
  };
  return trainOwn(holdout.train, settings, run.threads);
}

async function runGensim(
  { holdout, text }: OpenSplit,
  run: QualityRun,
): Promise<{ seconds: number; vectors: TrainedVectors }> {
  return trainGensim({
    ...gensimSettings(run.method, holdout.train),
    corpus: text,
    ns_exponent: run.exponent,
    alpha: run.rate,
    epochs: run.epochs,
    workers: run.threads,
    seed: run.seed,
  });
}

/** Results by what was run, kept in a file of JSON lines: a bench that was stopped goes on, and its parts can be run apart. */
export interface Journal {
  read(key: string): Measured | undefined;
  add(key: string, measured: Measured): void;
}

export function openJournal(path: string): Journal {
  const results = new Map<string, Measured>();
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) {
    for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
      const { key, measured } = JSON.parse(line) as { key: string; measured: Measured };
      results.set(key, measured);
    }
  }
  return {
    read: (key) => results.get(key),
    add(key, measured) {
      results.set(key, measured);
      appendFileSync(path, `${JSON.stringify({ key, measured })}\n`);
    },
  };
}

/** Changes with the kernel and what drives it: figures of another are not its own. */
function ownVersion(): string {
  const hash = createHash('sha256').update(readFileSync(join(projectRoot, 'kernel/train.wasm')));
  const vectors = join(projectRoot, 'src/vectors');
  for (const name of readdirSync(vectors).sort()) {
    if (/^(train|training-.*|kernel-trainer|sentence-reader)\.ts$/.test(name))
      hash.update(readFileSync(join(vectors, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

import { Worker } from 'node:worker_threads';
import type { SourcePlace } from '../base/source-place.ts';
import { BatchAdder } from './batch-adder.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import type { LinePart } from './line-parts.ts';
import type { PlaylistBatch, ScannedFile } from './playlist-batch.ts';
import type { ScanKind } from './playlist-scanner.ts';
import { failureReceived, type ThreadFailure } from './thread-failure.ts';

/** A file, or part of one, for a thread to read. */
export interface ScanOrder {
  readonly kind: ScanKind;
  readonly name: string;
  readonly place: SourcePlace;
  readonly part?: LinePart;
}

export type MessageFromScanner =
  | { readonly batch: PlaylistBatch }
  | { readonly bytes: number }
  | { readonly file: ScannedFile }
  | { readonly failure: ThreadFailure };

interface Thread {
  readonly worker: Worker;
  readonly adder: BatchAdder;
  /** What it was given to read and has not finished, in order. */
  readonly jobs: ScanJob[];
}

/** Threads that read files. Each has a vocabulary of its own: what one of them read is to be added in the order of `start`. */
export class ScanPool {
  readonly #threads: Thread[];
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#fail(this.#signal.reason);

  constructor(threads: number, writer: CorpusWriter, signal: AbortSignal, onBytes: (bytes: number) => void) {
    this.#signal = signal;
    this.#threads = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./scan-worker.ts', import.meta.url));
      const jobs: ScanJob[] = [];
      worker.on('error', (error) => this.#fail(error));
      worker.on('message', (message: MessageFromScanner) => {
        // What a thread still sends after its jobs have failed is of no use.
        if (jobs.length === 0) return;
        if ('bytes' in message) onBytes(message.bytes);
        else if ('failure' in message) this.#fail(failureReceived(message.failure));
        else if ('batch' in message) jobs[0]!.tell(message.batch);
        else jobs.shift()!.end(message.file);
      });
      return { worker, adder: new BatchAdder(writer), jobs };
    });
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Has the thread with the least to do read a file. */
  start(order: ScanOrder): ScanJob {
    const thread = this.#threads.reduce((a, b) => (b.jobs.length < a.jobs.length ? b : a));
    const job = new ScanJob(thread.adder);
    thread.jobs.push(job);
    thread.worker.postMessage(order);
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #fail(error: unknown): void {
    for (const { jobs } of this.#threads) for (const job of jobs.splice(0)) job.fail(error);
  }
}

/** One file being read; its batches wait here until it is their turn. */
export class ScanJob {
  readonly #adder: BatchAdder;
  readonly #batches: PlaylistBatch[] = [];
  readonly #end = Promise.withResolvers<ScannedFile>();
  #news = Promise.withResolvers<void>();
  #isOver = false;

  constructor(adder: BatchAdder) {
    this.#adder = adder;
    // Heard when its turn comes.
    this.#end.promise.catch(() => {});
  }

  /** Adds all that was and will be read of the file to the corpus. Throws what made a thread fail, or the signal's reason. */
  async addAll(afterEach: () => Promise<void>): Promise<ScannedFile> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch) {
        this.#adder.add(batch);
        await afterEach();
      } else if (this.#isOver) return await this.#end.promise;
      else {
        await this.#news.promise;
        this.#news = Promise.withResolvers();
      }
    }
  }

  tell(batch: PlaylistBatch): void {
    this.#batches.push(batch);
    this.#news.resolve();
  }

  end(file: ScannedFile): void {
    this.#isOver = true;
    this.#end.resolve(file);
    this.#news.resolve();
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#batches.length = 0;
    this.#end.reject(error);
    this.#news.resolve();
  }
}

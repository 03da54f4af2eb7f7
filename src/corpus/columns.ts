import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ExpectedError, systemCode } from '../base/errors.ts';
import { asWriteFailure } from '../base/write-failure.ts';

/** What the manifest says of one file of a corpus. */
export interface ColumnFile {
  readonly bytes: number;
  readonly crc32: number;
}

/** One file of a corpus being written; numbers are little-endian, as all processors Node runs on have them. */
export class ColumnWriter {
  readonly #folder: string;
  readonly #file: number;
  readonly #hash = createHash('sha256');
  readonly #isKept: boolean;
  #bytes = 0;
  #crc = 0;

  /** `isKept: false`: a file for the time of writing, of which nobody asks for checksums. */
  constructor(path: string, { isKept = true } = {}) {
    this.#folder = dirname(path);
    this.#isKept = isKept;
    this.#file = onDisk(this.#folder, () => openSync(path, 'wx'));
  }

  // Synchronous on purpose: 4 MB into the page cache take 2 ms, and the readers above stay free of back-pressure.
  write(part: Uint8Array | Uint32Array): void {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let at = 0; at < bytes.length; ) at += onDisk(this.#folder, () => writeSync(this.#file, bytes, at));
    this.#bytes += bytes.length;
    if (!this.#isKept) return;
    this.#hash.update(bytes);
    this.#crc = crc32(bytes, this.#crc);
  }

  /** Closes and says what was written; `sha256` is of the whole file. */
  close(): ColumnFile & { sha256: string } {
    closeSync(this.#file);
    return { bytes: this.#bytes, crc32: this.#crc, sha256: this.#hash.digest('hex') };
  }
}

/** Forces files to the disk, all at once: one after another, fourteen small ones took 140 ms instead of 20. */
export async function flushFiles(paths: readonly string[]): Promise<void> {
  await Promise.all(
    paths.map(async (path) => {
      const file = await open(path, 'r+');
      await file.sync().finally(() => file.close());
    }),
  );
}

// The event loop has a turn after each such piece, which takes 3 ms; larger ones are no faster.
const PIECE = 1 << 20;

/**
 * The bytes of one file of a corpus, in shared memory, so that threads which train or search need no copy. Throws
 * ExpectedError `corpus-damaged` when they are not those that were written.
 */
export async function readColumn(folder: string, name: string, expected: ColumnFile | undefined): Promise<Uint8Array> {
  if (!expected) throw damagedCorpus(folder, `Its manifest does not name ${name}`);
  const bytes = new Uint8Array(new SharedArrayBuffer(expected.bytes));
  let length = 0;
  let sum = 0;
  try {
    await using file = await open(join(folder, name));
    ({ size: length } = await file.stat());
    for (let at = 0; length === bytes.length && at < length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(PIECE, length - at), at);
      if (bytesRead === 0) length = at;
      sum = crc32(bytes.subarray(at, at + bytesRead), sum);
      at += bytesRead;
    }
  } catch (error) {
    throw damagedCorpus(folder, `${name} cannot be read (${systemCode(error) ?? 'unknown reason'})`, error);
  }
  if (length !== expected.bytes) {
    throw damagedCorpus(folder, `${name} has ${length} bytes where ${expected.bytes} were written`);
  }
  if (sum !== expected.crc32) throw damagedCorpus(folder, `The checksum of ${name} is not the one it had`);
  return bytes;
}

/** The same file as whole numbers. */
export async function readNumbers(
  folder: string,
  name: string,
  expected: ColumnFile | undefined,
): Promise<Uint32Array> {
  const bytes = await readColumn(folder, name, expected);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}

/** Gathers short texts into writes of 1 MB, and notes where each starts. */
export class TextGatherer {
  readonly #writer: ColumnWriter;
  readonly #starts: Uint32Array;
  readonly #buffer = new Uint8Array(1 << 20);
  #buffered = 0;
  #count = 0;
  #total = 0;

  /** `starts` gets the start of each text and the end of the last: one number more than there are texts. */
  constructor(writer: ColumnWriter, starts: Uint32Array) {
    this.#writer = writer;
    this.#starts = starts;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#total += end - start;
    this.#starts[++this.#count] = this.#total;
    const buffer = this.#buffer;
    // A loop is faster than a call of `set` where texts are as short as titles are.
    for (let at = start; at < end; ) {
      if (this.#buffered === buffer.length) this.flush();
      const stop = Math.min(end, at + buffer.length - this.#buffered);
      let buffered = this.#buffered;
      while (at < stop) buffer[buffered++] = bytes[at++]!;
      this.#buffered = buffered;
    }
  }

  flush(): void {
    this.#writer.write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

export function damagedCorpus(folder: string, why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('corpus-damaged', `Cannot use the corpus in ${folder}`, {
    why: `${why}.`,
    hint: 'Delete that folder and run import-playlists and build-corpus again.',
    cause,
  });
}

function onDisk<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asWriteFailure(error, 'corpus-not-writable', folder);
  }
}

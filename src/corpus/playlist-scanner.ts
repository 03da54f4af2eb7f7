import { isUtf8 } from 'node:buffer';
import { isExpected } from '../base/errors.ts';
import type { FileBytes } from '../base/source-place.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import type { Playlist } from '../music/playlist.ts';
import { readMpdPlaylist } from './mpd-playlist.ts';
import type { PlaylistBatch, ScannedFile } from './playlist-batch.ts';
import { isSkippedPlaylist, type SkippedPlaylist, tally } from './playlist-format.ts';
import { openScanKernel, SCAN, type ScanKernel } from './scan-kernel.ts';
import { ScanResults } from './scan-results.ts';
import { readTextLine } from './text-line.ts';

/** What a scanner can read: slices of the Million Playlist Dataset, and lines of track ids. */
export type ScanKind = 'slice' | 'lines';

/** UTF-8 without a byte order mark, to be opened and read by a thread that may wait for it; or text of any kind in chunks. */
export type ScanInput = (() => FileBytes) | AsyncIterable<Uint8Array>;

const MAX_PLAYLIST_BYTES = 32 * 1024 * 1024;
/** Bytes read at a time: they are still in the processor's cache when they are scanned. */
const READ_BYTES = 512 * 1024;
/** Bytes after the last one that must be zero: the kernel looks at sixteen at a time. */
const PADDING = 64;
/** Batches are handed over when they have as many tokens: about a slice, work of 5 to 20 ms for who adds them to a corpus. */
const BATCH_TOKENS = 1 << 16;
const NEWLINE = 0x0a;

/**
 * Reads files straight into batches: the kernel walks over their bytes, and a track that it has seen costs a hash of its 22
 * id bytes. What it does not expect goes through JSON.parse and the plain reader, so odd playlists are judged the same.
 */
export class PlaylistScanner {
  readonly #kernel: ScanKernel = openScanKernel();
  readonly #results: ScanResults;
  #file: ScannedFile = emptyFile();
  /** Bytes waiting in the window. */
  #length = 0;
  /** How many must wait before they are looked at again: a huge playlist is not scanned with every chunk. */
  #wanted = 0;
  /** Of a slice: before its list, in it, after it, or there is none. */
  #state: 'before' | 'list' | 'after' | 'none' = 'before';

  constructor(onBatch: (batch: PlaylistBatch) => void) {
    this.#results = new ScanResults(this.#kernel, onBatch);
  }

  /**
   * Reads a file, and hands over all of it before this resolves. `onChunk` is told of the bytes that were read, many times
   * a second; what it throws, and all that is no ExpectedError, is thrown.
   */
  async scan(kind: ScanKind, input: ScanInput, onChunk: (bytes: number) => Promise<void> | void): Promise<ScannedFile> {
    const file = emptyFile();
    this.#file = file;
    this.#length = 0;
    this.#wanted = 0;
    this.#state = 'before';
    let problem: string | undefined;
    try {
      const isWhole =
        typeof input === 'function' ? this.#readAll(kind, input, onChunk) : this.#takeAll(kind, input, onChunk);
      if (!(await isWhole)) {
        const what = kind === 'slice' ? 'a missing quote or bracket' : 'a missing line end';
        problem = `a playlist of more than 32 MB, most likely ${what}`;
      }
    } catch (error) {
      if (!isExpected(error)) throw error;
      problem = error.why;
    }
    if (kind === 'lines' && problem === undefined) this.#append(Buffer.from('\n'));
    this.#scan(kind, true);
    if (kind === 'slice' && !this.#isListOver()) problem ??= 'the text ends inside the list of playlists';
    this.#handOver();
    if (problem !== undefined) {
      this.#skip('cut short');
      file.problem = problem;
    }
    return file;
  }

  /** Reads straight into the window; false when a playlist is too large for it. */
  async #readAll(
    kind: ScanKind,
    open: () => FileBytes,
    onChunk: (bytes: number) => Promise<void> | void,
  ): Promise<boolean> {
    const { window } = this.#kernel;
    const file = open();
    try {
      for (;;) {
        const read = file.read(window.subarray(this.#length, this.#length + READ_BYTES));
        if (read === 0) return true;
        this.#length += read;
        if (!this.#look(kind)) return false;
        await onChunk(read);
      }
    } finally {
      file.close();
    }
  }

  /** The same with bytes that come from elsewhere. */
  async #takeAll(
    kind: ScanKind,
    chunks: AsyncIterable<Uint8Array>,
    onChunk: (bytes: number) => Promise<void> | void,
  ): Promise<boolean> {
    for await (const chunk of readUtf8(chunks)) {
      for (let at = 0; at < chunk.length; at += READ_BYTES) {
        this.#append(chunk.subarray(at, at + READ_BYTES));
        if (!this.#look(kind)) return false;
      }
      await onChunk(chunk.length);
    }
    return true;
  }

  #isListOver(): boolean {
    return this.#state === 'after';
  }

  #append(bytes: Uint8Array): void {
    this.#kernel.window.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Scans what has come, where that is worth it; false when more of it waits than a playlist may have. */
  #look(kind: ScanKind): boolean {
    if (this.#length >= this.#wanted) this.#scan(kind, false);
    if (this.#kernel.tokens.value > BATCH_TOKENS) this.#handOver();
    return this.#length <= MAX_PLAYLIST_BYTES;
  }

  /** Reads what is complete and keeps the rest, the beginning of the next playlist. */
  #scan(kind: ScanKind, isLast: boolean): void {
    const { window, windowAt } = this.#kernel;
    window.fill(0, this.#length, this.#length + PADDING);
    this.#kernel.endAt(windowAt + this.#length);
    const read = (kind === 'slice' ? this.#scanSlice() : this.#scanLines(isLast)) - windowAt;
    window.copyWithin(0, read, this.#length);
    this.#length -= read;
    this.#wanted = Math.min(this.#length * 2, MAX_PLAYLIST_BYTES);
  }

  /** Returns where the first incomplete playlist begins. */
  #scanSlice(): number {
    const kernel = this.#kernel;
    let at = kernel.windowAt;
    if (this.#state === 'before') {
      const list = kernel.findList();
      if (list === SCAN.more) return at;
      this.#state = list < 0 ? 'none' : 'list';
      at = list;
    }
    while (this.#state === 'list') {
      at = kernel.scanSlice(at);
      const status = kernel.status.value;
      if (status === SCAN.more) return at;
      if (status === SCAN.done) this.#state = 'after';
      else if (status === SCAN.full) this.#handOver();
      else {
        const end = status === SCAN.check ? kernel.playlistEnd.value : kernel.valueEnd(at);
        if (end < 0) return at;
        const bytes = this.#bytes(at, end);
        // Zero: no room, so scan it again when there is.
        if (status === SCAN.odd || !isUtf8(bytes)) this.#judgeJson(bytes);
        else if (kernel.endPlaylist(bytes.length) === 0) {
          this.#handOver();
          continue;
        }
        at = end;
      }
    }
    return kernel.windowAt + this.#length;
  }

  #scanLines(isLast: boolean): number {
    const kernel = this.#kernel;
    const end = kernel.windowAt + this.#length;
    for (let at = kernel.windowAt; ; ) {
      at = kernel.scanLines(at);
      const status = kernel.linesStatus.value;
      if (status === SCAN.full) this.#handOver();
      else {
        const newline = status === SCAN.odd || isLast ? this.#bytes(at, end).indexOf(NEWLINE) : -1;
        if (newline < 0) return at;
        this.#judge(readTextLine(decodeText(this.#bytes(at, at + newline)), this.#noteTracks), newline);
        at += newline + 1;
      }
    }
  }

  #bytes(from: number, to: number): Buffer {
    const { window, windowAt } = this.#kernel;
    return window.subarray(from - windowAt, to - windowAt);
  }

  #judgeJson(bytes: Buffer): void {
    let value: unknown;
    try {
      value = JSON.parse(decodeText(bytes));
    } catch {
      this.#skip('not JSON');
      return;
    }
    this.#judge(readMpdPlaylist(value, this.#noteTracks), bytes.length);
  }

  #judge(playlist: Playlist | SkippedPlaylist | undefined, bytes: number): void {
    if (playlist === undefined) return;
    if (!this.#results.hasRoom(bytes)) this.#handOver();
    if (isSkippedPlaylist(playlist)) this.#skip(playlist.skipped);
    else if (!this.#results.addPlaylist(playlist)) this.#skip('no tracks');
  }

  readonly #noteTracks = (reason: string, count = 1) => tally(this.#file.trackNotes, reason, count);

  #skip(reason: string): void {
    this.#file.read++;
    tally(this.#file.skipped, reason);
  }

  #handOver(): void {
    const count = this.#results.flush();
    this.#file.read += count;
    this.#file.kept += count;
  }
}

function emptyFile(): ScannedFile {
  return { read: 0, kept: 0, skipped: {}, trackNotes: {} };
}

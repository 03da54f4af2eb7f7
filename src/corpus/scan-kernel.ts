import { readFileSync } from 'node:fs';
import { asError, ExpectedError } from '../base/errors.ts';

/** Bytes of a track id in a corpus: Spotify's 22 base-62 characters, or `name:` and 17 characters (named-track.ts). */
export const ID_BYTES = 22;
/** Bytes from one id to the next in the kernel's vocabulary. */
export const ID_STRIDE = 32;

/** An exported number of the module, as it stands. */
interface Value {
  value: number;
}

/** The functions and counters of kernel/scan.wasm; positions are addresses in its memory. */
interface ScanExports {
  setUp(): void;
  endAt(at: number): void;
  /** Where a list begins; MORE or ODD. */
  findList(): number;
  /** Reads from an address; returns where it stopped, and why in `status`. */
  scanSlice(from: number): number;
  readonly status: Value;
  readonly playlistEnd: Value;
  scanLines(from: number): number;
  readonly linesStatus: Value;
  valueEnd(at: number): number;
  /** Takes the playlist that a scan stopped at; 0 when there is no room. */
  endPlaylist(bytes: number): number;
  recordPlaylist(tokens: number, nameBytes: number): void;
  clearResults(): void;
  readonly tokens: Value;
  readonly playlists: Value;
  readonly descriptions: Value;
  readonly textBytes: Value;
  readonly untrimmedTexts: Value;
  intern(at: number): number;
  internAll(at: number, count: number, target: number): void;
  entriesAt(): number;
  isDescribed(index: number): number;
  describe(index: number): void;
  copyIds(from: number, to: number, at: number): void;
  vocabularySize(): number;
}

/** Why a scan stopped (kernel/assembly/scan-slice.ts). */
export const SCAN = { more: -1, odd: -2, done: -4, full: -5, check: -6 } as const;

/** kernel/scan.wasm with its areas, as kernel/assembly/scan-areas.ts lays them out. */
export interface ScanKernel extends ScanExports {
  /** The bytes to be read, the first of them at address `windowAt`. */
  readonly window: Buffer;
  readonly windowAt: number;
  readonly areas: {
    readonly tokens: Uint32Array;
    /** Three numbers each: tokens, bytes of the name, descriptions before it. */
    readonly playlists: Uint32Array;
    /** Four numbers each: track, bytes of title, artists and ISRC. */
    readonly descriptions: Uint32Array;
    readonly texts: Buffer;
  };
  /** The number of an id of 22 ASCII characters. */
  internText(id: string): number;
  /** The numbers of at most MOST_IDS ids one after another; they are overwritten by whatever comes next. */
  internIds(ids: Uint8Array): Uint32Array;
  /** The ids from one number up to another, 22 bytes each. */
  idsBetween(from: number, to: number): Uint8Array;
  /** All ids in place, ID_STRIDE bytes each; more than these once ids are added. */
  ids(): Uint8Array;
}

/** Ids that `internIds` takes at once. */
export const MOST_IDS = 1 << 16;

/** A kernel with an empty vocabulary: addresses for 200 MB, of which little is ever touched. */
export function openScanKernel(): ScanKernel {
  const bytes = readFileSync(new URL('../../kernel/scan.wasm', import.meta.url));
  try {
    return startScanKernel(new WebAssembly.Module(bytes));
  } catch (error) {
    // What WebAssembly throws where it gets no memory, or no more of it.
    if (!(error instanceof RangeError) && asError(error).name !== 'RuntimeError') throw error;
    throw new ExpectedError('out-of-memory', 'There is no room to read playlists.', {
      why: 'The machine did not give the memory that reading takes.',
      hint: 'Close other programs and run it again.',
      cause: error,
    });
  }
}

function startScanKernel(module: WebAssembly.Module): ScanKernel {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernel = exports as unknown as ScanExports;
  const constant = (name: string) => (exports[name] as Value).value;
  kernel.setUp();
  const numbers = (name: string, length: number) => new Uint32Array(memory.buffer, constant(name), length);
  const bytes = (name: string, length: number) => Buffer.from(memory.buffer, constant(name), length);
  const id = bytes('ID', ID_BYTES);
  const mostTokens = constant('MOST_TOKENS');
  const ids = bytes('IDS', mostTokens * ID_BYTES);
  const tokens = numbers('TOKENS', mostTokens);
  return {
    ...kernel,
    window: bytes('WINDOW', constant('WINDOW_BYTES')),
    windowAt: constant('WINDOW'),
    areas: {
      tokens,
      playlists: numbers('PLAYLISTS', constant('MOST_PLAYLISTS') * 3),
      descriptions: numbers('DESCRIPTIONS', constant('MOST_DESCRIPTIONS') * 4),
      texts: bytes('TEXTS', constant('TEXT_BYTES')),
    },
    internText(text) {
      id.write(text, 0, 'latin1');
      return kernel.intern(constant('ID'));
    },
    internIds(texts) {
      ids.set(texts);
      kernel.internAll(constant('IDS'), texts.length / ID_BYTES, constant('TOKENS'));
      return tokens.subarray(0, texts.length / ID_BYTES);
    },
    ids: () => new Uint8Array(memory.buffer, kernel.entriesAt(), kernel.vocabularySize() * ID_STRIDE),
    idsBetween(from, to) {
      kernel.copyIds(from, to, constant('IDS'));
      return ids.subarray(0, (to - from) * ID_BYTES);
    },
  };
}

import { ExpectedError } from '../base/errors.ts';

// What the kernel works on lies in one WebAssembly memory, shared between threads and never copied: arrays are laid out
// in it once, by size, and both sides address them by byte offset.

const PAGE = 65_536;
/** 32-bit addresses; V8 allows all of them. */
const MOST_BYTES = 65_536 * PAGE;
/** A cache line, so that no row of one array shares one with another array. */
const ALIGNMENT = 64;

export interface KernelMemory<Name extends string = string> {
  readonly memory: WebAssembly.Memory;
  /** Byte offset of each array; above 2^31 too, so never shift it with `>>`. */
  readonly at: { readonly [name in Name]: number };
}

/**
 * A shared memory with room for arrays of the given sizes in bytes, all zero. The first 64 bytes stay unused, so that 0
 * can mean "none". Throws ExpectedError `too-much-for-the-kernel` beyond 4 GiB and `out-of-memory` where the machine
 * does not give it.
 */
export function layOutMemory<Name extends string>(sizes: { readonly [name in Name]: number }): KernelMemory<Name> {
  const at = {} as { [name in Name]: number };
  let end = ALIGNMENT;
  for (const name of Object.keys(sizes) as Name[]) {
    at[name] = end;
    end += Math.ceil(sizes[name] / ALIGNMENT) * ALIGNMENT;
  }
  const gigabytes = (end / 2 ** 30).toFixed(1);
  if (end > MOST_BYTES) {
    throw new ExpectedError('too-much-for-the-kernel', `These song vectors need ${gigabytes} GiB of memory at once.`, {
      why: 'The kernel addresses 4 GiB at most: tracks x dimensions x 8 bytes, and some.',
      hint: 'Use fewer dimensions (--dimensions), or leave out rare tracks (--min-count 2).',
    });
  }
  const pages = Math.ceil(end / PAGE);
  try {
    return { memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }), at };
  } catch (error) {
    throw new ExpectedError('out-of-memory', `There is no room for ${gigabytes} GiB of song vectors.`, {
      why: 'The machine did not give that much memory.',
      hint: 'Close other programs, use fewer dimensions (--dimensions), or leave out rare tracks (--min-count 2).',
      cause: error,
    });
  }
}

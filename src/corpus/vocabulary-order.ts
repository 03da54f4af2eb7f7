import { ID_BYTES, ID_STRIDE } from './scan-kernel.ts';
import type { BuiltVocabulary } from './vocabulary-builder.ts';

/**
 * The order in which a vocabulary is written: tracks with at least one token, most frequent first, ties by id, so that
 * equal playlists give equal files however they were read, and a minimum count cuts off a tail.
 * `byFrequency`: old index at each new one. `byId`: new indexes sorted by id. `newIndex`: new index of each old one,
 * 0xffffffff where the track has no token.
 */
export function orderVocabulary(vocabulary: BuiltVocabulary): {
  byFrequency: Uint32Array;
  byId: Uint32Array;
  newIndex: Uint32Array;
} {
  const { size, counts, ids } = vocabulary;
  const used = new Uint32Array(size);
  let length = 0;
  for (let index = 0; index < size; index++) if (counts[index]! > 0) used[length++] = index;
  const sortedById = sortById(used.subarray(0, length), ids);

  // A stable sort keeps ties in id order.
  const byFrequency = sortByFallingCount(sortedById, counts);
  const newIndex = new Uint32Array(size).fill(0xffffffff);
  for (let i = 0; i < length; i++) newIndex[byFrequency[i]!] = i;
  return { byFrequency, byId: sortedById.map((index) => newIndex[index]!), newIndex };
}

/**
 * By the bytes of their ids. A radix sort of the first six characters, of seven bits each, leaves next to nothing to
 * compare: 0.3 s for 2.3 M ids, where a sort that compares takes 1.3.
 */
function sortById(indexes: Uint32Array, ids: Uint8Array): Uint32Array {
  const high = new Uint32Array(indexes.length);
  const low = new Uint32Array(indexes.length);
  for (let i = 0; i < indexes.length; i++) {
    const at = indexes[i]! * ID_STRIDE;
    high[i] = (ids[at]! << 7) | ids[at + 1]!;
    low[i] = (ids[at + 2]! << 21) | (ids[at + 3]! << 14) | (ids[at + 4]! << 7) | ids[at + 5]!;
  }
  let columns = sortByDigit([indexes, high, low], 2, 0);
  columns = sortByDigit(columns, 2, DIGIT_BITS);
  const sorted = sortByDigit(columns, 1, 0)[0]!;
  sortTies(sorted, ids);
  return sorted;
}

function sortByFallingCount(indexes: Uint32Array, counts: Uint32Array): Uint32Array {
  let columns = [indexes, indexes.map((index) => counts[index]!)];
  const most = columns[1]!.reduce((a, b) => Math.max(a, b), 0);
  columns[1] = columns[1]!.map((count) => most - count);
  for (let shift = 0; shift < 32 && most >>> shift > 0; shift += DIGIT_BITS) columns = sortByDigit(columns, 1, shift);
  return columns[0]!;
}

const DIGIT_BITS = 14;

/**
 * One pass of a radix sort: stable, by 14 bits of one of the columns. The keys are moved along with what they belong to, so
 * that nothing is looked for in 50 MB of ids at every turn.
 */
function sortByDigit(columns: readonly Uint32Array[], key: number, shift: number): Uint32Array[] {
  const mask = (1 << DIGIT_BITS) - 1;
  const keys = columns[key]!;
  const next = new Uint32Array(mask + 1);
  for (let i = 0; i < keys.length; i++) next[(keys[i]! >>> shift) & mask]!++;
  let start = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const many = next[digit]!;
    next[digit] = start;
    start += many;
  }
  const places = keys.map((value) => next[(value >>> shift) & mask]!++);
  return columns.map((column) => {
    const sorted = new Uint32Array(column.length);
    for (let i = 0; i < column.length; i++) sorted[places[i]!] = column[i]!;
    return sorted;
  });
}

/** Puts ids of equal first six characters in order. */
function sortTies(indexes: Uint32Array, ids: Uint8Array): void {
  const idOf = (index: number) => ids.subarray(index * ID_STRIDE, index * ID_STRIDE + ID_BYTES);
  const isTie = (a: number, b: number) => {
    for (let i = 0; i < 6; i++) if (ids[a * ID_STRIDE + i] !== ids[b * ID_STRIDE + i]) return false;
    return true;
  };
  for (let start = 0; start < indexes.length; ) {
    let end = start + 1;
    while (end < indexes.length && isTie(indexes[start]!, indexes[end]!)) end++;
    if (end - start > 1) indexes.subarray(start, end).sort((a, b) => Buffer.compare(idOf(a), idOf(b)));
    start = end;
  }
}

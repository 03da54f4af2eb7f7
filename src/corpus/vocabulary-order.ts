import { type BuiltVocabulary, ID_BYTES } from './vocabulary-builder.ts';

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

  // Dealing out the sorted ids by count keeps ties in id order, without a second sort.
  const byFrequency = stableByFallingCount(sortedById, counts);
  const newIndex = new Uint32Array(size).fill(0xffffffff);
  for (let i = 0; i < length; i++) newIndex[byFrequency[i]!] = i;
  return { byFrequency, byId: sortedById.map((index) => newIndex[index]!), newIndex };
}

const DIGIT_BITS = 14;

/**
 * By the bytes of their ids. A radix sort of the first six characters, two at a time, leaves next to nothing to compare.
 */
function sortById(indexes: Uint32Array, ids: Uint8Array): Uint32Array {
  // Characters 0 and 1, and 2 to 5, seven bits each: taken along, they are not looked for in 50 MB of ids at every turn.
  const high = new Uint32Array(indexes.length);
  const low = new Uint32Array(indexes.length);
  for (let i = 0; i < indexes.length; i++) {
    const at = indexes[i]! * ID_BYTES;
    high[i] = (ids[at]! << 7) | ids[at + 1]!;
    low[i] = (ids[at + 2]! << 21) | (ids[at + 3]! << 14) | (ids[at + 4]! << 7) | ids[at + 5]!;
  }
  let order: KeyedIndexes = { indexes, high, low };
  order = sortByDigit(order, order.low, 0);
  order = sortByDigit(order, order.low, DIGIT_BITS);
  order = sortByDigit(order, order.high, 0);
  sortTies(order.indexes, ids);
  return order.indexes;
}

interface KeyedIndexes {
  readonly indexes: Uint32Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/** One stable pass over 14 bits of `keys`. */
function sortByDigit({ indexes, high, low }: KeyedIndexes, keys: Uint32Array, shift: number): KeyedIndexes {
  const mask = (1 << DIGIT_BITS) - 1;
  const next = new Uint32Array(mask + 1);
  for (let i = 0; i < keys.length; i++) next[(keys[i]! >>> shift) & mask]!++;
  let start = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const many = next[digit]!;
    next[digit] = start;
    start += many;
  }
  const sorted = {
    indexes: new Uint32Array(keys.length),
    high: new Uint32Array(keys.length),
    low: new Uint32Array(keys.length),
  };
  for (let i = 0; i < keys.length; i++) {
    const at = next[(keys[i]! >>> shift) & mask]!++;
    sorted.indexes[at] = indexes[i]!;
    sorted.high[at] = high[i]!;
    sorted.low[at] = low[i]!;
  }
  return sorted;
}

/** Puts ids of equal first six characters in order. */
function sortTies(indexes: Uint32Array, ids: Uint8Array): void {
  const idOf = (index: number) => ids.subarray(index * ID_BYTES, (index + 1) * ID_BYTES);
  const isTie = (a: number, b: number) => {
    for (let i = 0; i < 6; i++) if (ids[a * ID_BYTES + i] !== ids[b * ID_BYTES + i]) return false;
    return true;
  };
  for (let start = 0; start < indexes.length; ) {
    let end = start + 1;
    while (end < indexes.length && isTie(indexes[start]!, indexes[end]!)) end++;
    if (end - start > 1) indexes.subarray(start, end).sort((a, b) => Buffer.compare(idOf(a), idOf(b)));
    start = end;
  }
}

function stableByFallingCount(indexes: Uint32Array, counts: Uint32Array): Uint32Array {
  const perCount = new Map<number, number>();
  for (const index of indexes) perCount.set(counts[index]!, (perCount.get(counts[index]!) ?? 0) + 1);
  let start = 0;
  const next = new Map<number, number>();
  for (const [count, many] of [...perCount].sort(([a], [b]) => b - a)) {
    next.set(count, start);
    start += many;
  }
  const sorted = new Uint32Array(indexes.length);
  for (const index of indexes) {
    const at = next.get(counts[index]!)!;
    next.set(counts[index]!, at + 1);
    sorted[at] = index;
  }
  return sorted;
}

// Ids of 22 bytes -> their numbers, in order of first sight: open addressing with linear probing, at most half full.
import { FREE } from './scan-areas';

const PAGE: i32 = 0x10000;
/** 22 bytes of the id, two of nothing, four of the slot's hash, four of flags: two to a cache line, and none across. */
const ENTRY_SHIFT: usize = 5;
const FLAGS: usize = 28;
const DESCRIBED: u32 = 1;

/** A slot is eight bytes: half of the hash, so that another id is hardly ever looked at, and number + 1; 0 is free. */
const SLOTS: usize = FREE;
/** Ids that are worked on together. */
const BLOCK: u32 = 64;
/** What was loaded only to be near; kept, since a compiler leaves out loads that nobody uses. */
let touched: u64 = 0;

let mask: u32 = 0xffff;
let entries: usize = 0;
let size: u32 = 0;

/** Takes the memory that an empty vocabulary and the areas before it need; to be called once. */
export function setUp(): void {
  entries = SLOTS + ((<usize>mask + 1) << 3);
  reach(entries);
}

function reach(end: usize): void {
  const pages = <i32>((end + PAGE - 1) >>> 16) - memory.size();
  // Memory that grows byte by byte would be asked for at every track: 4 MB at once.
  if (pages > 0 && memory.grow(pages + 64) < 0) unreachable();
}

export function vocabularySize(): u32 {
  return size;
}

/** Where the entries lie, 32 bytes each: until the next id is added. */
export function entriesAt(): usize {
  return entries;
}

/** Keeps a sum of what was touched. */
@inline
export function keepTouched(sum: u64): void {
  touched = sum;
}

/** Loads the slot that an id looks at first; loads of several ids run side by side, where `intern` waits for each. */
@inline
export function touchSlot(at: usize): u64 {
  return load<u64>(SLOTS + (<usize>(<u32>hashOf(at) & mask) << 3));
}

/** The same for what the slot leads to. */
@inline
export function touchEntry(at: usize): u64 {
  const word = touchSlot(at);
  return word == 0 ? 0 : load<u64>(entryOf(<u32>word - 1));
}

/** The number of the id of 22 bytes at `at`; one that is new gets the next. */
export function intern(at: usize): u32 {
  const hash = hashOf(at);
  const half = <u32>(hash >> 32);
  let slot = <u32>hash & mask;
  while (true) {
    const word = load<u64>(SLOTS + (<usize>slot << 3));
    if (word == 0) return add(at, hash, slot);
    if (<u32>(word >> 32) == half) {
      const index = <u32>word - 1;
      if (isSame(entryOf(index), at)) return index;
    }
    slot = (slot + 1) & mask;
  }
}

/** The numbers of `count` ids one after another at `at`, as u32 at `target`. */
export function internAll(at: usize, count: u32, target: usize): void {
  for (let i: u32 = 0; i < count; i += BLOCK) {
    const block = min(BLOCK, count - i);
    let sum: u64 = 0;
    for (let j: u32 = 0; j < block; j++) sum += touchSlot(at + j * 22);
    for (let j: u32 = 0; j < block; j++) sum += touchEntry(at + j * 22);
    touched = sum;
    for (let j: u32 = 0; j < block; j++) {
      store<u32>(target, intern(at));
      at += 22;
      target += 4;
    }
  }
}

function add(at: usize, hash: u64, slot: u32): u32 {
  const index = size++;
  const entry = entryOf(index);
  reach(entry + 64);
  v128.store(entry, v128.load(at));
  v128.store(entry, v128.load(at, 6), 6);
  store<u64>(entry, 0, 24);
  if (size << 1 <= mask) store<u64>(SLOTS + (<usize>slot << 3), word(hash, index));
  else double();
  return index;
}

/** Twice the slots: the entries move up, and each finds its slot anew. */
function double(): void {
  const moved = entries + ((<usize>mask + 1) << 3);
  reach(moved + ((<usize>size + 1) << ENTRY_SHIFT));
  memory.copy(moved, entries, <usize>size << ENTRY_SHIFT);
  entries = moved;
  mask = (mask << 1) | 1;
  memory.fill(SLOTS, 0, (<usize>mask + 1) << 3);
  for (let first: u32 = 0; first < size; first += BLOCK) {
    const end = min(size, first + BLOCK);
    let sum: u64 = 0;
    for (let index = first; index < end; index++) sum += touchSlot(entryOf(index));
    touched = sum;
    for (let index = first; index < end; index++) {
      const hash = hashOf(entryOf(index));
      let slot = <u32>hash & mask;
      while (load<u64>(SLOTS + (<usize>slot << 3)) != 0) slot = (slot + 1) & mask;
      store<u64>(SLOTS + (<usize>slot << 3), word(hash, index));
    }
  }
}

@inline
function word(hash: u64, index: u32): u64 {
  return ((hash >> 32) << 32) | <u64>(index + 1);
}

@inline
function entryOf(index: u32): usize {
  return entries + (<usize>index << ENTRY_SHIFT);
}

@inline
function isSame(entry: usize, at: usize): bool {
  return !v128.any_true(
    v128.or(v128.xor(v128.load(entry), v128.load(at)), v128.xor(v128.load(entry, 6), v128.load(at, 6))),
  );
}

/** Multiplications and shifts over the 22 bytes; the constants are those of xxHash. */
@inline
function hashOf(at: usize): u64 {
  let hash = load<u64>(at) * 0x9e3779b185ebca87;
  hash = (hash ^ (hash >> 32)) + load<u64>(at, 8);
  hash *= 0xc2b2ae3d27d4eb4f;
  hash = (hash ^ (hash >> 29)) + load<u64>(at, 14);
  hash *= 0x9e3779b185ebca87;
  return hash ^ (hash >> 32);
}

/** Whether title and artists of a track were told. */
export function isDescribed(index: u32): bool {
  return (load<u32>(entryOf(index), FLAGS) & DESCRIBED) != 0;
}

export function describe(index: u32): void {
  store<u32>(entryOf(index), DESCRIBED, FLAGS);
}

/** Puts the ids `from` up to `to` one after another, without gaps, at `target`; up to ten bytes after them are lost. */
export function copyIds(from: u32, to: u32, target: usize): void {
  for (let index = from; index < to; index++) {
    const entry = entryOf(index);
    v128.store(target, v128.load(entry));
    v128.store(target, v128.load(entry, 6), 6);
    target += 22;
  }
}

import { type Random, seededRandom } from '../base/random.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';
import type { ContinuationCase } from './evaluation.ts';

/** Playlists to learn from, and others of which a half is hidden. */
export interface Holdout {
  readonly train: TokenSequences;
  /** Group of each of its playlists. */
  readonly groups: Uint32Array;
  readonly cases: readonly ContinuationCase<number>[];
}

/** Shorter playlists say too little to be judged by. */
const LEAST_TRACKS = 10;

/** Of a large corpus this many cases tell enough: their mean NDCG has a standard error under .01. */
const MOST_CASES = 1000;

/** The playlists of a corpus by group, numbered in order of first appearance. Snapshots of one playlist share a group. */
export interface PlaylistGroups {
  readonly size: number;
  /** Group of each sentence. */
  readonly ofSentence: Uint32Array;
  /** The longest sentence of each group. */
  readonly longest: Uint32Array;
  /** Tokens of each group, over all its sentences. */
  readonly tokens: Float64Array;
  /** Groups whose longest sentence is long enough to be judged by. */
  readonly judgeable: readonly number[];
}

export function groupPlaylists(corpus: TokenSequences, groups: ArrayLike<number>): PlaylistGroups {
  const sentences = Math.max(0, corpus.offsets.length - 1);
  const numbers = new Map<number, number>();
  const ofSentence = new Uint32Array(sentences);
  const longest = new Uint32Array(sentences);
  const tokens = new Float64Array(sentences);
  const lengthOf = (sentence: number) => corpus.offsets[sentence + 1]! - corpus.offsets[sentence]!;
  for (let sentence = 0; sentence < sentences; sentence++) {
    let group = numbers.get(groups[sentence]!);
    if (group === undefined) {
      group = numbers.size;
      numbers.set(groups[sentence]!, group);
      longest[group] = sentence;
    } else if (lengthOf(sentence) > lengthOf(longest[group]!)) longest[group] = sentence;
    ofSentence[sentence] = group;
    tokens[group]! += lengthOf(sentence);
  }
  const size = numbers.size;
  const judgeable: number[] = [];
  for (let group = 0; group < size; group++) if (lengthOf(longest[group]!) >= LEAST_TRACKS) judgeable.push(group);
  return { size, ofSentence, longest: longest.subarray(0, size), tokens: tokens.subarray(0, size), judgeable };
}

/**
 * Learns from the groups that `learned` marks with 1 and asks for one case of each group in `held`: its longest sentence,
 * half shown, half hidden. Hidden tracks that training never sees cannot be recommended by anybody and are not asked for.
 */
export function splitPlaylists(
  corpus: TokenSequences,
  groups: PlaylistGroups,
  learned: Uint8Array,
  held: readonly number[],
  random: Random,
): Holdout {
  const isLearned = (sentence: number) => learned[groups.ofSentence[sentence]!] === 1;
  const train = gather(corpus, isLearned);
  const known = markKnown(train.tokens);
  const cases = held.flatMap((group) => {
    const sentence = groups.longest[group]!;
    const tracks = [...new Set(corpus.tokens.subarray(corpus.offsets[sentence]!, corpus.offsets[sentence + 1]!))];
    if (tracks.length < LEAST_TRACKS) return [];
    shuffle(tracks, random);
    const half = tracks.length >> 1;
    const hidden = new Set(tracks.slice(half).filter((track) => known[track] === 1));
    return hidden.size === 0 ? [] : [{ seeds: tracks.slice(0, half), hidden }];
  });
  return { train, groups: groups.ofSentence.filter((_, sentence) => isLearned(sentence)), cases };
}

/**
 * Holds out `share` of the playlists that can be judged by, at most 1,000. Split by group, never by sentence: snapshots of
 * one playlist are near copies, and one in training would give the answer away. The same seed gives the same split.
 */
export function holdOut(
  corpus: TokenSequences,
  groups: ArrayLike<number>,
  options: { readonly share: number; readonly seed: number },
): Holdout {
  const random = seededRandom(options.seed);
  const grouped = groupPlaylists(corpus, groups);
  const count = Math.min(MOST_CASES, Math.round(options.share * grouped.judgeable.length));
  const held = shuffled(grouped.judgeable, random).slice(0, count);
  const learned = new Uint8Array(grouped.size).fill(1);
  for (const group of held) learned[group] = 0;
  return splitPlaylists(corpus, grouped, learned, held, random);
}

function gather(corpus: TokenSequences, isKept: (sentence: number) => boolean): TokenSequences {
  const { tokens, offsets } = corpus;
  const ends: number[] = [0];
  for (let sentence = 0; sentence + 1 < offsets.length; sentence++) {
    if (isKept(sentence)) ends.push(ends.at(-1)! + offsets[sentence + 1]! - offsets[sentence]!);
  }
  const kept = new Uint32Array(ends.at(-1)!);
  let at = 0;
  for (let sentence = 0; sentence + 1 < offsets.length; sentence++) {
    if (!isKept(sentence)) continue;
    kept.set(tokens.subarray(offsets[sentence]!, offsets[sentence + 1]!), at);
    at += offsets[sentence + 1]! - offsets[sentence]!;
  }
  return { tokens: kept, offsets: Float64Array.from(ends) };
}

function markKnown(tokens: Uint32Array): Uint8Array {
  let size = 0;
  for (let at = 0; at < tokens.length; at++) size = Math.max(size, tokens[at]! + 1);
  const known = new Uint8Array(size);
  for (let at = 0; at < tokens.length; at++) known[tokens[at]!] = 1;
  return known;
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  shuffle(copy, random);
  return copy;
}

function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
}

import { type Random, seededRandom } from '../base/random.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';
import type { ContinuationCase } from './evaluation.ts';

export interface Holdout {
  /** The playlists to learn from. */
  readonly train: TokenSequences;
  /** Group of each playlist to learn from. */
  readonly trainGroups: Uint32Array;
  /** The others, of which a half is hidden. */
  readonly cases: readonly ContinuationCase<number>[];
}

/** Shorter playlists say too little to be judged by. */
const LEAST_TRACKS = 10;

/**
 * Holds out `share` of the playlists. Split by group, never by sentence: snapshots of one playlist are near copies, and
 * one in training would give the answer away; of each group held out one sentence, its longest, is a case. Hidden tracks
 * that training never sees cannot be recommended by anybody and are not asked for. The same seed gives the same split.
 */
export function holdOut(
  corpus: TokenSequences,
  groups: ArrayLike<number>,
  options: { readonly share: number; readonly seed: number },
): Holdout {
  const random = seededRandom(options.seed);
  const held = new Map<number, boolean>();
  const train: number[] = [];
  const longest = new Map<number, number>();
  const lengthOf = (sentence: number) => corpus.offsets[sentence + 1]! - corpus.offsets[sentence]!;
  for (let sentence = 0; sentence + 1 < corpus.offsets.length; sentence++) {
    const group = groups[sentence]!;
    if (!held.has(group)) held.set(group, random() < options.share);
    if (!held.get(group)) train.push(sentence);
    else if (lengthOf(sentence) > lengthOf(longest.get(group) ?? sentence) || !longest.has(group)) {
      longest.set(group, sentence);
    }
  }
  const learned = gather(corpus, train);
  const known = new Set(learned.tokens);
  const cases = [...longest.values()].flatMap((sentence) => {
    const from = corpus.offsets[sentence]!;
    const tracks = [...new Set(corpus.tokens.subarray(from, corpus.offsets[sentence + 1]!))];
    if (tracks.length < LEAST_TRACKS) return [];
    shuffle(tracks, random);
    const half = tracks.length >> 1;
    const hidden = new Set(tracks.slice(half).filter((track) => known.has(track)));
    return hidden.size === 0 ? [] : [{ seeds: tracks.slice(0, half), hidden }];
  });
  return { train: learned, trainGroups: Uint32Array.from(train, (sentence) => groups[sentence]!), cases };
}

function gather(corpus: TokenSequences, sentences: readonly number[]): TokenSequences {
  const offsets = new Float64Array(sentences.length + 1);
  for (const [at, sentence] of sentences.entries()) {
    offsets[at + 1] = offsets[at]! + corpus.offsets[sentence + 1]! - corpus.offsets[sentence]!;
  }
  const tokens = new Uint32Array(offsets.at(-1)!);
  for (const [at, sentence] of sentences.entries()) {
    tokens.set(corpus.tokens.subarray(corpus.offsets[sentence]!, corpus.offsets[sentence + 1]!), offsets[at]!);
  }
  return { tokens, offsets };
}

function shuffle(tracks: number[], random: Random): void {
  for (let last = tracks.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [tracks[last], tracks[other]] = [tracks[other]!, tracks[last]!];
  }
}

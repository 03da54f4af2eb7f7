import type { TokenSequences } from '../../src/vectors/vocabulary.ts';
import type { GensimJob } from '../peers/peers.ts';

// The three ways of training that are compared, in our words and in gensim's.

export const METHODS = ['skip-gram', 'cbow', 'playlist'] as const;
export type Method = (typeof METHODS)[number];

export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  'skip-gram': 'skip-gram, window 5',
  cbow: 'CBOW, window 5',
  playlist: 'CBOW, whole playlist',
};

export const DIMENSIONS = 100;
export const NEGATIVES = 5;
export const WINDOW = 5;

export function ownSettings(method: Method): object {
  return {
    algorithm: method === 'skip-gram' ? 'skip-gram' : 'cbow',
    window: method === 'playlist' ? 'playlist' : WINDOW,
    dimensions: DIMENSIONS,
    negatives: NEGATIVES,
    subsampling: 0,
    minCount: 1,
  };
}

/** gensim knows no window of the whole playlist: one larger than the longest, never shrunk, is the same. */
export function gensimSettings(
  method: Method,
  corpus: TokenSequences,
): Pick<GensimJob, 'sg' | 'window' | 'shrink_windows' | 'vector_size' | 'negative'> {
  return {
    sg: method === 'skip-gram' ? 1 : 0,
    window: method === 'playlist' ? longestPlaylist(corpus) : WINDOW,
    shrink_windows: method !== 'playlist',
    vector_size: DIMENSIONS,
    negative: NEGATIVES,
  };
}

function longestPlaylist({ offsets }: TokenSequences): number {
  let longest = 0;
  for (let at = 1; at < offsets.length; at++) longest = Math.max(longest, offsets[at]! - offsets[at - 1]!);
  return longest;
}

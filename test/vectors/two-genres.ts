import { seededRandom } from '../../src/base/random.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';

/** A world whose answers are known: playlists of tracks 0..19 or of 20..39, never of both; popularity falls within each genre. */
export function twoGenres(playlists = 200, seed = 7): TokenSequences {
  const random = seededRandom(seed);
  const sentences = Array.from({ length: playlists }, (_, playlist) => {
    const genre = playlist % 2;
    const tracks = new Set<number>();
    while (tracks.size < 8) tracks.add(genre * 20 + Math.floor(20 * random() ** 1.5));
    return [...tracks];
  });
  return sequences(sentences);
}

export const genreOf = (token: number): number => (token < 20 ? 0 : 1);

export function sequences(sentences: readonly (readonly number[])[]): TokenSequences {
  const offsets = new Uint32Array(sentences.length + 1);
  for (const [at, sentence] of sentences.entries()) offsets[at + 1] = offsets[at]! + sentence.length;
  return { tokens: Uint32Array.from(sentences.flat()), offsets };
}

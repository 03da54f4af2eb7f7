import { seededRandom } from '../../src/base/random.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';
import { sequences } from '../vectors/two-genres.ts';

export const GENRE_SIZE = 30;

/**
 * A world whose playlists hold twelve tracks of one genre of thirty each; which genre, no popularity tells. With few
 * playlists each track occurs a few times only, so that few epochs at a low rate learn nothing and many learn the genres.
 */
export function manyGenres(playlists = 120, genres = 12, seed = 3): { corpus: TokenSequences; groups: Uint32Array } {
  const random = seededRandom(seed);
  const lists = Array.from({ length: playlists }, () => {
    const genre = Math.floor(random() * genres);
    const tracks = new Set<number>();
    while (tracks.size < 12) tracks.add(genre * GENRE_SIZE + Math.floor(random() * GENRE_SIZE));
    return [...tracks];
  });
  return { corpus: sequences(lists), groups: Uint32Array.from(lists, (_, at) => at) };
}

import { ExpectedError } from '../base/errors.ts';
import type { Model } from '../vectors/model.ts';
import { indexModel } from '../vectors/model-index.ts';
import { meanVector, type Neighbour } from '../vectors/nearest.ts';
import type { SearchIndexOptions } from '../vectors/search-index.ts';
import { type Catalogue, type CatalogueTrack, keyOf } from './catalogue.ts';
import { certaintyBy, mostLike } from './likeness.ts';
import type { WeightedRow } from './song-expression.ts';

export interface SimilarOptions {
  readonly count: number;
  /** `likeness`: what stands in the same playlists; `continuation`: what goes on a playlist that starts with these songs. */
  readonly by: 'likeness' | 'continuation';
  /** Songs that stand in the playlists less often are left out. */
  readonly minCount?: number;
}

export interface SimilarTrack {
  readonly row: number;
  readonly track: CatalogueTrack;
  /** By likeness: cosine x certainty (likeness.ts), below 1. By continuation: input x output, the log odds that training learned. */
  readonly score: number;
}

/**
 * The songs nearest to a weighted sum of others, best first; each recording once, those that were named never.
 * `songs`: at least one of positive weight; vectors are scaled to length 1 first for likeness, so that each song speaks as
 * loud. Throws ExpectedError `songs-cancel-out`.
 */
export async function findSimilar(
  model: Model,
  catalogue: Catalogue,
  songs: readonly WeightedRow[],
  { count, by, minCount = 1 }: SimilarOptions,
  indexOptions?: SearchIndexOptions,
): Promise<SimilarTrack[]> {
  const excluded = Uint8Array.from(model.counts, (occurrences) => (occurrences < minCount ? 1 : 0));
  for (const { row } of songs) excluded[row] = 1;
  const index = indexModel(model, by === 'likeness' ? 'input' : 'output', indexOptions);
  try {
    const query = sumOf(model, songs, by);
    // A recording has a handful of editions: of four times as many rows mostly enough are different.
    for (let k = 4 * count; ; k *= 4) {
      const near =
        by === 'likeness'
          ? await mostLike(index, model.counts, query, k, excluded)
          : await index.nearest(query.vector, { k, measure: 'dot', excluded });
      const found = onePerRecording(catalogue, songs, near);
      if (found.length >= count || near.length < k) return found.slice(0, count);
    }
  } finally {
    await index.close();
  }
}

function sumOf(model: Model, songs: readonly WeightedRow[], by: SimilarOptions['by']) {
  const total = songs.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  const input = { dimensions: model.dimensions, values: model.input };
  const vector = new Float64Array(model.dimensions);
  const certaintyAt = certaintyBy(model.counts);
  let certainty = 0;
  for (const { row, weight } of songs) {
    const of = meanVector(input, [row], undefined, by === 'likeness');
    for (let i = 0; i < vector.length; i++) vector[i]! += (of[i]! * weight) / total;
    certainty += (certaintyAt(row) * Math.abs(weight)) / total;
  }
  if (vector.every((value) => Math.abs(value) < 1e-9)) throw cancelOut();
  return { vector, certainty };
}

function onePerRecording(
  catalogue: Catalogue,
  songs: readonly WeightedRow[],
  near: readonly Neighbour[],
): SimilarTrack[] {
  const seen = new Set(songs.map(({ row }) => keyOf(catalogue.track(row))));
  const found: SimilarTrack[] = [];
  for (const { row, score } of near) {
    const track = catalogue.track(row);
    if (seen.has(keyOf(track))) continue;
    seen.add(keyOf(track));
    found.push({ row, track, score });
  }
  return found;
}

function cancelOut(): ExpectedError {
  return new ExpectedError('songs-cancel-out', 'These songs cancel each other out.', {
    why: 'Their vectors add up to nothing, so nothing can be near.',
    hint: 'Take away another song than the one you start from.',
  });
}

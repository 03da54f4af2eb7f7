import type { Model } from './model.ts';
import { indexVectors, SearchIndex, type SearchIndexOptions } from './search-index.ts';

/**
 * One matrix of a model, searchable: `input` by cosine for what a track is like, `output` by dot product with a query made
 * of input rows for what goes with them. Not copied where `openModel` read it. To be closed.
 */
export function indexModel(model: Model, matrix: 'input' | 'output', options: SearchIndexOptions = {}): SearchIndex {
  const held = model.held?.[matrix];
  return held === undefined ? indexVectors(model[matrix], model.dimensions, options) : new SearchIndex(held, options);
}

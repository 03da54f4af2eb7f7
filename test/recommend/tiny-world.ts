import type { CatalogueTrack } from '../../src/recommend/catalogue.ts';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { trainReference } from '../../src/vectors/reference-trainer.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { genreOf, twoGenres } from '../vectors/two-genres.ts';

/** 22 characters, as Spotify's ids have. */
export const idOf = (name: string | number): string => String(name).padStart(22, '0');

export function trackOf(name: string, artist: string, more: Partial<CatalogueTrack> = {}): CatalogueTrack {
  return { id: idOf(name.replace(/[^0-9A-Za-z]/g, '')), title: name, artists: [artist], ...more };
}

/** The two genres of test/vectors, as songs: "Jazz 3" by one of seven jazz artists, "Techno 31" by one of seven of techno. */
export function tinyWorld() {
  const corpus = twoGenres();
  const settings = readSettings({
    dimensions: 16,
    epochs: 5,
    learningRate: 0.1,
    negativeExponent: 0.5,
    subsampling: 0,
  });
  const vocabulary = buildVocabulary(corpus, 1);
  const { model } = trainReference(corpus, vocabulary, settings);
  const tracks = Array.from(vocabulary.tokens, (token) => songOf(token));
  return { model, catalogue: catalogueOf(tracks), tracks };
}

export function songOf(token: number): CatalogueTrack {
  const genre = genreOf(token) === 0 ? 'Jazz' : 'Techno';
  return trackOf(`${genre} ${token}`, `${genre} artist ${token % 7}`);
}

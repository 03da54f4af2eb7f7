import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { ExpectedError } from '../base/errors.ts';
import { turnTaker } from '../corpus/breathing.ts';
import { type FeatureMatrix, standardise } from '../recommend/audio-features.ts';
import { type Catalogue, catalogueOf } from '../recommend/catalogue.ts';
import { openCatalogue } from '../recommend/catalogue-file.ts';
import { type FeaturedSongs, FeaturedSongsBuilder, rowsWithCold } from '../recommend/featured-songs.ts';
import type { Store } from '../store/connect.ts';
import { readFeatureSongs } from '../store/feature-songs.ts';
import { latestModel } from '../store/models.ts';
import type { Database } from '../store/schema.ts';
import { readManifest } from '../vectors/model-manifest.ts';

/**
 * The audio features of a catalogue's songs, found by track id, ISRC or recording, and of the songs that it does not have
 * (cold: seen in no playlist). One pass over all that is stored, a page at a time. Throws the signal's reason.
 */
export async function readFeaturesFor(
  db: Kysely<Database>,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<FeaturedSongs> {
  const builder = new FeaturedSongsBuilder(catalogue);
  const breathe = turnTaker(signal);
  for await (const page of readFeatureSongs(db)) {
    signal.throwIfAborted();
    for (const { trackId, title, artists, isrc, recordingKey, ...values } of page) {
      builder.add({ id: trackId, title, artists, isrc: isrc ?? undefined, recordingKey }, values);
      await breathe();
    }
  }
  return builder.finish();
}

/**
 * Audio features as recommenders want them (`World.features`), standardised over all songs that have them. With `cold`, a
 * catalogue that has the cold songs appended in their order: row `catalogue.size + i` is `songs.cold.track(i)`. Undefined
 * where there are none.
 */
export function featuresOfWorld(
  songs: FeaturedSongs,
  catalogue: Catalogue,
  rows: 'with cold' | 'catalogue only',
): FeatureMatrix | undefined {
  const all = standardise(songs.features, rowsWithCold(songs, catalogue.size));
  const count = rows === 'with cold' ? all.rows.length : songs.rows.length;
  if (count === 0) return undefined;
  return { ...all, rows: all.rows.subarray(0, count), values: all.values.subarray(0, count * all.dimensions) };
}

export interface OpenFeatures {
  /** Of the newest model; empty where there is none. */
  readonly catalogue: Catalogue;
  readonly songs: FeaturedSongs;
  /** All of them, cold ones too, in the order of `songs.features`. */
  readonly matrix: FeatureMatrix;
}

/** All audio features beside the newest model. Throws ExpectedError `no-features`, what opening the catalogue throws, and the signal's reason. */
export async function openFeatures({ db }: Store, dataDir: string, signal: AbortSignal): Promise<OpenFeatures> {
  const stored = await latestModel(db);
  const directory = join(dataDir, stored?.path ?? '');
  const catalogue =
    stored === undefined ? catalogueOf([]) : await openCatalogue(directory, await readManifest(directory));
  const songs = await readFeaturesFor(db, catalogue, signal);
  const matrix = featuresOfWorld(songs, catalogue, 'with cold');
  if (matrix !== undefined) return { catalogue, songs, matrix };
  throw new ExpectedError('no-features', 'There are no audio features yet.', {
    why: 'Neither import-features nor enrich-features has stored any.',
    hint: 'Read a table of them: segue import-features <file.csv>, or ask ReccoBeats: segue enrich-features',
  });
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { openBlend } from '../recommend/blend.ts';
import { featureNames } from '../recommend/blend-features.ts';
import { openBlendFile } from '../recommend/blend-file.ts';
import { openCatalogue } from '../recommend/catalogue-file.ts';
import { artistsWithCold, withColdRows, withColdSongs } from '../recommend/cold-songs.ts';
import type { Recommender, World } from '../recommend/recommender.ts';
import { openVectorRecommender } from '../recommend/recommenders/song-vectors.ts';
import { MEMBERS } from '../recommend/recommenders.ts';
import { findChampion, type ListedBlend } from '../store/blends.ts';
import type { Store } from '../store/connect.ts';
import { findModel } from '../store/models.ts';
import { openModel } from '../vectors/model-file.ts';
import { featuresOfWorld, readFeaturesFor } from './open-features.ts';
import { openSongVectors, type SongVectors } from './open-song-vectors.ts';

/** Who recommends: the champion, or song vectors alone where no blend was made yet. */
export interface OpenRecommenders {
  /** With a blend, its catalogue goes on after the model's rows with songs of no playlist that have audio features. */
  readonly vectors: SongVectors;
  readonly recommender: Recommender;
  /** The champion; absent where song vectors stand alone. */
  readonly blend?: OpenBlend;
}

export interface OpenBlend {
  readonly stored: ListedBlend;
  readonly world: World;
  /** Names of the playlists. */
  readonly names: TextColumn;
  readonly members: readonly string[];
}

/**
 * Opens the champion with its model. Somebody must close its recommender. Throws ExpectedError `no-model`, `model-missing`,
 * `model-damaged`, `blend-missing`, `blend-too-new`, `blend-too-old`, `blend-damaged`.
 */
export async function openRecommenders(store: Store, dataDir: string, signal: AbortSignal): Promise<OpenRecommenders> {
  const stored = await findChampion(store.db);
  if (stored === undefined) {
    const vectors = await openSongVectors(store, dataDir);
    return { vectors, recommender: openVectorRecommender(vectors.model) };
  }
  const directory = join(dataDir, stored.modelPath);
  const [{ model, manifest }, contents] = await Promise.all([
    openModel(directory),
    openBlendFile(join(dataDir, stored.path)),
  ]);
  const { names, knowledge } = contents;
  const songs = await openCatalogue(directory, manifest);
  const featured = await readFeaturesFor(store.db, songs, signal);
  const catalogue = withColdSongs(songs, featured.cold);
  const world: World = {
    playlists: withColdRows(contents.playlists, catalogue.size),
    artistOf: artistsWithCold(contents.artistOf, catalogue),
    features: featuresOfWorld(featured, songs, 'with cold'),
    // Nothing is learned from this world any more, and nothing put aside.
    groups: new Uint32Array(0),
    vectorsOf: async () => model,
  };
  // An older Segue may have made it, of other recommenders: names say which weight is whose.
  const members = MEMBERS.filter(({ name }) => `${name}: score` in stored.weights);
  const memberNames = members.map(({ name }) => name);
  const weights = Float64Array.from(featureNames(memberNames), (feature) => stored.weights[feature] ?? 0);
  const options = { threads: availableParallelism(), signal };
  return {
    vectors: {
      stored: (await findModel(store.db, stored.modelFingerprint))!,
      model,
      catalogue,
    },
    recommender: await openBlend(members, weights, world, knowledge, options),
    blend: { stored, world, names, members: memberNames },
  };
}

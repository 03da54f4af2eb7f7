import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { openCatalogue } from '../recommend/catalogue-file.ts';
import type { Store } from '../store/connect.ts';
import { latestModel, type StoredModel } from '../store/models.ts';
import type { Model } from '../vectors/model.ts';
import { openModel } from '../vectors/model-file.ts';

export interface SongVectors {
  readonly stored: StoredModel;
  readonly model: Model;
  /** What each row is. */
  readonly catalogue: Catalogue;
}

/** The newest model with its tracks. Throws ExpectedError `no-model`, `model-missing`, `model-too-new`, `model-damaged`. */
export async function openSongVectors(store: Store, dataDir: string): Promise<SongVectors> {
  const stored = await latestModel(store.db);
  if (stored === undefined) {
    throw new ExpectedError('no-model', 'There are no song vectors yet.', {
      why: 'No model was trained.',
      hint: 'Train one with: segue train-vectors (after segue import-playlists and segue build-corpus)',
    });
  }
  const directory = join(dataDir, stored.path);
  const { model, manifest } = await openModel(directory);
  return { stored, model, catalogue: await openCatalogue(directory, manifest) };
}

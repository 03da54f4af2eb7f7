import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { openCatalogue } from '../recommend/catalogue-file.ts';
import type { Store } from '../store/connect.ts';
import { findModel, latestModel, type StoredModel } from '../store/models.ts';
import { openModel } from '../vectors/model-file.ts';
import type { KnownVectors } from '../vectors/train.ts';

/** The model in use (true) or the one named by its fingerprint. Throws ExpectedError `model-unknown`. */
export async function modelToStartFrom(store: Store, which: true | string): Promise<StoredModel> {
  const model = which === true ? await latestModel(store.db) : await findModel(store.db, which);
  if (model !== undefined) return model;
  throw new ExpectedError('model-unknown', 'There are no vectors to begin with.', {
    why: which === true ? 'No model was trained yet.' : `No model has the fingerprint ${which}.`,
    hint: 'Train one first with: segue train-vectors',
  });
}

/**
 * Which of that model's rows the tracks have. `tokens`: token of each row that will be trained (n). Throws ExpectedError
 * `model-missing` where its files are gone (the two newest models keep theirs), `model-damaged`.
 */
export async function mapKnownVectors(
  { store, dataDir }: { readonly store: Store; readonly dataDir: string },
  fingerprint: string,
  tokens: Uint32Array,
  idOf: (token: number) => string,
): Promise<KnownVectors> {
  const { path } = await modelToStartFrom(store, fingerprint);
  const { model, manifest } = await openModel(join(dataDir, path));
  const catalogue = await openCatalogue(join(dataDir, path), manifest);
  return { model, rowOf: Int32Array.from(tokens, (token) => catalogue.rowOfId(idOf(token))) };
}

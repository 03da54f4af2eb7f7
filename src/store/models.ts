import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';

/** A trained or imported model in the data folder. */
export interface Model {
  /** null: another tool trained it. */
  readonly corpusId: number | null;
  readonly algorithm: 'skip-gram' | 'cbow' | 'imported';
  /** Of corpus and settings: training again gives the same model; or of the imported files. */
  readonly fingerprint: string;
  /** Relative to the data folder. */
  readonly path: string;
  readonly vocabulary: number;
  readonly dimensions: number;
  readonly settings: Json;
  readonly metrics: Json;
  readonly createdAt: Date;
}

export type StoredModel = Model & { readonly modelId: number };

/** Stores a model, or brings its metrics up to date where the same one was trained before. Returns its `model_id`. */
export async function saveModel(db: Kysely<Database>, model: Model): Promise<number> {
  const row = {
    corpus_id: model.corpusId,
    algorithm: model.algorithm,
    path: model.path,
    vocabulary: model.vocabulary,
    dimensions: model.dimensions,
    settings: jsonText(model.settings),
    metrics: jsonText(model.metrics),
    created_at: model.createdAt,
  };
  const { model_id } = await db
    .insertInto('model')
    .values({ fingerprint: model.fingerprint, ...row })
    .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet(row))
    .returning('model_id')
    .executeTakeFirstOrThrow();
  return model_id;
}

export async function findModel(db: Kysely<Database>, fingerprint: string): Promise<StoredModel | undefined> {
  return await models(db).where('fingerprint', '=', fingerprint).executeTakeFirst();
}

/** The model in use: the one trained or imported last. */
export async function latestModel(db: Kysely<Database>): Promise<StoredModel | undefined> {
  return await models(db).limit(1).executeTakeFirst();
}

/** All models, newest first. */
export async function listModels(db: Kysely<Database>): Promise<StoredModel[]> {
  return await models(db).execute();
}

function models(db: Kysely<Database>) {
  return db
    .selectFrom('model')
    .select([
      'model_id as modelId',
      'corpus_id as corpusId',
      'algorithm',
      'fingerprint',
      'path',
      'vocabulary',
      'dimensions',
      'settings',
      'metrics',
      'created_at as createdAt',
    ])
    .orderBy('created_at', 'desc')
    .orderBy('model_id', 'desc');
}

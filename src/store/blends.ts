import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';

/** All recommenders made ready, in the data folder. */
export interface Blend {
  readonly modelId: number;
  readonly corpusId: number | null;
  /** Of model, corpus and recommenders: made again it is the same blend. */
  readonly fingerprint: string;
  /** Relative to the data folder. */
  readonly path: string;
  /** By feature. */
  readonly weights: { readonly [feature: string]: number };
  readonly metrics: Json;
  /** NDCG@500 of the blend by the key of each playlist put aside. */
  readonly lessons: { readonly [key: string]: number };
  readonly verdict: Json;
  /** null: never champion. */
  readonly promotedAt: Date | null;
  readonly createdAt: Date;
}

export type StoredBlend = Blend & { readonly blendId: number };

/** A blend with the names of what it was made of, for lists. */
export interface ListedBlend extends StoredBlend {
  readonly modelFingerprint: string;
  readonly modelPath: string;
  readonly algorithm: string;
  readonly vocabulary: number;
  readonly dimensions: number;
  readonly playlists: number | null;
}

/** Stores a blend; one of the same fingerprint is replaced. Returns its `blend_id`. */
export async function saveBlend(db: Kysely<Database>, blend: Blend): Promise<number> {
  const row = {
    model_id: blend.modelId,
    corpus_id: blend.corpusId,
    path: blend.path,
    weights: jsonText(blend.weights),
    metrics: jsonText(blend.metrics),
    lessons: jsonText(blend.lessons),
    verdict: jsonText(blend.verdict),
    promoted_at: blend.promotedAt,
    created_at: blend.createdAt,
  };
  const { blend_id } = await db
    .insertInto('blend')
    .values({ fingerprint: blend.fingerprint, ...row })
    .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet(row))
    .returning('blend_id')
    .executeTakeFirstOrThrow();
  return blend_id;
}

/** Makes a blend the champion from now on. */
export async function promoteBlend(db: Kysely<Database>, blendId: number, now: Date, verdict: Json): Promise<void> {
  await db
    .updateTable('blend')
    .set({ promoted_at: now, verdict: jsonText(verdict) })
    .where('blend_id', '=', blendId)
    .execute();
}

/** The blend that recommends: the one promoted last. */
export async function findChampion(db: Kysely<Database>): Promise<ListedBlend | undefined> {
  return (await blends(db)
    .where('promoted_at', 'is not', null)
    .orderBy('promoted_at', 'desc')
    .orderBy('blend_id', 'desc')
    .limit(1)
    .executeTakeFirst()) as ListedBlend | undefined;
}

export async function findBlend(db: Kysely<Database>, fingerprint: string): Promise<ListedBlend | undefined> {
  return (await blends(db).where('blend.fingerprint', '=', fingerprint).executeTakeFirst()) as ListedBlend | undefined;
}

/** All blends, newest first. */
export async function listBlends(db: Kysely<Database>): Promise<ListedBlend[]> {
  return (await blends(db).orderBy('blend.created_at', 'desc').orderBy('blend_id', 'desc').execute()) as ListedBlend[];
}

function blends(db: Kysely<Database>) {
  return db
    .selectFrom('blend')
    .innerJoin('model', 'model.model_id', 'blend.model_id')
    .leftJoin('corpus', 'corpus.corpus_id', 'blend.corpus_id')
    .select([
      'blend_id as blendId',
      'blend.model_id as modelId',
      'blend.corpus_id as corpusId',
      'blend.fingerprint',
      'blend.path',
      'weights',
      'blend.metrics',
      'lessons',
      'verdict',
      'promoted_at as promotedAt',
      'blend.created_at as createdAt',
      'model.fingerprint as modelFingerprint',
      'model.path as modelPath',
      'algorithm',
      'vocabulary',
      'dimensions',
      'corpus.playlists',
    ]);
}

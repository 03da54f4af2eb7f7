import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** A corpus file of the data folder. `source`: one set of playlists as read; `training`: what a model learns from. */
export interface Corpus {
  readonly kind: 'source' | 'training';
  readonly name: string;
  readonly format: string;
  /** Of the content: the same name and fingerprint is the same corpus. */
  readonly fingerprint: string;
  /** Relative to the data folder. */
  readonly path: string;
  readonly playlists: number;
  readonly tokens: number;
  readonly tracks: number;
  readonly manifest: Json;
  readonly createdAt: Date;
}

/** What one source adds to a training corpus. */
export interface CorpusPart {
  readonly name: string;
  readonly format: string;
  readonly sourceCorpusId: number | null;
  readonly playlists: number;
  readonly tokens: number;
  readonly tracks: number;
  /** Share of the listener's plays whose track this part knows, 0 to 1; null when there are no plays. */
  readonly playsCovered: number | null;
}

export type StoredCorpus = Corpus & { readonly corpusId: number };

/** Stores a corpus and its parts; one that is there already is brought up to date. Returns its `corpus_id`. */
export async function saveCorpus(
  db: Kysely<Database>,
  corpus: Corpus,
  parts: readonly CorpusPart[] = [],
): Promise<number> {
  const row = {
    format: corpus.format,
    path: corpus.path,
    playlists: corpus.playlists,
    tokens: corpus.tokens,
    tracks: corpus.tracks,
    manifest: jsonText(corpus.manifest),
    created_at: corpus.createdAt,
  };
  return await inTransaction(db, async (transaction) => {
    const { corpus_id } = await transaction
      .insertInto('corpus')
      .values({ kind: corpus.kind, name: corpus.name, fingerprint: corpus.fingerprint, ...row })
      .onConflict((conflict) => conflict.columns(['kind', 'name', 'fingerprint']).doUpdateSet(row))
      .returning('corpus_id')
      .executeTakeFirstOrThrow();
    await transaction.deleteFrom('corpus_part').where('corpus_id', '=', corpus_id).execute();
    for (const part of parts) {
      const { sourceCorpusId, playsCovered, ...rest } = part;
      const values = { ...rest, corpus_id, source_corpus_id: sourceCorpusId, plays_covered: playsCovered };
      await transaction.insertInto('corpus_part').values(values).execute();
    }
    return corpus_id;
  });
}

/** All corpora of a kind, newest first; with `name`, the versions of that one. */
export async function listCorpora(db: Kysely<Database>, kind: Corpus['kind'], name?: string): Promise<StoredCorpus[]> {
  return await db
    .selectFrom('corpus')
    .select([
      'corpus_id as corpusId',
      'kind',
      'name',
      'format',
      'fingerprint',
      'path',
      'playlists',
      'tokens',
      'tracks',
      'manifest',
      'created_at as createdAt',
    ])
    .where('kind', '=', kind)
    .$if(name !== undefined, (query) => query.where('name', '=', name!))
    .orderBy('created_at', 'desc')
    .orderBy('corpus_id', 'desc')
    .execute();
}

/** The corpus of this kind made last; with `name`, the newest version of that one. */
export async function latestCorpus(
  db: Kysely<Database>,
  kind: Corpus['kind'],
  name?: string,
): Promise<StoredCorpus | undefined> {
  return (await listCorpora(db, kind, name))[0];
}

export async function listCorpusParts(db: Kysely<Database>, corpusId: number): Promise<CorpusPart[]> {
  return await db
    .selectFrom('corpus_part')
    .select([
      'name',
      'format',
      'source_corpus_id as sourceCorpusId',
      'playlists',
      'tokens',
      'tracks',
      'plays_covered as playsCovered',
    ])
    .where('corpus_id', '=', corpusId)
    .orderBy('tokens', 'desc')
    .orderBy('name')
    .execute();
}

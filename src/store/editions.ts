import { type Kysely, sql } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText, rowList } from './rows.ts';
import type { Database } from './schema.ts';
import { findTracks, type StoredTrack } from './tracks.ts';
import { inTransaction } from './transaction.ts';

export interface EditionSeed {
  readonly trackId: string;
  readonly weight: number;
  readonly plays: number;
  readonly lastPlayedAt: Date;
  /** How the model's vocabulary knew it; null: not at all. */
  readonly matchedBy: 'id' | 'isrc' | 'name' | null;
}

export interface EditionItem {
  readonly trackId: string;
  readonly recommender: string;
  readonly seedTrackId: string | null;
  /** Cosine to the seed, -1 to 1. */
  readonly similarity: number | null;
  readonly score: number;
  /** The sentence shown with the song. */
  readonly reason: string;
  /** What the sentence was made from. */
  readonly facts: Json;
}

export interface RejectedTrack {
  readonly trackId: string;
  readonly score: number;
  /** The taste rule that left it out. */
  readonly rule: string;
}

/** An edition as `recommend` composes it; items in order. All tracks must be stored. */
export interface NewEdition {
  readonly listenerId: number;
  readonly runKey: string;
  readonly recipe: string;
  readonly title: string;
  readonly modelId: number | null;
  /** The blend that ranked; null: song vectors alone. */
  readonly blendId: number | null;
  readonly settings: Json;
  readonly createdAt: Date;
  readonly seeds: readonly EditionSeed[];
  readonly items: readonly EditionItem[];
  readonly rejected: readonly RejectedTrack[];
}

export interface Edition extends Omit<NewEdition, 'seeds' | 'items' | 'rejected'> {
  readonly editionId: number;
  readonly status: 'draft' | 'published';
  /** Seeds, and how many of them the model knew. */
  readonly seedsTotal: number;
  readonly seedsFound: number;
}

/** An edition with everything in it, titles included. */
export interface EditionContents extends Edition {
  readonly seeds: readonly (EditionSeed & { readonly track: StoredTrack })[];
  readonly items: readonly (EditionItem & {
    readonly position: number;
    readonly track: StoredTrack;
    readonly seed: StoredTrack | null;
  })[];
  readonly rejected: readonly (RejectedTrack & { readonly track: StoredTrack })[];
}

/**
 * Stores a draft in one transaction. The same run key again replaces its draft, so that a repeated attempt leaves one
 * edition; once published it is left alone. Returns its `edition_id`.
 */
export async function saveEdition(db: Kysely<Database>, edition: NewEdition): Promise<number> {
  return await inTransaction(db, async (transaction) => {
    const before = await transaction
      .selectFrom('edition')
      .select(['edition_id', 'status'])
      .where('run_key', '=', edition.runKey)
      .executeTakeFirst();
    if (before?.status === 'published') return before.edition_id;
    if (before) await transaction.deleteFrom('edition').where('edition_id', '=', before.edition_id).execute();
    const { edition_id: id } = await transaction
      .insertInto('edition')
      .values({
        listener_id: edition.listenerId,
        run_key: edition.runKey,
        recipe: edition.recipe,
        title: edition.title,
        status: 'draft',
        model_id: edition.modelId,
        blend_id: edition.blendId,
        seeds_total: edition.seeds.length,
        seeds_found: edition.seeds.filter(({ matchedBy }) => matchedBy !== null).length,
        settings: jsonText(edition.settings),
        created_at: edition.createdAt,
      })
      .returning('edition_id')
      .executeTakeFirstOrThrow();
    await saveContents(transaction, id, edition);
    return id;
  });
}

async function saveContents(db: Kysely<Database>, id: number, edition: NewEdition): Promise<void> {
  const seeds = edition.seeds.map((seed) => ({
    track_id: seed.trackId,
    weight: seed.weight,
    plays: seed.plays,
    last_played_at: seed.lastPlayedAt,
    matched_by: seed.matchedBy,
  }));
  await sql`
    insert into edition_seed (edition_id, track_id, weight, plays, last_played_at, matched_by)
    select ${id}::bigint, n.* from ${rowList('n', seeds, {
      track_id: 'text',
      weight: 'double precision',
      plays: 'integer',
      last_played_at: 'timestamptz',
      matched_by: 'text',
    })}`.execute(db);
  const items = edition.items.map((item, position) => ({
    position,
    track_id: item.trackId,
    recommender: item.recommender,
    seed_track_id: item.seedTrackId,
    similarity: item.similarity,
    score: item.score,
    reason: item.reason,
    facts: item.facts ?? {},
  }));
  await sql`
    insert into edition_item
      (edition_id, position, track_id, recommender, seed_track_id, similarity, score, reason, facts)
    select ${id}::bigint, n.* from ${rowList('n', items, {
      position: 'integer',
      track_id: 'text',
      recommender: 'text',
      seed_track_id: 'text',
      similarity: 'double precision',
      score: 'double precision',
      reason: 'text',
      facts: 'jsonb',
    })}`.execute(db);
  const rejected = edition.rejected.map(({ trackId, score, rule }) => ({ track_id: trackId, score, rule }));
  await sql`
    insert into edition_rejected (edition_id, track_id, score, rule)
    select distinct on (n.track_id) ${id}::bigint, n.*
    from ${rowList('n', rejected, { track_id: 'text', score: 'double precision', rule: 'text' })}
    order by n.track_id, n.score desc`.execute(db);
}

const EDITION = [
  'edition_id as editionId',
  'listener_id as listenerId',
  'run_key as runKey',
  'recipe',
  'title',
  'status',
  'model_id as modelId',
  'blend_id as blendId',
  'seeds_total as seedsTotal',
  'seeds_found as seedsFound',
  'settings',
  'created_at as createdAt',
] as const;

export async function readEdition(db: Kysely<Database>, editionId: number): Promise<EditionContents | undefined> {
  const edition = await db.selectFrom('edition').select(EDITION).where('edition_id', '=', editionId).executeTakeFirst();
  if (!edition) return undefined;
  const seeds = await db
    .selectFrom('edition_seed')
    .select(['track_id as trackId', 'weight', 'plays', 'last_played_at as lastPlayedAt', 'matched_by as matchedBy'])
    .where('edition_id', '=', editionId)
    .orderBy('weight', 'desc')
    .orderBy('track_id')
    .execute();
  const items = await db
    .selectFrom('edition_item')
    .select([
      'position',
      'track_id as trackId',
      'recommender',
      'seed_track_id as seedTrackId',
      'similarity',
      'score',
      'reason',
      'facts',
    ])
    .where('edition_id', '=', editionId)
    .orderBy('position')
    .execute();
  const rejected = await db
    .selectFrom('edition_rejected')
    .select(['track_id as trackId', 'score', 'rule'])
    .where('edition_id', '=', editionId)
    .orderBy('score', 'desc')
    .orderBy('track_id')
    .execute();
  const ids = [...seeds, ...items, ...rejected].map(({ trackId }) => trackId);
  const tracks = await findTracks(db, new Set([...ids, ...items.flatMap(({ seedTrackId }) => seedTrackId ?? [])]));
  const withTrack = <Row extends { trackId: string }>(row: Row) => ({ ...row, track: tracks.get(row.trackId)! });
  return {
    ...edition,
    seeds: seeds.map(withTrack),
    items: items.map((item) => ({ ...withTrack(item), seed: tracks.get(item.seedTrackId ?? '') ?? null })),
    rejected: rejected.map(withTrack),
  };
}

/** A track that an edition brought. */
export interface RecommendedTrack {
  readonly trackId: string;
  readonly recordingKey: string;
  readonly isrc: string | null;
  readonly lastRecommendedAt: Date;
}

/**
 * Tracks of the listener's editions since `since`, so as not to bring them again; those of `exceptRunKey` do not count,
 * so that repeating a run gives the same edition.
 */
export async function recentlyRecommended(
  db: Kysely<Database>,
  listenerId: number,
  since: Date,
  exceptRunKey = '',
): Promise<RecommendedTrack[]> {
  const { rows } = await sql<RecommendedTrack>`
    select track.track_id as "trackId", track.recording_key as "recordingKey", track.isrc,
      max(edition.created_at) as "lastRecommendedAt"
    from edition join edition_item using (edition_id) join track using (track_id)
    where edition.listener_id = ${listenerId} and edition.created_at >= ${since} and edition.run_key <> ${exceptRunKey}
    group by track.track_id
    order by track.track_id`.execute(db);
  return rows;
}

// Editions on their way to the account, and what stands there.
import { type Kysely, sql } from 'kysely';
import type { WantedItem } from '../music/publication.ts';
import type { Database } from './schema.ts';

export interface PublishableEdition {
  readonly editionId: number;
  readonly listenerId: number;
  readonly runKey: string;
  readonly recipe: string;
  readonly title: string;
  readonly status: 'draft' | 'published';
  readonly createdAt: Date;
}

export interface Publication {
  readonly editionId: number;
  readonly listenerId: number;
  readonly playlistId: string;
  readonly mode: 'in-place' | 'new';
  readonly name: string;
  readonly items: number;
  readonly snapshot: string | null;
  readonly publishedAt: Date;
  /** When the playlist read back was the one written; null: not yet. */
  readonly verifiedAt: Date | null;
}

const EDITION = [
  'edition_id as editionId',
  'listener_id as listenerId',
  'run_key as runKey',
  'recipe',
  'title',
  'status',
  'created_at as createdAt',
] as const;

const PUBLICATION = [
  'publication.edition_id as editionId',
  'publication.listener_id as listenerId',
  'publication.spotify_playlist_id as playlistId',
  'publication.mode',
  'publication.name',
  'publication.items',
  'publication.snapshot',
  'publication.published_at as publishedAt',
  'publication.verified_at as verifiedAt',
] as const;

/** One edition of the listener: by id, by the key of the run that made it, or else the newest draft. */
export async function findEditionToPublish(
  db: Kysely<Database>,
  listenerId: number,
  by: { readonly editionId: number } | { readonly runKey: string } | 'newest-draft',
): Promise<PublishableEdition | undefined> {
  const editions = db.selectFrom('edition').select(EDITION).where('listener_id', '=', listenerId);
  if (by === 'newest-draft') {
    const drafts = editions.where('status', '=', 'draft').orderBy('created_at', 'desc').orderBy('edition_id', 'desc');
    return await drafts.limit(1).executeTakeFirst();
  }
  return 'editionId' in by
    ? await editions.where('edition_id', '=', by.editionId).executeTakeFirst()
    : await editions.where('run_key', '=', by.runKey).executeTakeFirst();
}

/** The songs of an edition, in order. */
export async function readWantedItems(db: Kysely<Database>, editionId: number): Promise<WantedItem[]> {
  const { rows } = await sql<WantedItem>`
    select item.track_id as "trackId", track.title, coalesce(artist.name, '') as artist, track.isrc
    from edition_item item
    join track using (track_id)
    left join track_artist on track_artist.track_id = item.track_id and track_artist.position = 0
    left join artist using (artist_id)
    where item.edition_id = ${editionId}
    order by item.position
  `.execute(db);
  return rows;
}

export async function findPublication(db: Kysely<Database>, editionId: number): Promise<Publication | undefined> {
  return await db.selectFrom('publication').select(PUBLICATION).where('edition_id', '=', editionId).executeTakeFirst();
}

/** The edition made last of all that were published into the listener's in-place playlist of a recipe. */
export async function newestEditionInPlace(
  db: Kysely<Database>,
  listenerId: number,
  recipe: string,
): Promise<PublishableEdition | undefined> {
  return await db
    .selectFrom('edition')
    .innerJoin('publication', 'publication.edition_id', 'edition.edition_id')
    .select([
      'edition.edition_id as editionId',
      'edition.listener_id as listenerId',
      'edition.run_key as runKey',
      'edition.recipe',
      'edition.title',
      'edition.status',
      'edition.created_at as createdAt',
    ])
    .where('edition.listener_id', '=', listenerId)
    .where('edition.recipe', '=', recipe)
    .where('publication.mode', '=', 'in-place')
    .orderBy('edition.created_at', 'desc')
    .orderBy('edition.edition_id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Stores that an edition stands in the account and marks it published; publishing it again replaces the row. Use inside a transaction. */
export async function savePublication(db: Kysely<Database>, publication: Publication): Promise<void> {
  const row = {
    listener_id: publication.listenerId,
    spotify_playlist_id: publication.playlistId,
    mode: publication.mode,
    name: publication.name,
    items: publication.items,
    snapshot: publication.snapshot,
    published_at: publication.publishedAt,
    verified_at: publication.verifiedAt,
  };
  await db
    .insertInto('publication')
    .values({ edition_id: publication.editionId, ...row })
    .onConflict((conflict) => conflict.column('edition_id').doUpdateSet(row))
    .execute();
  await db
    .updateTable('edition')
    .set({ status: 'published' })
    .where('edition_id', '=', publication.editionId)
    .execute();
}

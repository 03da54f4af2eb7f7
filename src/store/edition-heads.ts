// Editions in short: for lists, and for screens that ask every few seconds.
import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

export interface EditionHead {
  readonly editionId: number;
  readonly recipe: string;
  readonly title: string;
  readonly status: 'draft' | 'published';
  readonly createdAt: Date;
  /** Songs in it. */
  readonly length: number;
  readonly seedsFound: number;
  readonly seedsTotal: number;
  /** The five are null while it does not stand in the account. */
  readonly playlistId: string | null;
  readonly playlistName: string | null;
  readonly playlistItems: number | null;
  readonly publishedAt: Date | null;
  readonly verifiedAt: Date | null;
}

/** The listener's editions without their songs, newest first; with `editionId` that one alone. */
export async function listEditionHeads(
  db: Kysely<Database>,
  listenerId: number,
  { limit, editionId }: { readonly limit: number; readonly editionId?: number },
): Promise<EditionHead[]> {
  const { rows } = await sql<EditionHead>`
    select edition.edition_id as "editionId", recipe, title, status, created_at as "createdAt",
      (select count(*) from edition_item where edition_item.edition_id = edition.edition_id) as length,
      seeds_found as "seedsFound", seeds_total as "seedsTotal",
      spotify_playlist_id as "playlistId", publication.name as "playlistName", publication.items as "playlistItems",
      published_at as "publishedAt", verified_at as "verifiedAt"
    from edition left join publication using (edition_id)
    where edition.listener_id = ${listenerId} and edition_id = coalesce(${editionId ?? null}::bigint, edition_id)
    order by created_at desc, edition_id desc
    limit ${limit}`.execute(db);
  return rows;
}

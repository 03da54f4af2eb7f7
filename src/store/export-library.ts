// Liked songs and playlists of an account-data export. What the Web API says of the same stands beside it, by source.
import { type Kysely, sql } from 'kysely';
import { chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** Adds liked songs; returns how many were new. Their tracks must be stored. */
export async function saveExportLikes(
  db: Kysely<Database>,
  listenerId: number,
  trackIds: readonly string[],
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into liked_track (listener_id, track_id, source)
    select ${listenerId}::bigint, liked.track_id, 'export' from unnest(${textArray(trackIds)}) as liked (track_id)
    on conflict (listener_id, track_id) do nothing`.execute(db);
  return Number(numAffectedRows ?? 0);
}

export interface ExportedPlaylist {
  readonly name: string;
  readonly description: string | null;
  readonly items: readonly { readonly trackId: string; readonly addedAt: string | null }[];
}

/** Makes the playlist of this name what the export says; returns how many places hold something new. */
export async function saveExportPlaylist(
  db: Kysely<Database>,
  listenerId: number,
  playlist: ExportedPlaylist,
  at: Date,
): Promise<number> {
  const { rows } = await sql<{ playlist_id: number }>`
    insert into playlist
      (listener_id, name, description, owned, items_total, items_readable, source, synced_at)
    values (${listenerId}, ${playlist.name}, ${playlist.description}, true, ${playlist.items.length}, true, 'export', ${at})
    on conflict (listener_id, name) where spotify_playlist_id is null do update set
      description = excluded.description, items_total = excluded.items_total, synced_at = excluded.synced_at
    returning playlist_id`.execute(db);
  const playlistId = rows[0]!.playlist_id;
  let changed = 0;
  for (const chunk of chunks(playlist.items.map((item, position) => ({ ...item, position })))) {
    const items = chunk.map(({ trackId, addedAt, position }) => ({ track_id: trackId, added_at: addedAt, position }));
    const list = rowList('item', items, { position: 'integer', track_id: 'text', added_at: 'timestamptz' });
    const result = await sql`
      insert into playlist_item (playlist_id, position, track_id, added_at)
      select ${playlistId}::bigint, item.position, item.track_id, item.added_at from ${list}
      on conflict (playlist_id, position) do update set track_id = excluded.track_id, added_at = excluded.added_at
      where playlist_item.track_id <> excluded.track_id`.execute(db);
    changed += Number(result.numAffectedRows ?? 0);
  }
  await sql`
    delete from playlist_item
    where playlist_id = ${playlistId} and position >= ${playlist.items.length}::integer`.execute(db);
  return changed;
}

/**
 * Gives plays, likes and playlist items that know only title and artist the Spotify id of that recording, where one has
 * become known. Returns how many rows it changed.
 */
export async function adoptNamedTracks(db: Kysely<Database>, listenerId: number): Promise<number> {
  // One id for each name, the smallest, so that the answer does not depend on the order of imports.
  const known = sql`(
    select named.track_id as name_id, min(track.track_id) as track_id
    from track as named join track using (recording_key)
    where named.track_id like 'name:%' and track.track_id not like 'name:%'
    group by named.track_id) as known`;
  const plays = await sql`
    update play set track_id = known.track_id from ${known}
    where play.track_id = known.name_id and play.listener_id = ${listenerId} and not exists (
      select from play as other where other.listener_id = play.listener_id
        and other.ended_at = play.ended_at and other.track_id = known.track_id)`.execute(db);
  const likes = await sql`
    update liked_track set track_id = known.track_id from ${known}
    where liked_track.track_id = known.name_id and liked_track.listener_id = ${listenerId} and not exists (
      select from liked_track as other
      where other.listener_id = liked_track.listener_id and other.track_id = known.track_id)`.execute(db);
  const items = await sql`
    update playlist_item set track_id = known.track_id from ${known}
    where playlist_item.track_id = known.name_id
      and playlist_id in (select playlist_id from playlist where listener_id = ${listenerId})`.execute(db);
  return [plays, likes, items].reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0), 0);
}

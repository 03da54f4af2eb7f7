import { type Kysely, sql } from 'kysely';
import { nameKey, parseReleaseDate } from './names.ts';
import { type ColumnType, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';
import type { TrackFacts } from './track-facts.ts';

/** An album together with the artist it stands under. */
export interface AlbumOf {
  readonly album: NonNullable<TrackFacts['album']>;
  readonly artistId: number;
}

const COLUMNS: Record<string, ColumnType> = {
  spotify_album_id: 'text',
  artist_id: 'bigint',
  name: 'text',
  name_key: 'text',
  release_date: 'date',
  release_precision: 'text',
};

/**
 * Stores the albums and returns what finds the `album_id` of each, by the same rules as artists: one known by name and
 * artist only gets the Spotify id once it is known. A release date is kept and filled in, never removed.
 */
export async function saveAlbums(
  db: Kysely<Database>,
  albums: readonly AlbumOf[],
): Promise<(album: AlbumOf) => number> {
  const withId = new Map<string, AlbumOf>();
  const byName = new Map<string, AlbumOf>();
  for (const entry of albums) {
    if (entry.album.spotifyId) withId.set(entry.album.spotifyId, entry);
    else byName.set(nameOf(entry), entry);
  }
  if (withId.size > 0) await saveKnown(db, inOrder(withId).map(toRow));
  if (byName.size > 0) {
    await sql`
      insert into album (artist_id, name, name_key, release_date, release_precision)
      select n.artist_id, n.name, n.name_key, n.release_date, n.release_precision
      from ${rowList('n', inOrder(byName).map(toRow), COLUMNS)}
      where not exists (select from album where album.name_key = n.name_key and album.artist_id = n.artist_id)
      on conflict (name_key, coalesce(artist_id, 0)) where spotify_album_id is null do nothing`.execute(db);
  }
  const ids = await sql<{ album_id: number; spotify_album_id: string }>`
    select album_id, spotify_album_id from album
    where spotify_album_id = any(${textArray(withId.keys())})`.execute(db);
  const names = await sql<{ album_id: number; name_key: string; artist_id: number }>`
    select min(album_id) as album_id, name_key, artist_id from album
    where (name_key, artist_id) in (
      select n.name_key, n.artist_id
      from ${rowList('n', [...byName.values()].map(toRow), { name_key: 'text', artist_id: 'bigint' })}
    ) group by name_key, artist_id`.execute(db);
  const byId = new Map(ids.rows.map((row) => [row.spotify_album_id, row.album_id]));
  const byKey = new Map(names.rows.map((row) => [`${row.artist_id} ${row.name_key}`, row.album_id]));
  return (entry) => (entry.album.spotifyId ? byId.get(entry.album.spotifyId)! : byKey.get(nameOf(entry))!);
}

async function saveKnown(db: Kysely<Database>, rows: readonly ReturnType<typeof toRow>[]): Promise<void> {
  const list = rowList('n', rows, COLUMNS);
  await sql`
    update album set spotify_album_id = first.spotify_album_id, name = first.name
    from (select distinct on (n.name_key, n.artist_id) n.* from ${list}
          order by n.name_key, n.artist_id, n.spotify_album_id) as first
    where album.spotify_album_id is null and album.name_key = first.name_key and album.artist_id = first.artist_id
      and not exists (select from album as other where other.spotify_album_id = first.spotify_album_id)`.execute(db);
  await sql`
    insert into album (spotify_album_id, artist_id, name, name_key, release_date, release_precision)
    select n.spotify_album_id, n.artist_id, n.name, n.name_key, n.release_date, n.release_precision from ${list}
    on conflict (spotify_album_id) do update set
      name = excluded.name,
      name_key = excluded.name_key,
      release_date = coalesce(excluded.release_date, album.release_date),
      release_precision = coalesce(excluded.release_precision, album.release_precision)
    where album.name <> excluded.name
      or excluded.release_date is not null and album.release_date is distinct from excluded.release_date`.execute(db);
}

function nameOf({ album, artistId }: AlbumOf): string {
  return `${artistId} ${nameKey(album.name)}`;
}

function inOrder(albums: Map<string, AlbumOf>): AlbumOf[] {
  return [...albums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, album]) => album);
}

function toRow({ album, artistId }: AlbumOf) {
  const released = parseReleaseDate(album.releaseDate);
  return {
    spotify_album_id: album.spotifyId ?? null,
    artist_id: artistId,
    name: album.name,
    name_key: nameKey(album.name),
    release_date: released?.date ?? null,
    release_precision: released?.precision ?? null,
  };
}

import { type Kysely, sql } from 'kysely';
import { nameKey } from './names.ts';
import { rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';
import type { Named } from './track-facts.ts';

/**
 * Stores the artists and returns what finds the `artist_id` of each. An artist known by name only gets the Spotify id
 * as soon as one of the same name brings it; a name without an id stands for the first artist of that name.
 */
export async function saveArtists(db: Kysely<Database>, artists: readonly Named[]): Promise<(artist: Named) => number> {
  const withId = new Map<string, Named>();
  const byName = new Map<string, Named>();
  for (const artist of artists) {
    if (artist.spotifyId) withId.set(artist.spotifyId, artist);
    else byName.set(nameKey(artist.name), artist);
  }
  // In one order everywhere, so that two writers on a server do not wait for each other.
  const known = [...withId.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const knownRows = known.map(([id, { name }]) => ({ spotify_artist_id: id, name, name_key: nameKey(name) }));
  const nameRows = [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  if (known.length > 0) await saveKnown(db, knownRows);
  if (nameRows.length > 0) {
    const rows = nameRows.map(([key, { name }]) => ({ name, name_key: key }));
    await sql`
      insert into artist (name, name_key)
      select n.name, n.name_key from ${rowList('n', rows, { name: 'text', name_key: 'text' })}
      where not exists (select from artist where artist.name_key = n.name_key)
      on conflict (name_key) where spotify_artist_id is null do nothing`.execute(db);
  }
  const ids = await sql<{ artist_id: number; spotify_artist_id: string }>`
    select artist_id, spotify_artist_id from artist
    where spotify_artist_id = any(${textArray(withId.keys())})`.execute(db);
  const names = await sql<{ artist_id: number; name_key: string }>`
    select min(artist_id) as artist_id, name_key from artist
    where name_key = any(${textArray(byName.keys())}) group by name_key`.execute(db);
  const byId = new Map(ids.rows.map((row) => [row.spotify_artist_id, row.artist_id]));
  const byKey = new Map(names.rows.map((row) => [row.name_key, row.artist_id]));
  return ({ spotifyId, name }) => (spotifyId ? byId.get(spotifyId)! : byKey.get(nameKey(name))!);
}

async function saveKnown(
  db: Kysely<Database>,
  rows: readonly { spotify_artist_id: string; name: string; name_key: string }[],
): Promise<void> {
  const list = rowList('n', rows, { spotify_artist_id: 'text', name: 'text', name_key: 'text' });
  await sql`
    update artist set spotify_artist_id = first.spotify_artist_id, name = first.name
    from (select distinct on (n.name_key) n.* from ${list} order by n.name_key, n.spotify_artist_id) as first
    where artist.spotify_artist_id is null and artist.name_key = first.name_key
      and not exists (select from artist as other where other.spotify_artist_id = first.spotify_artist_id)`.execute(db);
  await sql`
    insert into artist (spotify_artist_id, name, name_key)
    select n.spotify_artist_id, n.name, n.name_key from ${list}
    on conflict (spotify_artist_id) do update set name = excluded.name, name_key = excluded.name_key
    where artist.name <> excluded.name`.execute(db);
}

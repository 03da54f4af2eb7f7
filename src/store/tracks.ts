import { type Kysely, sql } from 'kysely';
import type { Track } from '../music/track.ts';
import { type AlbumOf, saveAlbums } from './albums.ts';
import { saveArtists } from './artists.ts';
import { recordingKeyOf } from './names.ts';
import { type ColumnType, chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';
import { readFacts } from './stored-facts.ts';
import { mergeById, mergeFacts, type TrackFacts, type TrackRow } from './track-facts.ts';
import { inTransaction } from './transaction.ts';

/** A track as the store knows it. */
export interface StoredTrack extends Track {
  /** Artist and title normalised: equal for all editions of a recording. */
  readonly recordingKey: string;
  readonly explicit: boolean | undefined;
  readonly isPlayable: boolean | undefined;
}

/**
 * Stores what a source says of tracks: new ones are added, known ones enriched and never made poorer (`mergeFacts`).
 * Returns how many were new and how many changed.
 */
export async function saveTracks(
  db: Kysely<Database>,
  tracks: readonly TrackRow[],
): Promise<{ added: number; changed: number }> {
  const counts = { added: 0, changed: 0 };
  await inTransaction(db, async (transaction) => {
    for (const chunk of chunks(mergeById(tracks))) {
      const known = await readFacts(
        transaction,
        chunk.map(({ id }) => id),
      );
      await writeChanges(transaction, findChanges(known, chunk, counts));
    }
  });
  return counts;
}

function findChanges(
  known: ReadonlyMap<string, TrackFacts>,
  tracks: readonly TrackFacts[],
  counts: { added: number; changed: number },
): Change[] {
  const changes: Change[] = [];
  for (const track of tracks) {
    const before = known.get(track.id);
    const after = before ? mergeFacts(before, track) : track;
    if (before && isSame(before, after)) continue;
    counts[before ? 'changed' : 'added']++;
    changes.push({
      track: after,
      newArtists: !before || !isSame(before.artists, after.artists),
      newAlbum: after.album !== undefined && !(before && isSame(before.album, after.album)),
    });
  }
  return changes;
}

interface Change {
  readonly track: TrackFacts;
  readonly newArtists: boolean;
  readonly newAlbum: boolean;
}

// Both sides were made by this module from the same fields in the same order.
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const TRACK_COLUMNS: Record<string, ColumnType> = {
  track_id: 'text',
  title: 'text',
  album_id: 'bigint',
  duration_ms: 'integer',
  explicit: 'boolean',
  isrc: 'text',
  recording_key: 'text',
  is_playable: 'boolean',
};

async function writeChanges(db: Kysely<Database>, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const artistId = await saveArtists(
    db,
    changes.flatMap(({ track, newArtists, newAlbum }) => [
      ...(newArtists ? track.artists : []),
      ...(newAlbum ? track.artists.slice(0, 1) : []),
    ]),
  );
  const albumOf = ({ track, newAlbum }: Change): AlbumOf | undefined =>
    newAlbum && track.artists[0] ? { album: track.album!, artistId: artistId(track.artists[0]) } : undefined;
  const albumId = await saveAlbums(
    db,
    changes.map(albumOf).filter((album) => album !== undefined),
  );

  const trackRows = changes.map((change) => {
    const { track } = change;
    const album = albumOf(change);
    return {
      track_id: track.id,
      title: track.title,
      album_id: album ? albumId(album) : null,
      duration_ms: track.durationMs ?? null,
      explicit: track.explicit ?? null,
      isrc: track.isrc ?? null,
      recording_key: recordingKeyOf(track.title, track.artists[0]?.name ?? ''),
      is_playable: track.isPlayable ?? null,
    };
  });
  await sql`
    insert into track (track_id, title, album_id, duration_ms, explicit, isrc, recording_key, is_playable)
    select n.* from ${rowList('n', trackRows, TRACK_COLUMNS)}
    on conflict (track_id) do update set
      title = excluded.title,
      album_id = coalesce(excluded.album_id, track.album_id),
      duration_ms = coalesce(excluded.duration_ms, track.duration_ms),
      explicit = coalesce(excluded.explicit, track.explicit),
      isrc = coalesce(excluded.isrc, track.isrc),
      recording_key = excluded.recording_key,
      is_playable = coalesce(excluded.is_playable, track.is_playable)`.execute(db);

  const renamed = changes.filter(({ newArtists }) => newArtists).map(({ track }) => track);
  const artistRows = renamed.flatMap((track) =>
    track.artists.map((artist, position) => ({ track_id: track.id, position, artist_id: artistId(artist) })),
  );
  await sql`delete from track_artist where track_id = any(${textArray(renamed.map(({ id }) => id))})`.execute(db);
  await sql`
    insert into track_artist (track_id, position, artist_id)
    select n.* from ${rowList('n', artistRows, { track_id: 'text', position: 'smallint', artist_id: 'bigint' })}`.execute(
    db,
  );
}

interface TrackFoundRow {
  asked: string;
  track_id: string;
  title: string;
  album: string | null;
  duration_ms: number | null;
  explicit: boolean | null;
  isrc: string | null;
  recording_key: string;
  is_playable: boolean | null;
  artists: string[];
}

/** The tracks of these ids, by the id asked for; an id that Spotify or we gave up leads to the track that took its place. */
export async function findTracks(db: Kysely<Database>, ids: Iterable<string>): Promise<Map<string, StoredTrack>> {
  const { rows } = await sql<TrackFoundRow>`
    select asked.track_id as asked, track.*, album.name as album,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists
    from unnest(${textArray(ids)}) as asked (track_id)
    left join track_alias on track_alias.alias_track_id = asked.track_id
    join track on track.track_id = coalesce(track_alias.track_id, asked.track_id)
    left join album using (album_id)`.execute(db);
  return new Map(rows.map((row) => [row.asked, toTrack(row)]));
}

function toTrack(row: TrackFoundRow): StoredTrack {
  return {
    id: row.track_id,
    title: row.title,
    artists: row.artists,
    album: row.album ?? undefined,
    durationMs: row.duration_ms ?? undefined,
    isrc: row.isrc ?? undefined,
    recordingKey: row.recording_key,
    explicit: row.explicit ?? undefined,
    isPlayable: row.is_playable ?? undefined,
  };
}

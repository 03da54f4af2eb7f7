import { type Kysely, sql } from 'kysely';
import type { Json } from '../base/task.ts';
import { chunks, rowList } from './rows.ts';
import type { Database, OutcomeTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** What became of one song of an edition; the database's own comments say what each field means. */
export interface OutcomeRow {
  readonly editionId: number;
  readonly position: number;
  readonly outcome: OutcomeTable['outcome'];
  readonly settled: boolean;
  readonly exportedOutcome: OutcomeTable['exported_outcome'];
  readonly plays: number;
  readonly listens: number;
  readonly heardOut: number;
  readonly fromPlaylist: number;
  readonly firstListenedAt: Date | null;
  readonly savedAt: Date | null;
  readonly windowEndsAt: Date;
}

/**
 * Makes these the listener's outcomes in one transaction: those of songs that were measured before are replaced, earlier ones of
 * songs that are no longer measured go.
 */
export async function saveOutcomes(
  db: Kysely<Database>,
  listenerId: number,
  outcomes: readonly OutcomeRow[],
  measuredAt: Date,
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    for (const chunk of chunks(outcomes)) {
      const rows = chunk.map((row) => ({
        edition_id: row.editionId,
        position: row.position,
        outcome: row.outcome,
        settled: row.settled,
        exported_outcome: row.exportedOutcome,
        plays: row.plays,
        listens: row.listens,
        heard_out: row.heardOut,
        from_playlist: row.fromPlaylist,
        first_listened_at: row.firstListenedAt,
        saved_at: row.savedAt,
        window_ends_at: row.windowEndsAt,
      }));
      await sql`
        insert into outcome (edition_id, position, outcome, settled, exported_outcome, plays, listens, heard_out,
          from_playlist, first_listened_at, saved_at, window_ends_at, measured_at)
        select n.*, ${measuredAt}::timestamptz from ${rowList('n', rows, {
          edition_id: 'bigint',
          position: 'integer',
          outcome: 'text',
          settled: 'boolean',
          exported_outcome: 'text',
          plays: 'integer',
          listens: 'integer',
          heard_out: 'integer',
          from_playlist: 'integer',
          first_listened_at: 'timestamptz',
          saved_at: 'timestamptz',
          window_ends_at: 'timestamptz',
        })}
        on conflict (edition_id, position) do update set
          outcome = excluded.outcome,
          settled = excluded.settled,
          exported_outcome = excluded.exported_outcome,
          plays = excluded.plays,
          listens = excluded.listens,
          heard_out = excluded.heard_out,
          from_playlist = excluded.from_playlist,
          first_listened_at = excluded.first_listened_at,
          saved_at = excluded.saved_at,
          window_ends_at = excluded.window_ends_at,
          measured_at = excluded.measured_at`.execute(transaction);
    }
    await deleteOutcomes(transaction, listenerId, measuredAt);
  });
}

/** An outcome with the song and the edition it is of. */
export interface MeasuredSong extends OutcomeRow {
  readonly playlistName: string;
  readonly publishedAt: Date;
  readonly measuredAt: Date;
  readonly trackId: string;
  readonly title: string;
  readonly artists: string[];
  readonly recommender: string;
  readonly facts: Json;
}

/** The outcomes of the listener's editions, the edition published last first, songs in their order; with `editionId` those of that one. */
export async function readOutcomes(
  db: Kysely<Database>,
  listenerId: number,
  editionId?: number,
): Promise<MeasuredSong[]> {
  const { rows } = await sql<MeasuredSong>`
    select outcome.edition_id as "editionId", outcome.position, outcome, settled, exported_outcome as "exportedOutcome",
      plays, listens, heard_out as "heardOut", from_playlist as "fromPlaylist",
      first_listened_at as "firstListenedAt", saved_at as "savedAt", window_ends_at as "windowEndsAt",
      publication.name as "playlistName", published_at as "publishedAt", measured_at as "measuredAt",
      track.track_id as "trackId", title, recommender, facts,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by track_artist.position) as artists
    from outcome join publication using (edition_id) join edition_item using (edition_id, position)
    join track using (track_id)
    where listener_id = ${listenerId} and outcome.edition_id = coalesce(${editionId ?? null}::bigint, outcome.edition_id)
    order by published_at desc, outcome.edition_id desc, outcome.position`.execute(db);
  return rows;
}

/** Removes the listener's outcomes, or those measured before a time; measuring makes them again from what is left. */
export async function deleteOutcomes(db: Kysely<Database>, listenerId: number, before?: Date): Promise<void> {
  await sql`
    delete from outcome using edition
    where edition.edition_id = outcome.edition_id and listener_id = ${listenerId}
      and measured_at < coalesce(${before ?? null}::timestamptz, 'infinity')`.execute(db);
}

import { createHash } from 'node:crypto';
import type { Json } from '../base/task.ts';
import { type ApiPlay, readRecentlyPlayed } from '../spotify/read-lists.ts';
import type { Store } from '../store/connect.ts';
import { lockPlays } from '../store/history.ts';
import type { Gap } from '../store/play-gaps.ts';
import { type SavedPlays, saveApiPlays } from '../store/plays.ts';
import { saveAliases } from '../store/track-availability.ts';
import { saveTracks } from '../store/tracks.ts';

/** A line of `raw/plays/`: the rows of one answer of recently-played that were not in the database, as they came. */
export interface LandedPlays {
  readonly listener: string;
  /** ISO 8601, UTC. */
  readonly fetchedAt: string;
  /** The answer was full and nothing of it was known: older plays may have been missed. */
  readonly pageIsFull: boolean;
  readonly items: readonly Json[];
}

/** `<listener>-2026-11`: one file for each listener and month. */
export function rawName(listener: string, at: Date): string {
  return `${rawWord(listener)}-${at.toISOString().slice(0, 7)}`;
}

/** Whether a raw file, by its name without folder, holds rows of this listener. */
export function isRawOf(listener: string, fileName: string): boolean {
  const word = rawWord(listener);
  return fileName.startsWith(`${word}-`) && /^-\d{4}-\d{2}\./.test(fileName.slice(word.length));
}

/** A listener's name as part of a file name; one that had to be changed gets a few letters that keep it apart. */
function rawWord(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
  return plain === name ? plain : `${plain}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

export interface LoadedPlays extends SavedPlays {
  readonly gap: Gap | undefined;
}

/** Stores landed plays with their tracks, in the caller's transaction. Given again it changes nothing. */
export async function loadPlays(db: Store['db'], listenerId: number, landed: LandedPlays): Promise<LoadedPlays> {
  const fetchedAt = new Date(landed.fetchedAt);
  const { rows } = readRecentlyPlayed({ items: landed.items });
  // Before any track is touched, as importing does, so that the two never wait for each other.
  await lockPlays(db, listenerId);
  await saveTracksOf(db, rows, fetchedAt);
  const plays = rows.map(({ track, endedAt, contextUri }) => ({ trackId: track.id, endedAt, contextUri }));
  return await saveApiPlays(db, listenerId, plays, { fetchedAt, pageIsFull: landed.pageIsFull });
}

/** Tracks as the Web API tells them, and the ids under which they were asked for. */
export async function saveTracksOf(db: Store['db'], rows: readonly Pick<ApiPlay, 'track'>[], at: Date): Promise<void> {
  const tracks = rows.map(({ track }) => track);
  await saveTracks(db, tracks);
  const relinked = tracks.filter((track) => track.requestedId !== undefined);
  await saveAliases(
    db,
    relinked.map(({ id, requestedId }) => ({ aliasId: requestedId!, trackId: id, reason: 'relinked' as const })),
    at,
  );
}

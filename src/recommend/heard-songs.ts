import { type Catalogue, type CatalogueTrack, keyOf } from './catalogue.ts';
import type { RecordingIdentity } from './known-recordings.ts';
import { matchSeed } from './matching.ts';
import type { PlayedRow } from './recommender.ts';
import type { ListenedTrack } from './seeds.ts';

const DAY_MS = 86_400_000;

/** A listener's tracks as songs of a catalogue: editions of one recording are one song. */
export interface HeardSongs {
  /** The song's row, of its editions the most popular one that was heard; a number below 0 of its own where the catalogue has none. */
  numberOf(track: CatalogueTrack): number;
  /** All rows of these tracks: by id, by ISRC, and by title and artist. */
  rowsOf(tracks: Iterable<CatalogueTrack>): Set<number>;
}

/** Each of `tracks` is looked up once, however often it comes; others are not known to the result. */
export function heardSongs(tracks: Iterable<CatalogueTrack>, catalogue: Catalogue): HeardSongs {
  const keys = new Map<string, string>();
  const rows = new Map<string, readonly number[]>();
  const songs = new Map<string, number>();
  for (const track of tracks) {
    if (keys.has(track.id)) continue;
    const key = keyOf(track);
    keys.set(track.id, key);
    rows.set(track.id, rowsOfRecording({ ...track, recordingKey: key }, catalogue));
    const row = matchSeed({ ...track, ids: [track.id] }, catalogue)?.row;
    const known = songs.get(key);
    if (row === undefined) songs.set(key, known ?? -1 - songs.size);
    else songs.set(key, known === undefined || known < 0 ? row : Math.min(known, row));
  }
  return {
    numberOf: ({ id }) => songs.get(keys.get(id)!)!,
    rowsOf: (some) => new Set(Array.from(some).flatMap(({ id }) => rows.get(id)!)),
  };
}

/** The rows that a recording has: by id, by ISRC, and by title and artist; each of the last two the most popular one. */
export function rowsOfRecording({ id, isrc, recordingKey }: RecordingIdentity, catalogue: Catalogue): number[] {
  const found = [
    catalogue.rowOfId(id),
    isrc === undefined ? -1 : catalogue.rowOfIsrc(isrc),
    catalogue.rowOfRecording(recordingKey),
  ];
  return found.filter((row) => row >= 0);
}

/** Listens of each song and day, in weeks before `now`, of songs that the catalogue knows. */
export function playedRows(listens: readonly ListenedTrack[], songs: HeardSongs, now: Date): PlayedRow[] {
  const plays = new Map<string, { row: number; plays: number; weeksAgo: number }>();
  for (const listen of listens) {
    const row = songs.numberOf(listen);
    if (row < 0) continue;
    const day = Math.floor((now.getTime() - listen.endedAt.getTime()) / DAY_MS);
    const key = `${row} ${day}`;
    const same = plays.get(key);
    if (same === undefined) plays.set(key, { row, plays: 1, weeksAgo: day / 7 });
    else same.plays++;
  }
  return [...plays.values()];
}

import { z } from 'zod';
import type { PlayFacts } from '../music/history.ts';

/** A play as an export tells it. Texts are null where the export has none. */
export interface HistoryPlay extends PlayFacts {
  /** Null where the export names the track only by title and artist (account data, local files). */
  readonly trackId: string | null;
  readonly title: string;
  /** One name, the album's artist in the extended history; empty when unknown. */
  readonly artist: string;
  readonly album: string | null;
  /** End of the play, UTC. With precision `minute` the play ended somewhere within the minute that begins here. */
  readonly endedAt: Date;
  readonly precision: 'second' | 'minute';
}

/** What became of one row: a play, or the reason why it is none. */
export type HistoryRow = { readonly play: HistoryPlay } | { readonly skip: string };

/** Spotify was founded in April 2006: an earlier play comes from a wrong clock. */
const FIRST_DAY = Date.UTC(2006, 0, 1);
/** Clocks differ; a play of tomorrow is wrong, one of the next hour is not. */
const FUTURE_MS = 24 * 3_600_000;
/**
 * A database index entry holds 2,704 bytes, and an artist and a title go into one together, decomposed (a Korean
 * syllable takes nine bytes then). The longest real title known has 240 letters.
 */
const MAX_TEXT_BYTES = 1_100;

/** Milliseconds fit the database's integer (24 days). */
export const Milliseconds = z.number().min(0).max(0x7fff_ffff);

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:Z|\+00:?00)?$/;

/** A UTC time of an export (`2024-04-20T18:15:22Z`, `2024-05-06 18:43`) in ms, or why it cannot be the time of a play. */
export function readTime(text: string, now: Date): number | 'bad-time' | 'future-date' | 'before-2006' {
  const match = TIME.exec(text);
  const time = match ? Date.parse(`${match[1]}T${match[2]}Z`) : Number.NaN;
  if (Number.isNaN(time)) return 'bad-time';
  if (time > now.getTime() + FUTURE_MS) return 'future-date';
  return time < FIRST_DAY ? 'before-2006' : time;
}

/** Whether Spotify can have played something then. */
export function isPlausibleTime(time: number, now: Date): boolean {
  return time >= FIRST_DAY && time <= now.getTime() + FUTURE_MS;
}

/** A text as the database can hold it: no NUL, no half surrogate, trimmed, cut at 1,100 bytes; null when nothing is left. */
export function cleanText(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '') return null;
  const sound = text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '');
  const clean = cutLong(sound.trim());
  return clean === '' ? null : clean;
}

function cutLong(text: string): string {
  // A letter decomposes into at most 18, of three bytes: short texts need no measuring.
  if (text.length * 54 <= MAX_TEXT_BYTES) return text;
  let cut = text.slice(0, MAX_TEXT_BYTES);
  while (Buffer.byteLength(cut.normalize('NFKD').toLowerCase()) > MAX_TEXT_BYTES)
    cut = cut.slice(0, (cut.length * 3) >> 2);
  return cut.toWellFormed();
}

/** The reason for a row that a schema refused: the first field that is wrong. */
export function wrongType(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path[0];
  return field === undefined ? 'not-an-object' : `wrong-type:${String(field)}`;
}

const PERSONAL = /ip_addr|user_agent|user_?name|email|collaborators|addedBy/i;

/** A value as it may be kept: without the addresses, devices and names of people, and without nulls. */
export function withoutPersonalData(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPersonalData);
  const kept: Record<string, unknown> = {};
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== null && !PERSONAL.test(key))
      kept[key] = typeof field === 'object' ? withoutPersonalData(field) : field;
  }
  return kept;
}

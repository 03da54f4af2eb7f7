import { normaliseName, recordingKey } from '../music/track.ts';

// An entry of a b-tree index may have 2,704 bytes; a letter takes up to 4.
const MAX_KEY = 500;

/** What artists and albums without an id are recognised by; names without a letter ("!!!") keep their signs. */
export function nameKey(name: string): string {
  return (normaliseName(name) || name.replaceAll('\0', '').trim().toLowerCase()).slice(0, MAX_KEY).toWellFormed();
}

/** The key of all tracks of a recording: normalised primary artist and title. */
export function recordingKeyOf(title: string, primaryArtist: string): string {
  return recordingKey(title, primaryArtist).slice(0, MAX_KEY).toWellFormed();
}

/** Spotify's release dates are a year, a month or a day; anything else is not a date. */
export function parseReleaseDate(
  text: string | undefined,
): { date: string; precision: 'year' | 'month' | 'day' } | undefined {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  // Year 0000 stands for unknown; 31 February and the like become another day or no date at all.
  if (!year || year === '0000' || new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined;
  return { date, precision: text!.length === 4 ? 'year' : text!.length === 7 ? 'month' : 'day' };
}

/** Rules of a playlist that Segue writes to an account: what it is called, how it is cut into calls, when it is right. */
import type { Random } from '../base/random.ts';
import { normaliseName, recordingKey } from './track.ts';

/** Spotify's own limits on text; longer is refused. */
const MAX_NAME = 100;
const MAX_DESCRIPTION = 300;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const cut = (text: string, length: number): string =>
  [...text].length <= length
    ? text
    : `${[...text]
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;

/** `{date}` becomes the day of `date` in `timeZone`, written 22/11/2026. */
function fillTemplate(template: string, date: Date, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: '2-digit', year: 'numeric', timeZone });
  return oneLine(template.replaceAll('{date}', day.format(date)));
}

/** A playlist name of 1 to 100 characters on one line; names need not be unique. */
export function publicationName(template: string, date: Date, timeZone: string): string {
  return cut(fillTemplate(template, date, timeZone), MAX_NAME) || 'Segue';
}

/** One non-empty line of at most 300 characters (an empty one or one with newlines is refused) that ends in the marker. */
export function publicationDescription(template: string, date: Date, timeZone: string, marker: string): string {
  const words = cut(fillTemplate(template, date, timeZone), MAX_DESCRIPTION - marker.length - 1);
  return `${words} ${marker}`.trim();
}

// No vowels, so that no word comes out; letters and digits only, since Spotify gives descriptions back HTML-escaped.
const MARKER_LETTERS = '0123456789bcdfghjkmnpqrstvwxz';

/** What every marker looks like, as a pattern that JavaScript and PostgreSQL read alike. */
export const MARKER_PATTERN = `segue-[${MARKER_LETTERS}]{12}`;

/**
 * A word that one playlist's description carries, so that it is found again when the answer to its creation was lost.
 * 29^12 possibilities: two databases of one account never meet by chance.
 */
export function newMarker(random: Random): string {
  let letters = '';
  for (let i = 0; i < 12; i++) letters += MARKER_LETTERS[Math.floor(random() * MARKER_LETTERS.length)];
  return `segue-${letters}`;
}

export function carriesMarker(description: string | null | undefined, marker: string): boolean {
  return description?.includes(marker) ?? false;
}

/** `rows` in calls of at most `size`; no rows are one empty call, which clears a playlist. */
export function inBatches<T>(rows: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < rows.length || start === 0; start += size) batches.push(rows.slice(start, start + size));
  return batches;
}

/** What identifies a recording beside its id, as far as known. */
export interface Recording {
  readonly title: string;
  readonly artist: string;
  readonly isrc?: string | null | undefined;
}

/** A song that should stand in the playlist. */
export interface WantedItem extends Recording {
  readonly trackId: string;
}

/** A row as the account shows it. */
export interface FoundItem {
  /** Null where the track is gone; any other text than an id (a URI, a word) for a row that cannot be one of ours. */
  readonly trackId: string | null;
  /** The id that was written, where Spotify says that it shows another instance. */
  readonly writtenId?: string | undefined;
  readonly recording?: Recording | undefined;
}

export interface Comparison {
  /** Every row is the wanted one, in order, where relinked and gone rows count as the wanted one. */
  readonly equal: boolean;
  /** Rows where Spotify shows another instance of the same recording. */
  readonly relinked: readonly { readonly wanted: string; readonly shown: string }[];
  /** Songs that stand in the playlist but cannot be played any more: Spotify shows an empty row. */
  readonly gone: readonly string[];
  /** Songs without a row, when that is the only difference; what Spotify dropped, or what was never written. */
  readonly missing: readonly string[];
}

/** Compares a playlist read back with what it should hold. */
export function compareItems(wanted: readonly WantedItem[], found: readonly FoundItem[]): Comparison {
  const relinked: { wanted: string; shown: string }[] = [];
  const gone: string[] = [];
  const missing: string[] = [];
  let row = 0;
  for (const item of wanted) {
    const shown = found[row];
    if (shown === undefined || (shown.trackId !== null && !sameSong(item, shown))) {
      missing.push(item.trackId);
      continue;
    }
    row++;
    if (shown.trackId === null) gone.push(item.trackId);
    else if (shown.trackId !== item.trackId) relinked.push({ wanted: item.trackId, shown: shown.trackId });
  }
  if (row < found.length) return { equal: false, relinked: [], gone: [], missing: [] };
  return { equal: missing.length === 0, relinked, gone, missing };
}

function sameSong(wanted: WantedItem, shown: FoundItem): boolean {
  if (shown.trackId === wanted.trackId || shown.writtenId === wanted.trackId) return true;
  if (!shown.recording) return false;
  if (wanted.isrc && shown.recording.isrc) return wanted.isrc === shown.recording.isrc;
  return (
    normaliseName(wanted.artist) !== '' &&
    recordingKey(wanted.title, wanted.artist) === recordingKey(shown.recording.title, shown.recording.artist)
  );
}

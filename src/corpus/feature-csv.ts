import { ExpectedError } from '../base/errors.ts';
import type { SourceFile } from '../base/source-files.ts';
import { parseTrackId } from '../music/track.ts';
import { columnAt, columnNames, headerOf, readCsv, splitArtists } from './csv-rows.ts';

/** A track's audio features as a table gives them; null where it says nothing. Units as in Spotify's reference. */
export interface FeatureRow {
  readonly trackId: string;
  readonly title: string;
  readonly artists: readonly string[];
  readonly album?: string;
  readonly durationMs?: number;
  readonly releaseDate?: string;
  readonly danceability: number;
  readonly energy: number;
  readonly key: number | null;
  readonly loudness: number;
  readonly mode: number | null;
  readonly speechiness: number;
  readonly acousticness: number;
  readonly instrumentalness: number;
  readonly liveness: number;
  readonly valence: number;
  readonly tempo: number | null;
  readonly timeSignature: number | null;
}

/** A row that was left out, and why. */
export interface SkippedFeatureRow {
  readonly skipped: string;
}

const ID = ['track id', 'spotify id', 'track uri', 'spotify uri', 'id', 'uri'] as const;
const TITLE = ['track name', 'title', 'name'] as const;
const ARTISTS = ['track artist', 'artists', 'artist names', 'artist name', 'artist'] as const;
const REQUIRED = [
  'danceability',
  'energy',
  'loudness',
  'speechiness',
  'acousticness',
  'instrumentalness',
  'liveness',
  'valence',
  'tempo',
] as const;
/** Least and greatest value. Loudness goes a little above 0 dB in real data (six of TidyTuesday's 28,352 tracks). */
const RANGE: Record<string, readonly [number, number]> = { loudness: [-80, 10], tempo: [0, 400] };
const SHARE = [0, 1] as const;

/** The table's name in `audio_feature.source`, by its header; undefined when it is no table of audio features. */
export function detectFeatureTable(head: string): string | undefined {
  const columns = headerOf(head);
  const hasSome = REQUIRED.filter((name) => columns.includes(name)).length >= 2;
  if (!hasSome) return undefined;
  if (columns.includes('track artist') && columns.includes('track album release date')) return 'tidytuesday';
  if (columns.includes('track genre')) return 'kaggle-spotify-tracks';
  return columns.includes('track uri') ? 'exportify' : 'csv';
}

/**
 * The rows of a table of audio features with TidyTuesday's, Kaggle's or Exportify's column names. Throws ExpectedError
 * `feature-columns-missing` that names the columns; a bad row is told with its reason and costs only itself.
 */
export async function* readFeatureTable(
  file: SourceFile,
  noteProblem: (file: string, why: string) => void,
): AsyncGenerator<FeatureRow | SkippedFeatureRow> {
  let read: ((row: string[]) => FeatureRow | SkippedFeatureRow) | undefined;
  for await (const row of readCsv(file, noteProblem)) {
    if (read) yield read(row);
    else read = rowReader(columnNames(row), file.name);
  }
}

function rowReader(columns: string[], fileName: string): (row: string[]) => FeatureRow | SkippedFeatureRow {
  const id = columnAt(columns, ...ID);
  const missing: string[] = REQUIRED.filter((name) => !columns.includes(name));
  if (id < 0) missing.unshift('track_id');
  if (missing.length > 0) {
    throw new ExpectedError('feature-columns-missing', `Cannot read audio features from ${fileName}`, {
      why: `Its header has no column ${missing.join(', ')}.`,
      hint: 'Pass a table with the columns of TidyTuesday 2020-01-21 or of Kaggle\u2019s spotify-tracks-dataset.',
    });
  }
  const [title, artists] = [columnAt(columns, ...TITLE), columnAt(columns, ...ARTISTS)];
  const [album, released] = [
    columnAt(columns, 'track album name', 'album name'),
    columnAt(columns, 'track album release date'),
  ];
  const duration = columnAt(columns, 'duration ms', 'track duration ms');
  const at = Object.fromEntries(
    [...REQUIRED, 'key', 'mode', 'time signature'].map((name) => [name, columns.indexOf(name)]),
  );

  return (row) => {
    const trackId = parseTrackId(row[id] ?? '');
    if (trackId === undefined) return { skipped: 'no track id' };
    const numbers: Record<string, number> = {};
    for (const name of REQUIRED) {
      const text = row[at[name]!]?.trim() ?? '';
      const value = Number(text);
      if (text === '' || Number.isNaN(value))
        return { skipped: text === '' ? 'empty value' : 'text where a number belongs' };
      const [least, most] = RANGE[name] ?? SHARE;
      if (!(value >= least && value <= most)) return { skipped: 'value out of range' };
      numbers[name] = value;
    }
    const optional = (name: string, least: number, most: number): number | null | undefined => {
      const text = row[at[name]!]?.trim() ?? '';
      // Some tables write whole numbers as 5.0.
      const value = Number(text);
      if (at[name]! < 0 || text === '') return null;
      return Number.isNaN(value) || !Number.isInteger(value) || value > most || value < -1
        ? undefined
        : value < least
          ? null
          : value;
    };
    // -1 is Spotify's "no key found"; a time signature or tempo of 0 is "none found".
    const [key, mode, timeSignature] = [
      optional('key', 0, 11),
      optional('mode', 0, 1),
      optional('time signature', 1, 15),
    ];
    if (key === undefined || mode === undefined || timeSignature === undefined)
      return { skipped: 'value out of range' };
    const durationMs = Number(row[duration] || Number.NaN);
    return {
      trackId,
      title: row[title]?.trim() ?? '',
      artists: splitArtists(row[artists] ?? ''),
      ...(row[album]?.trim() ? { album: row[album].trim() } : {}),
      ...(Number.isInteger(durationMs) && durationMs > 0 ? { durationMs } : {}),
      ...(row[released]?.trim() ? { releaseDate: row[released].trim() } : {}),
      ...(numbers as Record<(typeof REQUIRED)[number], number>),
      tempo: numbers.tempo === 0 ? null : numbers.tempo!,
      key,
      mode,
      timeSignature,
    };
  };
}

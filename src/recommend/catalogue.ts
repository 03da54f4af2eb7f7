import { normaliseTitle, recordingKey } from '../music/track.ts';
import { artistsReader, type CatalogueColumns, ColumnsBuilder, textReader } from './catalogue-columns.ts';
import { buildIndex, type CatalogueIndexes, hashText, type Indexed, sizeOf } from './catalogue-indexes.ts';
import { rowsOfHash } from './row-index.ts';

/** What a recommender's track is, as much as recommending needs. */
export interface CatalogueTrack {
  readonly id: string;
  readonly title: string;
  /** The primary artist first. */
  readonly artists: readonly string[];
  readonly isrc?: string | undefined;
}

/** The tracks of a model, by row; rows fall in popularity, so the first row that fits is the best-known edition. */
export interface Catalogue {
  readonly size: number;
  /** What it is made of: over shared memory, another thread can make a catalogue of its own of it. */
  readonly columns: CatalogueColumns;
  /** Decoded at each call, 0.5 µs. */
  track(row: number): CatalogueTrack;
  id(row: number): string;
  /** A row, or -1. */
  rowOfId(id: string): number;
  rowOfIsrc(isrc: string): number;
  /** By the key of music/track.ts: normalised primary artist and title. */
  rowOfRecording(key: string): number;
  /** The rows whose title is this one, normalised and without "(feat. …)" and the like; most popular first. */
  rowsOfTitle(title: string): number[];
}

export function keyOf(track: CatalogueTrack): string {
  return recordingKey(track.title, track.artists[0] ?? '');
}

/**
 * A catalogue over columns. Indexes that are not given are built when first asked for, at once; those of recordings
 * and titles take seconds for two million rows, so a model keeps them (catalogue-file.ts).
 */
export function catalogueOver(columns: CatalogueColumns, given: Partial<CatalogueIndexes> = {}): Catalogue {
  const indexes = { ...given };
  const candidates = (by: Indexed, key: string) => {
    const index = indexes[by] ?? buildIndex(columns, by);
    indexes[by] = index;
    return rowsOfHash(index, hashText(key));
  };
  const first = (by: Indexed, key: string, keyAt: (row: number) => string) =>
    candidates(by, key).find((row) => keyAt(row) === key) ?? -1;
  const id = textReader(columns.ids);
  const title = textReader(columns.titles);
  const artists = artistsReader(columns);
  const isrc = textReader(columns.isrcs);
  return {
    size: sizeOf(columns),
    columns,
    id,
    track(row) {
      const known = { id: id(row), title: title(row), artists: artists(row) };
      const code = isrc(row);
      return code === '' ? known : { ...known, isrc: code };
    },
    rowOfId: (wanted) => first('id', wanted, id),
    rowOfIsrc: (wanted) => (wanted === '' ? -1 : first('isrc', wanted, isrc)),
    rowOfRecording: (key) => first('recording', key, (row) => recordingKey(title(row), artists(row)[0] ?? '')),
    rowsOfTitle(wanted) {
      const key = normaliseTitle(wanted);
      return key === '' ? [] : [...candidates('title', key).filter((row) => normaliseTitle(title(row)) === key)];
    },
  };
}

/** A catalogue of tracks in row order, in memory. */
export function catalogueOf(tracks: Iterable<CatalogueTrack>): Catalogue {
  const builder = new ColumnsBuilder();
  for (const track of tracks) builder.add(track);
  return catalogueOver(builder.finish());
}

// Songs that stand in no playlist: rows after those of the model, reached through artist and audio features alone.
import { normaliseName } from '../music/track.ts';
import type { Catalogue } from './catalogue.ts';
import type { PlaylistMatrix } from './playlist-matrix.ts';
import { NO_ARTIST } from './recommender.ts';

/**
 * A catalogue and after its end the cold songs: row `catalogue.size + i` is `cold.track(i)`. What both know, the catalogue says.
 * Its columns are those of the catalogue alone.
 */
export function withColdSongs(catalogue: Catalogue, cold: Catalogue): Catalogue {
  const { size } = catalogue;
  if (cold.size === 0) return catalogue;
  const first = (row: number, coldRow: () => number) => {
    if (row >= 0) return row;
    const found = coldRow();
    return found < 0 ? -1 : size + found;
  };
  return {
    size: size + cold.size,
    columns: catalogue.columns,
    track: (row) => (row < size ? catalogue.track(row) : cold.track(row - size)),
    id: (row) => (row < size ? catalogue.id(row) : cold.id(row - size)),
    rowOfId: (id) => first(catalogue.rowOfId(id), () => cold.rowOfId(id)),
    rowOfIsrc: (isrc) => first(catalogue.rowOfIsrc(isrc), () => cold.rowOfIsrc(isrc)),
    rowOfRecording: (key) => first(catalogue.rowOfRecording(key), () => cold.rowOfRecording(key)),
    rowsOfTitle: (title) => [...catalogue.rowsOfTitle(title), ...cold.rowsOfTitle(title).map((row) => size + row)],
  };
}

/** The same playlists of more tracks: those from `matrix.tracks` up to `tracks` stand in none. */
export function withColdRows(matrix: PlaylistMatrix, tracks: number): PlaylistMatrix {
  const holderStarts = new Uint32Array(new SharedArrayBuffer((tracks + 1) * 4)).fill(matrix.rows.length);
  holderStarts.set(matrix.holderStarts);
  return { ...matrix, tracks, holderStarts };
}

/**
 * Numbers of primary artists for all rows of a catalogue with cold songs: an artist of the model keeps the number, others get numbers
 * of their own. `artistOf`: of the model's rows. One name is read per artist: .4 s for 400,000 of them.
 */
export function artistsWithCold(artistOf: Uint32Array, catalogue: Catalogue): Uint32Array {
  const all = new Uint32Array(new SharedArrayBuffer(catalogue.size * 4)).fill(NO_ARTIST);
  all.set(artistOf);
  const numbers = new Map<string, number>();
  let next = 0;
  for (const [row, artist] of artistOf.entries()) {
    // Numbers rise in the order of rows: this is the first song of its artist.
    if (artist === NO_ARTIST || artist < next) continue;
    next = artist + 1;
    numbers.set(nameOf(catalogue, row), artist);
  }
  for (let row = artistOf.length; row < catalogue.size; row++) {
    const name = nameOf(catalogue, row);
    if (name === '') continue;
    if (!numbers.has(name)) numbers.set(name, next++);
    all[row] = numbers.get(name)!;
  }
  return all;
}

function nameOf(catalogue: Catalogue, row: number): string {
  const artist = catalogue.track(row).artists[0] ?? '';
  return normaliseName(artist) || artist;
}

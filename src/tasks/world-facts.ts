import { turnTaker } from '../corpus/breathing.ts';
import { type TextColumn, textAt } from '../corpus/vocabulary.ts';
import { normaliseName } from '../music/track.ts';
import { NO_ARTIST } from '../recommend/recommender.ts';

const AT_ONCE = 1024;

/** The name of each playlist. Lets the event loop breathe; throws the signal's reason. */
export async function playlistNames(column: TextColumn, signal: AbortSignal): Promise<string[]> {
  const breathe = turnTaker(signal);
  const names: string[] = [];
  for (let playlist = 0; playlist + 1 < column.starts.length; playlist++) {
    if (playlist % AT_ONCE === 0) await breathe();
    names.push(textAt(column, playlist));
  }
  return names;
}

/** Number of each row's primary artist, by the normalised name; in memory that threads share. Breathes and throws likewise. */
export async function numberArtists(
  size: number,
  artistsAt: (row: number) => readonly string[],
  signal: AbortSignal,
): Promise<Uint32Array> {
  const breathe = turnTaker(signal);
  const numbers = new Map<string, number>();
  const artistOf = new Uint32Array(new SharedArrayBuffer(size * 4)).fill(NO_ARTIST);
  for (let row = 0; row < size; row++) {
    if (row % AT_ONCE === 0) await breathe();
    const [artist] = artistsAt(row);
    if (artist === undefined) continue;
    const name = normaliseName(artist) || artist;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    artistOf[row] = number;
  }
  return artistOf;
}

import { ExpectedError } from '../base/errors.ts';
import { normaliseName, parseTrackId, recordingKey } from '../music/track.ts';
import type { Catalogue } from './catalogue.ts';
import { nearTitles } from './near-titles.ts';

export interface FoundSong {
  /** Row of the catalogue. */
  readonly row: number;
  /** Named by its title alone, which songs of others may have too; the most popular one was taken. */
  readonly byTitle: boolean;
}

/**
 * The song that a text names: a track id, URI or link; the id of a row, whatever it looks like; "artist - title" in either
 * order, with any or all of its artists; a title. Of several editions the most popular. Undefined where there is none.
 */
export function findSong(catalogue: Catalogue, text: string): FoundSong | undefined {
  const name = text.trim();
  for (const id of [parseTrackId(name), name]) {
    const row = id === undefined ? -1 : catalogue.rowOfId(id);
    if (row >= 0) return { row, byTitle: false };
  }
  for (const { index } of name.matchAll(/\s[-–—]\s/g)) {
    const [left, right] = [name.slice(0, index), name.slice(index + 3)];
    for (const [artist, title] of [
      [left, right],
      [right, left],
    ] as const) {
      const row = findByNames(catalogue, artist, title);
      if (row >= 0) return { row, byTitle: false };
    }
  }
  const row = catalogue.rowsOfTitle(name).find((each) => hasPlusOf(name, catalogue.track(each).title));
  return row === undefined ? undefined : { row, byTitle: true };
}

/** Normalised names have no signs, but "Hello + Goodbye" is not "Hello Goodbye". */
function hasPlusOf(text: string, title: string): boolean {
  return !/\s\+\s/.test(text) || title.includes('+');
}

function findByNames(catalogue: Catalogue, artist: string, title: string): number {
  const wanted = normaliseName(artist);
  if (wanted === '' || title.trim() === '') return -1;
  const row = catalogue.rowOfRecording(recordingKey(title, artist));
  if (row >= 0 && hasPlusOf(title, catalogue.track(row).title)) return row;
  const isBy = ({ artists }: { artists: readonly string[] }) =>
    artists.some((name) => normaliseName(name) === wanted) || normaliseName(artists.join(' ')) === wanted;
  const fits = (other: number) => {
    const track = catalogue.track(other);
    return hasPlusOf(title, track.title) && isBy(track);
  };
  return catalogue.rowsOfTitle(title).find(fits) ?? -1;
}

/** What to say of a text that names no song: with the nearest names, in words that find them. */
export async function unknownSong(catalogue: Catalogue, text: string, hint?: string): Promise<ExpectedError> {
  const id = parseTrackId(text);
  const near = id === undefined ? await nearTitles(catalogue, text, 3) : [];
  const names = near.map(({ artists: [artist], title }) => `"${artist === undefined ? '' : `${artist} - `}${title}"`);
  const suggestion =
    near.length === 0 ? 'Name it as "artist - title", or by its Spotify link.' : `Did you mean ${names.join(' or ')}?`;
  return new ExpectedError('unknown-track', `No song "${text}" in the model.`, {
    why: `None of its ${catalogue.size} songs has this id, or this artist and title.`,
    hint: hint === undefined ? suggestion : `${suggestion} ${hint}`,
  });
}

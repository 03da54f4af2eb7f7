import { normaliseName } from '../music/track.ts';
import type { Catalogue, CatalogueAlbum, CatalogueArtist, CatalogueTrack } from './catalogue.ts';

/** A search as typed: filters (`track:`, `artist:`, `album:`, `year:`, `isrc:`) and free words, all normalised. */
export interface Query {
  readonly words: readonly string[];
  readonly filters: ReadonlyMap<string, string>;
}

const FILTER =
  /\b(album|artist|track|year|upc|isrc|genre|tag):(?:"([^"]*)"|((?:(?!\b(?:album|artist|track|year|upc|isrc|genre|tag):).)*))/gi;

export function readQuery(q: string): Query {
  const filters = new Map<string, string>();
  const rest = q.replace(FILTER, (_, name: string, quoted: string | undefined, plain: string | undefined) => {
    filters.set(name.toLowerCase(), (quoted ?? plain ?? '').trim());
    return ' ';
  });
  return { words: normaliseName(rest).split(' ').filter(Boolean), filters };
}

/** Searches over one catalogue; remembers what it has normalised, so that the second search is much faster. */
export interface CatalogueSearch {
  /** Tracks that fit, the most popular first. */
  tracks(query: Query): CatalogueTrack[];
  artists(query: Query): CatalogueArtist[];
  albums(query: Query): CatalogueAlbum[];
}

export function searchIn(catalogue: Catalogue): CatalogueSearch {
  const normalised = new Map<string, string>();
  /** Whether every word begins a word of the text. */
  const holds = (text: string, words: readonly string[]): boolean => {
    if (words.length === 0) return true;
    let plain = normalised.get(text);
    if (plain === undefined) {
      plain = ` ${normaliseName(text)}`;
      normalised.set(text, plain);
    }
    return words.every((word) => plain.includes(` ${word}`));
  };
  return {
    tracks({ words, filters }) {
      if (filters.has('upc') || filters.has('genre') || filters.has('tag')) return [];
      const isrc = filters.get('isrc')?.toUpperCase();
      const title = wordsOf(filters.get('track'));
      const artist = wordsOf(filters.get('artist'));
      const album = wordsOf(filters.get('album'));
      const found = [...catalogue.tracks.values()].filter(
        (track) =>
          (isrc === undefined || track.isrc === isrc) &&
          inYears(track.album, filters.get('year')) &&
          holds(track.title, title) &&
          holds(namesOf(track), artist) &&
          holds(track.album.name, album) &&
          (words.length === 0 || holds(`${track.title} ${namesOf(track)}`, words)),
      );
      return found.sort((a, b) => b.popularity - a.popularity || a.title.length - b.title.length);
    },
    artists({ words, filters }) {
      const wanted = [...words, ...wordsOf(filters.get('artist'))];
      const found = [...catalogue.artists.values()].filter((artist) => holds(artist.name, wanted));
      return found.sort((a, b) => a.name.length - b.name.length);
    },
    albums({ words, filters }) {
      const title = wordsOf(filters.get('album'));
      const artist = wordsOf(filters.get('artist'));
      return [...catalogue.albums.values()].filter(
        (album) =>
          inYears(album, filters.get('year')) &&
          holds(album.name, title) &&
          holds(album.artist.name, artist) &&
          (words.length === 0 || holds(`${album.name} ${album.artist.name}`, words)),
      );
    },
  };
}

function wordsOf(filter: string | undefined): string[] {
  return filter === undefined ? [] : normaliseName(filter).split(' ').filter(Boolean);
}

function namesOf(track: CatalogueTrack): string {
  return track.artists.map((artist) => artist.name).join(' ');
}

/** `1980` or `1980-1989`. */
function inYears(album: CatalogueAlbum, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const [from, to = from] = filter.split('-').map(Number);
  const year = Number(album.releaseDate.slice(0, 4));
  return year >= from! && year <= to!;
}

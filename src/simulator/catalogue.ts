import { inventId, inventNumber } from './invent.ts';

/** A track as the archive names it: everything but audio features, ids of artists and of the album. */
export interface NamedTrackRow {
  readonly id: string;
  readonly title: string;
  readonly artists: readonly string[];
  readonly album: string;
  readonly durationMs: number;
}

/** A track with album id and release date (year, month or day). */
export interface FeaturedTrackRow extends NamedTrackRow {
  readonly albumId: string;
  readonly releaseDate: string;
  readonly popularity: number;
}

export interface CatalogueArtist {
  readonly id: string;
  readonly name: string;
}

export interface CatalogueAlbum {
  readonly id: string;
  readonly name: string;
  /** "Various Artists" where tracks of three or more artists stand on it. */
  artist: CatalogueArtist;
  compilation: boolean;
  /** `2019-03-08`, `2019-03` or `2019`. */
  readonly releaseDate: string;
  readonly trackIds: string[];
}

export interface CatalogueTrack {
  readonly id: string;
  readonly title: string;
  /** The primary artist first. */
  readonly artists: readonly CatalogueArtist[];
  readonly album: CatalogueAlbum;
  readonly durationMs: number;
  readonly popularity: number;
  /** Invented: `ZZ` and ten more characters; undefined where Spotify would send `external_ids: {}`. */
  readonly isrc: string | undefined;
}

export interface Catalogue {
  readonly tracks: ReadonlyMap<string, CatalogueTrack>;
  readonly albums: ReadonlyMap<string, CatalogueAlbum>;
  readonly artists: ReadonlyMap<string, CatalogueArtist>;
}

/**
 * Joins both track tables (3,369 tracks stand in both: album and features from the first, the full list of artists from
 * the second) and invents what they lack, always the same: artist ids, album ids and years of the archive's tracks, ISRCs.
 */
export function buildCatalogue(featured: readonly FeaturedTrackRow[], named: readonly NamedTrackRow[]): Catalogue {
  const artists = new Map<string, CatalogueArtist>();
  const artistIds = new Map<string, CatalogueArtist>();
  const albums = new Map<string, CatalogueAlbum>();
  const tracks = new Map<string, CatalogueTrack>();

  const artistNamed = (name: string): CatalogueArtist => {
    let artist = artists.get(name);
    if (!artist) {
      artist = { id: inventId(22, 'artist', name), name };
      artists.set(name, artist);
      artistIds.set(artist.id, artist);
    }
    return artist;
  };
  const albumOf = (row: NamedTrackRow, id: string, releaseDate: string): CatalogueAlbum => {
    let album = albums.get(id);
    if (!album) {
      album = {
        id,
        name: row.album,
        artist: artistNamed(row.artists[0]!),
        releaseDate,
        compilation: false,
        trackIds: [],
      };
      albums.set(id, album);
    }
    album.trackIds.push(row.id);
    return album;
  };
  const isrcs = inventIsrcs([...featured, ...named]);

  const namesOf = new Map(named.map((row) => [row.id, row.artists]));
  for (const row of featured) {
    const album = albumOf(row, row.albumId, row.releaseDate);
    const names = namesOf.get(row.id) ?? row.artists;
    const { id, title, durationMs, popularity } = row;
    const isrc = isrcs.get(id);
    tracks.set(id, { id, title, artists: names.map(artistNamed), album, durationMs, popularity, isrc });
  }
  for (const { id, title, artists: names, album: albumName, durationMs } of named) {
    if (tracks.has(id)) continue;
    const row = { id, title, artists: names, album: albumName, durationMs };
    // Years of the archive's albums are unknown; its snapshots end in 2020.
    const year = String(2005 + inventNumber(16, 'year', albumName));
    const album = albumOf(row, inventId(22, 'album', names[0]!, albumName), year);
    tracks.set(id, {
      id,
      title,
      artists: names.map(artistNamed),
      album,
      durationMs,
      popularity: 0,
      isrc: isrcs.get(id),
    });
  }
  for (const album of albums.values()) {
    const primary = new Set(album.trackIds.map((id) => tracks.get(id)!.artists[0]!.name));
    if (primary.size < 3) continue;
    album.compilation = true;
    album.artist = artistNamed('Various Artists');
  }
  return { tracks, albums, artists: artistIds };
}

// Editions of one recording differ by fade-outs and silence; a re-recording or a live version usually by far more.
const SAME_RECORDING_MS = 5000;

/**
 * One ISRC for all ids of the same title and primary artist whose lengths lie close together. 1 recording in 60 has none, as
 * Spotify's `external_ids` is `{}` now and then.
 */
function inventIsrcs(rows: readonly NamedTrackRow[]): Map<string, string> {
  const isrcs = new Map<string, string>();
  const groups = Map.groupBy(rows, (row) => `${row.artists[0]}|${row.title}`.toLowerCase());
  for (const [key, group] of groups) {
    const byLength = group.length > 1 ? group.toSorted((a, b) => a.durationMs - b.durationMs) : group;
    let recording = 0;
    for (const [index, row] of byLength.entries()) {
      if (index > 0 && row.durationMs - byLength[index - 1]!.durationMs > SAME_RECORDING_MS) recording++;
      if (isrcs.has(row.id)) continue;
      const number = inventNumber(10_000_000, 'isrc', key, recording);
      if (number % 60 === 0) continue;
      const registrant = inventNumber(36 ** 3, 'registrant', key)
        .toString(36)
        .toUpperCase()
        .padStart(3, '0');
      isrcs.set(row.id, `ZZ${registrant}${String(number).padStart(7, '0')}`);
    }
  }
  return isrcs;
}

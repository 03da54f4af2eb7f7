import type { Track } from '../music/track.ts';
import { parseReleaseDate } from './names.ts';

/**
 * What one source says of a track: names only (an export, a playlist file: a plain `Track`), or, from the Web API, ids
 * of artists and album as well. `id` is Spotify's, or `name:…` where a source gives title and artist only.
 */
export interface TrackRow extends Track {
  /** The artists with their Spotify ids, in the order of `artists`. */
  readonly credits?: readonly { readonly id: string | undefined; readonly name: string }[] | undefined;
  readonly albumId?: string | undefined;
  /** A year, a month or a day, as Spotify writes it. */
  readonly releaseDate?: string | undefined;
  readonly explicit?: boolean | undefined;
  readonly isPlayable?: boolean | undefined;
}

/** A named thing that may have a Spotify id. */
export interface Named {
  readonly name: string;
  readonly spotifyId: string | undefined;
}

/** The same, in the form that is compared and stored: nothing that the tables cannot hold, fields in one order. */
export interface TrackFacts {
  readonly id: string;
  readonly title: string;
  /** The primary artist first. */
  readonly artists: readonly Named[];
  readonly album: (Named & { readonly releaseDate: string | undefined }) | undefined;
  readonly durationMs: number | undefined;
  readonly explicit: boolean | undefined;
  readonly isrc: string | undefined;
  readonly isPlayable: boolean | undefined;
}

export function factsOf(track: TrackRow): TrackFacts {
  const { id, title, album, albumId, releaseDate, durationMs, explicit, isrc, isPlayable } = track;
  const artists = track.credits
    ? track.credits.map((credit) => ({ name: credit.name, spotifyId: credit.id }))
    : track.artists.map((name) => ({ name, spotifyId: undefined }));
  const released = parseReleaseDate(releaseDate) ? releaseDate : undefined;
  // An album stands under its first track's artist; without any artist there is no telling it from its namesakes.
  const kept = album && artists.length > 0 ? { name: album, spotifyId: albumId, releaseDate: released } : undefined;
  return { id, title, artists, album: kept, durationMs, explicit, isrc, isPlayable };
}

/**
 * What is known after `incoming` was heard of. A source with ids for all artists is the Web API, whose facts replace
 * others; any other source only fills in what is missing, and replaces the artists when it names more of them.
 */
export function mergeFacts(known: TrackFacts, incoming: TrackFacts): TrackFacts {
  const full = hasIds(incoming);
  const [better, other] = full ? [incoming, known] : [known, incoming];
  const richer = incoming.artists.length > known.artists.length && !hasIds(known);
  const album = incoming.album?.spotifyId || !known.album ? (incoming.album ?? known.album) : known.album;
  return {
    id: known.id,
    title: better.title || other.title,
    artists: full || richer ? incoming.artists : known.artists,
    album: album && { ...album, releaseDate: album.releaseDate ?? known.album?.releaseDate },
    durationMs: better.durationMs ?? other.durationMs,
    explicit: better.explicit ?? other.explicit,
    isrc: better.isrc ?? other.isrc,
    isPlayable: incoming.isPlayable ?? known.isPlayable,
  };
}

/** One entry for each id, in the order of first mention. */
export function mergeById(tracks: readonly TrackRow[]): TrackFacts[] {
  const merged = new Map<string, TrackFacts>();
  for (const track of tracks) {
    const facts = factsOf(track);
    const before = merged.get(facts.id);
    merged.set(facts.id, before ? mergeFacts(before, facts) : facts);
  }
  return [...merged.values()];
}

function hasIds(track: TrackFacts): boolean {
  return track.artists.length > 0 && track.artists.every(({ spotifyId }) => spotifyId !== undefined);
}

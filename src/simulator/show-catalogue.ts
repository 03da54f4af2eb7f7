import type { WireAlbum, WireArtist, WireTrack } from '../spotify/wire.ts';
import type { CatalogueAlbum, CatalogueArtist, CatalogueTrack } from './catalogue.ts';
import { inventNumber } from './invent.ts';
import { apiUrl, type Simulation } from './simulation.ts';

/** How a catalogue object is shown: with the fields that Development Mode strips, or without. */
export interface Showing {
  readonly simulation: Simulation;
  readonly extended: boolean;
}

const MARKETS = ['AD', 'AT', 'DE', 'FR', 'GB', 'JP', 'NL', 'SE', 'US'];

/** `id`, `uri`, `href`, `type` and `external_urls` of an object. */
export function identity(simulation: Simulation, type: string, id: string) {
  return {
    external_urls: { spotify: `https://open.spotify.com/${type}/${id}` },
    href: `${apiUrl(simulation)}/${type}s/${id}`,
    id,
    type,
    uri: `spotify:${type}:${id}`,
  };
}

// The pictures come from the simulator itself, so that a demo shows some without the internet.
function images(simulation: Simulation, id: string) {
  return [640, 300, 64].map((side) => ({
    url: `${simulation.origin}/simulator/pictures/${id}-${side}.svg`,
    height: side,
    width: side,
  }));
}

export function showArtist({ simulation }: Showing, artist: CatalogueArtist): WireArtist {
  return { ...identity(simulation, 'artist', artist.id), name: artist.name };
}

/** In Development Mode exactly the keys seen in August 2026: no genres, followers or popularity. */
export function showFullArtist(showing: Showing, artist: CatalogueArtist): WireArtist {
  const full = { ...showArtist(showing, artist), images: images(showing.simulation, artist.id) };
  if (!showing.extended) return full;
  const followers = { href: null, total: inventNumber(1_000_000, 'followers', artist.id) };
  return { ...full, followers, genres: [], popularity: inventNumber(100, 'popularity', artist.id) };
}

export function showAlbum(showing: Showing, album: CatalogueAlbum): WireAlbum {
  const shown = {
    ...identity(showing.simulation, 'album', album.id),
    album_type: album.compilation ? 'compilation' : album.trackIds.length === 1 ? 'single' : 'album',
    artists: [showArtist(showing, album.artist)],
    images: images(showing.simulation, album.id),
    name: album.name,
    release_date: album.releaseDate,
    release_date_precision: ['year', 'month', 'day'][album.releaseDate.split('-').length - 1]!,
    total_tracks: album.trackIds.length,
  };
  return showing.extended ? { ...shown, available_markets: MARKETS } : shown;
}

/** A track without `album` and `external_ids`, as albums list them. */
export function showSimplifiedTrack(showing: Showing, track: CatalogueTrack): WireTrack {
  const shown = {
    ...identity(showing.simulation, 'track', track.id),
    artists: track.artists.map((artist) => showArtist(showing, artist)),
    disc_number: 1,
    duration_ms: track.durationMs,
    explicit: inventNumber(10, 'explicit', track.id) === 0,
    is_local: false,
    name: track.title,
    preview_url: null,
    track_number: track.album.trackIds.indexOf(track.id) + 1,
  };
  return showing.extended ? { ...shown, available_markets: MARKETS } : shown;
}

export function showTrack(showing: Showing, track: CatalogueTrack): WireTrack {
  const shown: WireTrack = {
    ...showSimplifiedTrack(showing, track),
    album: showAlbum(showing, track.album),
    external_ids: track.isrc ? { isrc: track.isrc } : {},
  };
  return showing.extended ? { ...shown, popularity: track.popularity } : shown;
}

/**
 * A track asked for by its id, as answered in the listener's country: relinked to another id where that is set (and only
 * Extended mode says from which), marked where it cannot be played. Undefined where there is no such track.
 */
export function showPlayableTrack(showing: Showing, id: string): WireTrack | undefined {
  const { world, state } = showing.simulation;
  const track = world.catalogue.tracks.get(state.relinks[id] ?? id);
  if (!track) return undefined;
  const shown = showTrack(showing, track);
  if (state.unplayable.includes(track.id)) return { ...shown, is_playable: false, restrictions: { reason: 'market' } };
  const linkedFrom =
    track.id !== id && showing.extended ? { linked_from: identity(showing.simulation, 'track', id) } : {};
  return { ...shown, is_playable: true, ...linkedFrom };
}

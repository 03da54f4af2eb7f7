import type { WireEpisode, WirePlaylist, WirePlaylistItem, WireTrack, WireUser } from '../spotify/wire.ts';
import { inventNumber } from './invent.ts';
import { type Paging, pageOf } from './paging.ts';
import { identity, type Showing, showPlayableTrack } from './show-catalogue.ts';
import { apiUrl, now, type Simulation } from './simulation.ts';
import { mayEdit, type PlaylistEntry, type SimulatedPlaylist, snapshotId } from './state.ts';

export function showUser(simulation: Simulation, id: string, withName = true): WireUser {
  const { external_urls, href, type, uri } = identity(simulation, 'user', id);
  const user = { external_urls, href, id, type, uri };
  const name = simulation.state.listeners[id]?.displayName ?? (id === 'spotify' ? 'Spotify' : id);
  return withName ? { display_name: name, ...user } : user;
}

/** A playlist in a list: with the `{ href, total }` stub of its contents where the listener may read them. */
export function showPlaylist(showing: Showing, playlist: SimulatedPlaylist, listenerId: string): WirePlaylist {
  const { simulation } = showing;
  const address = `${apiUrl(simulation)}/playlists/${playlist.id}/items`;
  const stub = { href: address, total: playlist.items.length };
  const mayRead = showing.extended || mayEdit(playlist, listenerId);
  return {
    collaborative: playlist.collaborative,
    description: playlist.description,
    ...identity(simulation, 'playlist', playlist.id),
    images: showCover(simulation, playlist),
    name: playlist.name,
    owner: showUser(simulation, playlist.ownerId),
    public: playlist.public,
    snapshot_id: snapshotId(playlist),
    ...(mayRead ? namedContents(showing, stub) : {}),
    ...(showing.extended ? { followers: { href: null, total: inventNumber(1000, 'followers', playlist.id) } } : {}),
  };
}

/** One playlist asked for by its id: with a first page of its items, or without the key for somebody else's. */
export function showFullPlaylist(
  showing: Showing,
  playlist: SimulatedPlaylist,
  listenerId: string,
  episodes: boolean,
): WirePlaylist {
  const shown = showPlaylist(showing, playlist, listenerId);
  if (!showing.extended && !mayEdit(playlist, listenerId)) return shown;
  const contents = showItems(showing, playlist, { limit: 100, offset: 0 }, episodes);
  return { ...shown, ...namedContents(showing, contents) };
}

export function showItems(showing: Showing, playlist: SimulatedPlaylist, paging: Paging, episodes: boolean) {
  const address = `${apiUrl(showing.simulation)}/playlists/${playlist.id}/items`;
  return pageOf(address, playlist.items, paging, (entry) => showItem(showing, entry, episodes));
}

// The key of a playlist's contents: `items` since February 2026, `tracks` before, both at once in recorded answers.
function namedContents(showing: Showing, contents: NonNullable<WirePlaylist['items']>): Partial<WirePlaylist> {
  const { playlistKeys } = showing.simulation.state.settings;
  const tracks = { ...contents, href: contents.href?.replace('/items', '/tracks') };
  if (playlistKeys === 'items') return { items: contents };
  return playlistKeys === 'tracks' ? { tracks } : { items: contents, tracks };
}

function showItem(showing: Showing, entry: PlaylistEntry, episodes: boolean): WirePlaylistItem {
  const { simulation } = showing;
  const { playlistKeys } = simulation.state.settings;
  const item = entry.uri === null ? null : (showUri(showing, entry.uri, episodes) ?? null);
  const frame = {
    added_at: new Date(entry.addedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    added_by: showUser(simulation, entry.addedBy, false),
    is_local: entry.uri?.startsWith('spotify:local:') ?? false,
  };
  if (playlistKeys === 'items') return { ...frame, item };
  return playlistKeys === 'tracks' ? { ...frame, track: item } : { ...frame, item, track: item };
}

function showUri(showing: Showing, uri: string, episodes: boolean): WireTrack | WireEpisode | undefined {
  const [, type, id] = uri.split(':') as [string, string, string];
  if (type === 'track') return showPlayableTrack(showing, id);
  if (type === 'local') return showLocalTrack(uri);
  // Without additional_types=episode an episode comes back as null.
  if (type === 'episode' && episodes) return showEpisode(showing, id);
  return undefined;
}

/** A file on somebody's disk: `spotify:local:{artist}:{album}:{title}:{seconds}`, ids null. */
function showLocalTrack(uri: string): WireTrack {
  const [artist, album, title, seconds] = uri
    .split(':')
    .slice(2)
    .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  return {
    album: {
      album_type: null,
      artists: [],
      external_urls: {},
      href: null,
      id: null,
      images: [],
      name: album ?? '',
      release_date: null,
      release_date_precision: null,
      type: 'album',
      uri: null,
    },
    artists: [{ external_urls: {}, href: null, id: null, name: artist ?? '', type: 'artist', uri: null }],
    disc_number: 0,
    duration_ms: Number(seconds) * 1000,
    explicit: false,
    external_ids: {},
    external_urls: {},
    href: null,
    id: null,
    is_local: true,
    name: title ?? '',
    preview_url: null,
    track_number: 0,
    type: 'track',
    uri,
  };
}

function showEpisode({ simulation }: Showing, id: string): WireEpisode {
  return {
    ...identity(simulation, 'episode', id),
    type: 'episode',
    name: 'An episode of the local Spotify',
    description: 'Podcasts are only here so that readers can learn to skip them.',
    duration_ms: 1_800_000,
    explicit: false,
    images: [],
    is_playable: true,
    language: 'en',
    release_date: '2026-01-01',
    release_date_precision: 'day',
    show: { ...identity(simulation, 'show', id), name: 'A show of the local Spotify' },
  };
}

/** The newest uploaded cover whose time has come; a mosaic otherwise; nothing for an empty playlist. */
export function showCover(simulation: Simulation, playlist: SimulatedPlaylist) {
  const at = now(simulation);
  const uploaded = playlist.covers.findLastIndex((cover) => cover.visibleAt <= at);
  if (uploaded >= 0) {
    const url = `${simulation.origin}/simulator/pictures/${playlist.id}-upload-${uploaded}.jpg`;
    return [{ url, height: null, width: null }];
  }
  if (playlist.items.length === 0) return [];
  return [{ url: `${simulation.origin}/simulator/pictures/${playlist.id}-640.svg`, height: 640, width: 640 }];
}

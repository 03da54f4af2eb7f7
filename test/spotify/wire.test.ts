import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as wire from '../../src/spotify/wire.ts';
import { collection, recorded, recordedPath } from './recorded.ts';

const RESPONSES: Record<string, z.ZodType> = {
  'java/AddItemsToPlaylistRequest.json': wire.WireSnapshot,
  'java/AuthorizationCode.json': wire.WireToken,
  'java/AuthorizationCodePKCERefresh.json': wire.WireToken,
  'java/AuthorizationCodeRefresh.json': wire.WireToken,
  'java/CreatePlaylistRequest.json': wire.WirePlaylist,
  'java/GetCurrentUsersProfileRequest.json': wire.WireMe,
  'java/GetCurrentUsersRecentlyPlayedTracksRequest.json': wire.WireRecentlyPlayed,
  'java/GetListOfCurrentUsersPlaylistsRequest.json': wire.WirePlaylists,
  'java/GetPlaylistRequest.json': wire.WirePlaylist,
  'java/GetPlaylistsItemsRequest.json': wire.WirePlaylistItems,
  'java/GetPlaylistsItemsRequest_Episode.json': wire.WirePlaylistItems,
  'java/auth-invalid-client.json': wire.WireTokenError,
  'python-spotify-2025-01/artist.json': wire.WireArtist,
  'python-spotify-2025-01/current_user.json': wire.WireMe,
  'python-spotify-2025-01/current_user_playlist_1.json': wire.WirePlaylists,
  'python-spotify-2025-01/get_album.json': wire.WireFullAlbum,
  'python-spotify-2025-01/playlist_1.json': wire.WirePlaylist,
  'python-spotify-2025-01/playlist_3.json': wire.WirePlaylist,
  'python-spotify-2025-01/playlist_items.json': wire.WirePlaylistItems,
  'python-spotify-2025-01/playlist_not_found.json': wire.WireError,
  'python-spotify-2025-01/rate_limit.json': wire.WireError,
  'python-spotify-2025-01/recently_played_tracks.json': wire.WireRecentlyPlayed,
  'python-spotify-2025-01/saved_tracks.json': wire.WireSavedTracks,
  'python-spotify-2025-01/top_artists.json': wire.WireTopArtists,
  'python-spotify-2025-01/top_tracks.json': wire.WireTopTracks,
  'python-spotify-2026-03/artist.json': wire.WireArtist,
  'python-spotify-2026-03/current_playing_track.json': wire.WireCurrentlyPlaying,
  'python-spotify-2026-03/current_user.json': wire.WireMe,
  'python-spotify-2026-03/current_user_playlist_1.json': wire.WirePlaylists,
  'python-spotify-2026-03/current_user_playlist_2.json': wire.WirePlaylists,
  'python-spotify-2026-03/get_album.json': wire.WireFullAlbum,
  'python-spotify-2026-03/library_contains.json': wire.WireLibraryContains,
  'python-spotify-2026-03/new_playlist.json': wire.WirePlaylist,
  'python-spotify-2026-03/playlist_1.json': wire.WirePlaylist,
  'python-spotify-2026-03/playlist_2.json': wire.WirePlaylist,
  'python-spotify-2026-03/playlist_3.json': wire.WirePlaylist,
  'python-spotify-2026-03/playlist_cover_image.json': wire.WireImages,
  'python-spotify-2026-03/playlist_items.json': wire.WirePlaylistItems,
  'python-spotify-2026-03/playlist_not_found.json': wire.WireError,
  'python-spotify-2026-03/playlist_update_items.json': wire.WireSnapshot,
  'python-spotify-2026-03/rate_limit.json': wire.WireError,
  'python-spotify-2026-03/recently_played_tracks.json': wire.WireRecentlyPlayed,
  'python-spotify-2026-03/saved_tracks.json': wire.WireSavedTracks,
  'python-spotify-2026-03/top_artists.json': wire.WireTopArtists,
  'python-spotify-2026-03/top_tracks.json': wire.WireTopTracks,
  'zmb3-go/current_users_playlists.txt': wire.WirePlaylists,
  'zmb3-go/current_users_top_tracks.txt': wire.WireTopTracks,
  'zmb3-go/current_users_tracks.txt': wire.WireSavedTracks,
  'zmb3-go/find_track_with_floats.txt': wire.WireTrack,
  'zmb3-go/get_playlist.txt': wire.WirePlaylist,
  'zmb3-go/get_playlist_opt.txt': wire.WirePlaylistPart,
  'zmb3-go/player_currently_playing.txt': wire.WireCurrentlyPlaying,
  'zmb3-go/player_recently_played.txt': wire.WireRecentlyPlayed,
  'zmb3-go/playlist_items_episodes_and_tracks.json': wire.WirePlaylistItems,
  'zmb3-go/playlist_items_tracks.json': wire.WirePlaylistItems,
  'zmb3-go/playlist_tracks.txt': wire.WirePlaylistItems,
  'zmb3-go/playlists_for_user.txt': wire.WirePlaylists,
};

// Endpoints that are closed to new apps or that Segue has no use for; find_tracks_notfound is read in read-track.test.ts.
const NOT_OURS = [
  /\/LICENSE/,
  /java\/ClientCredentials/,
  /audio_?features/i,
  /playback_1/,
  /recommendations/,
  /find_tracks_notfound/,
];

describe('wire schemas', () => {
  for (const [name, schema] of Object.entries(RESPONSES)) {
    const missing = recordedPath(name) === undefined;
    it.skipIf(missing)(`take ${name}${missing ? ' (large: only in ../shared/data, which is not here)' : ''}`, () => {
      const body = recorded(name);
      const result = schema.safeParse(body);
      expect(result.error?.issues).toBeUndefined();
      // Nothing is dropped: what is landed raw can be read again by a later version.
      expect(result.data).toEqual(body);
    });
  }

  it.skipIf(!existsSync(collection))('cover every recorded response there is (skipped without ../shared/data)', () => {
    const files = readdirSync(collection, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath.slice(collection.length + 1)}/${entry.name}`);
    expect(files.filter((name) => !(name in RESPONSES) && !NOT_OURS.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  it('take what Development Mode leaves of /me, and an empty recently-played', () => {
    expect(wire.WireMe.parse({ id: 'examplelistener', account_id: 'Qx7mT2kLp9', display_name: null }).account_id).toBe(
      'Qx7mT2kLp9',
    );
    expect(wire.WireRecentlyPlayed.parse({ items: [], next: null, cursors: null, limit: 50, href: 'x' }).cursors).toBe(
      null,
    );
  });

  it('name the place where a body differs', () => {
    const result = wire.WireRecentlyPlayed.safeParse({ items: [{ track: null, played_at: 7 }] });
    expect(result.error?.issues[0]?.path).toEqual(['items', 0, 'played_at']);
  });
});

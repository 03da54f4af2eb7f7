import type { z } from 'zod';
import type { Simulator } from '../../src/simulator/simulator.ts';
import * as wire from '../../src/spotify/wire.ts';

// Success answers with a body, by method and path. Everything else must be empty, or an error.
const SCHEMAS: readonly (readonly [RegExp, z.ZodType])[] = [
  [/^POST \/api\/token$/, wire.WireToken],
  [/^GET \/me$/, wire.WireMe],
  [/^GET \/me\/top\/tracks$/, wire.WireTopTracks],
  [/^GET \/me\/top\/artists$/, wire.WireTopArtists],
  [/^GET \/me\/tracks$/, wire.WireSavedTracks],
  [/^GET \/me\/playlists$/, wire.WirePlaylists],
  [/^POST \/me\/playlists$/, wire.WirePlaylist],
  [/^GET \/me\/library\/contains$/, wire.WireLibraryContains],
  [/^GET \/me\/player\/recently-played$/, wire.WireRecentlyPlayed],
  [/^GET \/me\/player\/currently-playing$/, wire.WireCurrentlyPlaying],
  [/^GET \/me\/(albums|shows|episodes|audiobooks)$/, wire.WirePageFrame],
  [/^GET \/playlists\/\w+$/, wire.WirePlaylistPart],
  [/^GET \/playlists\/\w+\/items$/, wire.WirePlaylistItems],
  [/^(POST|PUT|DELETE) \/playlists\/\w+\/items$/, wire.WireSnapshot],
  [/^GET \/playlists\/\w+\/images$/, wire.WireImages],
  [/^GET \/tracks\/\w+$/, wire.WireTrack],
  [/^GET \/albums\/\w+$/, wire.WireFullAlbum],
  [/^GET \/(albums|artists)\/\w+\/(tracks|albums)$/, wire.WirePageFrame],
  [/^GET \/artists\/\w+$/, wire.WireArtist],
  [/^GET \/search$/, wire.WireSearch],
];

/** Checks every answer recorded since the last call against the wire schemas, and forgets them. Returns how many. */
export function checkWire(simulator: Simulator): number {
  let checked = 0;
  for (const { host, method, path, query, status, response, fault } of simulator.requests.entries) {
    if (fault !== undefined || response === undefined || host === 'reccobeats' || path === '/authorize') continue;
    // With `fields` an answer is any part of itself.
    if ((status === 204 && response === '') || query.fields) continue;
    checked++;
    const call = `${method} ${path}`;
    if (status >= 400) {
      if (response.startsWith('{'))
        (host === 'accounts' ? wire.WireTokenError : wire.WireError).parse(JSON.parse(response));
      continue;
    }
    const schema = SCHEMAS.find(([pattern]) => pattern.test(call))?.[1];
    if (!schema && response !== '') throw new Error(`${call} answered a body that no schema describes`);
    schema?.parse(response === '' ? undefined : JSON.parse(response));
  }
  simulator.requests.clear();
  return checked;
}

import { isTrackId } from '../music/track.ts';

const WEB_PLAYER = 'https://open.spotify.com';

/** Where a song can be heard; null for one that Spotify does not number. */
export function trackUrl(trackId: string): string | null {
  return isTrackId(trackId) ? `${WEB_PLAYER}/track/${trackId}` : null;
}

/** Where people look at a playlist of the account: Spotify's web player, or the page of the local Spotify that holds it. */
export function playlistUrl(apiUrl: string, playlistId: string): string {
  const { hostname, origin } = new URL(apiUrl);
  return hostname === 'api.spotify.com' ? `${WEB_PLAYER}/playlist/${playlistId}` : `${origin}/#${playlistId}`;
}

import type { Kysely } from 'kysely';
import { ExpectedError } from '../base/errors.ts';
import type { ListeningHistory } from '../recommend/listening-history.ts';
import type { Recipe } from '../recommend/recipe.ts';
import { playlistsOf } from '../recommend/recipe-input.ts';
import type { FavouriteTrack } from '../recommend/seeds.ts';
import { readLikedTracks, readTopTracks } from '../store/favourites.ts';
import { type PlayedTrack, readListens } from '../store/listens.ts';
import { findPlaylists } from '../store/playlists.ts';
import { heardTracks } from '../store/plays.ts';
import type { Database } from '../store/schema.ts';

/**
 * All that a recipe asks of a listener. `seeds`: whether everything may be started from, or the owner's export only; what was heard or liked anywhere is
 * known in any case. Throws ExpectedError `not-found` for a playlist that is not in the library or has no songs.
 */
export async function readHistory(
  db: Kysely<Database>,
  listenerId: number,
  recipe: Recipe,
  { now, seeds }: { readonly now: Date; readonly seeds: 'all' | 'export' },
): Promise<ListeningHistory & { readonly listens: readonly PlayedTrack[] }> {
  const everything = ['api', 'export'] as const;
  const sources = seeds === 'export' ? (['export'] as const) : everything;
  const heard = await heardTracks(db, listenerId);
  const playlists = new Map<string, FavouriteTrack[]>();
  for (const wanted of playlistsOf(recipe)) {
    const found = await findPlaylists(db, listenerId, playlistId(wanted), sources);
    const tracks = found.flatMap((playlist) => playlist.tracks);
    if (tracks.length === 0) throw noPlaylist(wanted, found, seeds);
    playlists.set(wanted, tracks);
  }
  return {
    listens: await readListens(db, listenerId, { since: null, until: now }, sources),
    heard: heard.map(({ trackId, isrc, recordingKey, lastPlayedAt }) => ({
      id: trackId,
      isrc: isrc ?? undefined,
      recordingKey,
      lastPlayedAt,
    })),
    liked: await readLikedTracks(db, listenerId, sources),
    everyLike: await readLikedTracks(db, listenerId, everything),
    top: seeds === 'export' ? [] : await readTopTracks(db, listenerId),
    playlists,
  };
}

/** The id in a URI or a link of Spotify's; else what was given. */
function playlistId(text: string): string {
  return (
    /^(?:spotify:playlist:|https?:\/\/open\.spotify\.com\/(?:intl-[a-z]+\/)?playlist\/)(\w+)/.exec(text)?.[1] ?? text
  );
}

function noPlaylist(
  wanted: string,
  found: readonly { readonly readable: boolean }[],
  seeds: 'all' | 'export',
): ExpectedError {
  const unreadable = found.some(({ readable }) => !readable);
  return new ExpectedError('not-found', `There are no songs of a playlist ${wanted} to start from.`, {
    why: unreadable
      ? 'Spotify lets apps read only playlists that are yours or that you work on.'
      : found.length > 0
        ? 'It is empty.'
        : `No playlist of your ${seeds === 'export' ? 'export' : 'library'} has that name or id.`,
    hint: unreadable
      ? 'Copy its songs into a playlist of your own and run segue sync-library.'
      : 'Run segue sync-library where it is new, or name another one.',
  });
}

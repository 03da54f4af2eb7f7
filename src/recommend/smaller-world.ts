import { withoutPlaylists } from './playlist-matrix.ts';
import type { World } from './recommender.ts';

/** The same tracks with fewer playlists: those for which `isHeld` says so are left out, with their groups and names. */
export function withoutPlaylistsOf(world: World, isHeld: (playlist: number) => boolean): World {
  return {
    ...world,
    playlists: withoutPlaylists(world.playlists, isHeld),
    groups: world.groups.filter((_, playlist) => !isHeld(playlist)),
    names: world.names?.filter((_, playlist) => !isHeld(playlist)),
  };
}

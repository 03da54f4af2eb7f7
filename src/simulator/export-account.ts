import { readListener } from './changes.ts';
import type { ExportFile } from './export-history.ts';
import { playsUntil } from './listener-plays.ts';
import { now, playLogOf, type Simulation } from './simulation.ts';
import type { Listener, SimulatedPlaylist } from './state.ts';
import { writeZip } from './write-zip.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

export interface AccountDataOptions {
  /** Default: whoever is logged in. */
  readonly listenerId?: string;
  /** Plays that ended up to here, of the year before; default now. */
  readonly until?: Date;
  /** `legacy`: `MyData/StreamingHistory0.json`. */
  readonly layout?: 'current' | 'legacy';
  /** Default 10,000. */
  readonly rowsPerFile?: number;
}

/** The "Account data" package: a year's plays by title and minute without ids, playlists, liked songs and other files. */
export function exportAccountData(simulation: Simulation, options: AccountDataOptions = {}): ExportFile {
  const listener = readListener(simulation, options.listenerId);
  const current = (options.layout ?? 'current') === 'current';
  const folder = current ? 'Spotify Account Data' : 'MyData';
  const plays = streamingHistory(simulation, listener, options.until?.getTime() ?? now(simulation));
  const perFile = options.rowsPerFile ?? 10_000;
  const contents: Record<string, unknown> = {};
  for (let number = 0; number * perFile < plays.length; number++) {
    const name = current ? `StreamingHistory_music_${number}` : `StreamingHistory${number}`;
    contents[name] = plays.slice(number * perFile, (number + 1) * perFile);
  }
  const podcast = {
    endTime: '2026-01-02 08:15',
    podcastName: 'A show',
    episodeName: 'An episode',
    msPlayed: 1_200_000,
  };
  if (current) contents.StreamingHistory_podcast_0 = [podcast];
  const own = listener.playlists.map((id) => simulation.state.playlists[id]!);
  contents.Playlist1 = { playlists: own.map((playlist) => showPlaylist(simulation, playlist)) };
  contents.YourLibrary = library(simulation, listener);
  contents.Userdata = { username: listener.id, email: listener.email, country: listener.country };
  contents.SearchQueries = [];
  contents.Follow = { userIsFollowing: [], userIsFollowedBy: [], userIsBlocking: [] };
  contents.Inferences = { inferences: [] };
  const files = Object.entries(contents).map(([name, value]) => [
    `${folder}/${name}.json`,
    JSON.stringify(value, null, 2),
  ]);
  const playlistItems = own.reduce((sum, playlist) => sum + playlist.items.length, 0);
  return {
    name: 'my_spotify_data.zip',
    bytes: writeZip(Object.fromEntries(files)),
    rows: plays.length + (current ? 1 : 0),
    counts: {
      music: plays.length,
      podcasts: current ? 1 : 0,
      playlists: own.length,
      playlistItems,
      liked: likedTracks(listener).length,
    },
  };
}

function streamingHistory(simulation: Simulation, listener: Listener, until: number) {
  const rows = [];
  for (const play of playsUntil(simulation.state, listener, playLogOf(simulation, listener), until)) {
    const track = play.trackId === null ? undefined : simulation.world.catalogue.tracks.get(play.trackId);
    if (!track || play.endedAt < until - YEAR_MS) continue;
    // Minutes, in UTC without saying so.
    const endTime = new Date(play.endedAt).toISOString().slice(0, 16).replace('T', ' ');
    rows.push({ endTime, artistName: track.artists[0]!.name, trackName: track.title, msPlayed: play.msPlayed });
  }
  return rows;
}

function showPlaylist({ world }: Simulation, playlist: SimulatedPlaylist) {
  const items = playlist.items.map(({ uri, addedAt }) => {
    const track = uri?.startsWith('spotify:track:') ? world.catalogue.tracks.get(uri.slice(14)) : undefined;
    return {
      track: track
        ? { trackName: track.title, artistName: track.artists[0]!.name, albumName: track.album.name, trackUri: uri }
        : null,
      episode: uri?.startsWith('spotify:episode:')
        ? { episodeName: 'An episode', showName: 'A show', episodeUri: uri }
        : null,
      audiobook: null,
      localTrack: uri?.startsWith('spotify:local:') ? { uri } : null,
      addedDate: day(addedAt),
    };
  });
  const lastModifiedDate = day(Math.max(0, ...playlist.items.map((entry) => entry.addedAt)));
  const description = playlist.description || null;
  return {
    name: playlist.name,
    lastModifiedDate,
    collaborators: playlist.collaborators,
    items,
    description,
    numberOfFollowers: 0,
  };
}

function library({ world }: Simulation, listener: Listener) {
  const tracks = likedTracks(listener).map((uri) => {
    const track = world.catalogue.tracks.get(uri.slice(14))!;
    return { artist: track.artists[0]!.name, album: track.album.name, track: track.title, uri };
  });
  const empty = { albums: [], shows: [], episodes: [], bannedTracks: [], artists: [], bannedArtists: [], other: [] };
  return { tracks, ...empty };
}

function likedTracks(listener: Listener): string[] {
  return Object.keys(listener.saved).filter((uri) => uri.startsWith('spotify:track:'));
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

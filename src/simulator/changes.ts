import { changeSettings, type Settings } from './settings.ts';
import { now, type Simulation } from './simulation.ts';
import type { Listener } from './state.ts';

export interface NewPlay {
  /** Default: whoever is logged in. */
  readonly listenerId?: string;
  /** Null: the play is listed with `track: null`. */
  readonly trackId: string | null;
  /** Default: now. */
  readonly endedAt?: Date;
  /** When the API begins to list it; default: now, or `endedAt` where that is later. */
  readonly visibleAt?: Date;
  /** Default: the track's length. */
  readonly msPlayed?: number;
}

export function turnSwitches(simulation: Simulation, settings: Partial<Settings>): void {
  simulation.state.settings = changeSettings(simulation.state.settings, settings);
}

/** What removing the app from the account does. Access tokens live on until their hour is over. */
export function revokeConsent({ state }: Simulation, listenerId: string, clientId?: string): void {
  for (const token of Object.values(state.refreshTokens)) {
    if (token.listenerId === listenerId && (clientId ?? token.clientId) === token.clientId) token.revoked = true;
  }
}

export function addPlay(simulation: Simulation, play: NewPlay): void {
  const at = now(simulation);
  const endedAt = play.endedAt?.getTime() ?? at;
  const length = play.trackId === null ? 0 : simulation.world.catalogue.tracks.get(play.trackId)?.durationMs;
  if (length === undefined) throw new RangeError(`there is no track ${play.trackId}`);
  readListener(simulation, play.listenerId).extraPlays.push({
    trackId: play.trackId,
    endedAt,
    msPlayed: play.msPlayed ?? length,
    visibleAt: play.visibleAt?.getTime() ?? Math.max(at, endedAt),
  });
}

/** The owner's own change in Spotify's app: new contents, new snapshot. */
export function editPlaylist(simulation: Simulation, playlistId: string, uris: readonly (string | null)[]): void {
  const playlist = simulation.state.playlists[playlistId];
  if (!playlist) throw new RangeError(`there is no playlist ${playlistId}`);
  playlist.items = uris.map((uri) => ({ uri, addedAt: now(simulation), addedBy: playlist.ownerId }));
  playlist.revision++;
}

/** The listener with the id, or whoever is logged in. */
export function readListener({ state }: Simulation, id: string = state.settings.loggedInAs): Listener {
  const listener = state.listeners[id];
  if (!listener) throw new RangeError(`there is no listener ${id}`);
  return listener;
}

import { inventHex, inventId } from './invent.ts';
import type { Settings } from './settings.ts';

// Everything here is plain JSON, so that a simulator can be stopped and started again from a file. Times are milliseconds.

/** Whoever registers apps: one quota for all their client ids, and nothing works when they have no Premium. */
export interface Developer {
  readonly id: string;
  premium: boolean;
}

export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly developerId: string;
  readonly redirectUris: string[];
  /** `extended` adds the fields that Development Mode strips. */
  mode: 'development' | 'extended';
  /** Listener ids that may use the app; five at most in Development Mode. */
  allowList: string[];
}

/** A play put in by hand, besides the radio log's. */
export interface ExtraPlay {
  /** Null: recently-played answers `track: null`. */
  readonly trackId: string | null;
  readonly endedAt: number;
  readonly msPlayed: number;
  /** When the API begins to show it: later than `endedAt` for plays that arrive late. */
  readonly visibleAt: number;
}

export interface Listener {
  /** Spotify user id. */
  readonly id: string;
  /** Radio station whose log is played. */
  readonly callsign: string;
  readonly displayName: string;
  readonly accountId: string;
  readonly country: string;
  readonly email: string;
  product: 'premium' | 'free';
  /** URI -> time of saving. */
  saved: Record<string, number>;
  /** Ids of owned and followed playlists in the order of the listener's own list. */
  playlists: string[];
  extraPlays: ExtraPlay[];
}

export interface PlaylistEntry {
  /** Null: the item is gone (`item: null`). */
  readonly uri: string | null;
  readonly addedAt: number;
  readonly addedBy: string;
}

export interface SimulatedPlaylist {
  readonly id: string;
  name: string;
  description: string;
  readonly ownerId: string;
  readonly collaborators: string[];
  public: boolean;
  collaborative: boolean;
  items: PlaylistEntry[];
  /** Counts writes; the snapshot id is made of it. */
  revision: number;
  /** Base64 JPEGs; the last one whose time has come is shown. */
  covers: { readonly base64: string; readonly visibleAt: number }[];
}

export interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly listenerId: string;
  readonly scope: string;
  readonly challenge: string | null;
  readonly issuedAt: number;
  used: boolean;
}

export interface RefreshToken {
  readonly clientId: string;
  readonly listenerId: string;
  readonly scope: string;
  /** When the listener consented: the token dies six calendar months later, however often it is used. */
  readonly consentedAt: number;
  revoked: boolean;
}

export interface AccessToken {
  readonly clientId: string;
  readonly listenerId: string;
  readonly scope: string;
  readonly expiresAt: number;
}

export interface SimulatorState {
  readonly seed: number;
  /** Numbers every invented id, so that a seed gives the same ids again. */
  counter: number;
  /** The moment at which 80 % of each radio log lay in the past. */
  readonly anchor: number;
  settings: Settings;
  developers: Record<string, Developer>;
  apps: Record<string, App>;
  listeners: Record<string, Listener>;
  playlists: Record<string, SimulatedPlaylist>;
  codes: Record<string, AuthorizationCode>;
  refreshTokens: Record<string, RefreshToken>;
  accessTokens: Record<string, AccessToken>;
  /** Track id asked for -> track id answered, as where the one asked for is not sold in the listener's country. */
  relinks: Record<string, string>;
  /** Track ids that exist but cannot be played. */
  unplayable: string[];
}

/** The next id of its kind: 22 characters for playlists, longer ones for codes and tokens. */
export function nextId(state: SimulatorState, kind: string, length = 22): string {
  state.counter++;
  return inventId(length, state.seed, kind, state.counter);
}

/** Changes with every write; opaque, in the form Spotify's older ones decode to. */
export function snapshotId(playlist: SimulatedPlaylist): string {
  const text = `${playlist.revision},${inventHex(40, playlist.id, playlist.revision)}`;
  return Buffer.from(text).toString('base64');
}

/** Whether the listener may read and write the playlist's items. */
export function mayEdit(playlist: SimulatedPlaylist, listenerId: string): boolean {
  return playlist.ownerId === listenerId || playlist.collaborators.includes(listenerId);
}

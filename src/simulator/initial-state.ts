import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, registerApp } from './apps.ts';
import { inventId, inventNumber } from './invent.ts';
import { changeSettings, DEFAULT_SETTINGS, type Settings } from './settings.ts';
import type { Listener, PlaylistEntry, SimulatedPlaylist, SimulatorState } from './state.ts';
import { STATIONS, type Station } from './stations.ts';
import type { World, WorldPlaylist } from './world.ts';

const DAY_MS = 24 * 3_600_000;
const OWNED = 4;
const LIKED = 120;

/** The accounts, apps and playlists that exist when a simulator is started for the first time. */
export function createState(world: World, seed: number, anchor: Date, settings: Partial<Settings>): SimulatorState {
  const state: SimulatorState = {
    seed,
    counter: 0,
    anchor: anchor.getTime(),
    settings: changeSettings(DEFAULT_SETTINGS, settings),
    developers: {},
    apps: {},
    listeners: {},
    playlists: {},
    codes: {},
    refreshTokens: {},
    accessTokens: {},
    relinks: {},
    unplayable: [],
  };
  for (const station of STATIONS) if (world.logs.has(station.callsign)) addListener(state, world, station);
  const allowList = STATIONS.filter((station) => station.onAllowList).map((station) => station.userId);
  registerApp(state, { clientId: DEMO_CLIENT_ID, clientSecret: DEMO_CLIENT_SECRET, allowList });
  return state;
}

/**
 * A radio station as a listener: owns the four public playlists that share most tracks with its log, follows the
 * next one, which stays another person's, and one of Spotify's own; likes the tracks it plays most often.
 */
function addListener(state: SimulatorState, world: World, station: Station): void {
  const log = world.logs.get(station.callsign)!;
  const played = Map.groupBy(log, (play) => play.trackId);
  const shared = (playlist: WorldPlaylist) => playlist.trackIds.filter((id) => played.has(id)).length;
  const best = world.playlists.toSorted((a, b) => shared(b) - shared(a));
  const personal = best.filter((playlist) => !isSpotifys(playlist) && state.playlists[playlist.id] === undefined);
  const owned = personal.slice(0, OWNED);
  const followed = [...personal.slice(OWNED, OWNED + 1), ...best.filter(isSpotifys).slice(0, 1)];
  const listener: Listener = {
    id: station.userId,
    callsign: station.callsign,
    displayName: `${station.callsign} (radio station, June 2014)`,
    accountId: inventId(10, 'account', station.callsign),
    country: 'US',
    email: `${station.userId}@example.org`,
    product: 'premium',
    saved: {},
    playlists: [...owned, ...followed].map((playlist) => playlist.id),
    extraPlays: [],
  };
  state.listeners[listener.id] = listener;
  for (const playlist of owned) state.playlists[playlist.id] = fillPlaylist(state, playlist, listener.id);
  for (const playlist of followed) {
    const owner = isSpotifys(playlist) ? 'spotify' : `someone-${inventNumber(10_000, playlist.id)}`;
    state.playlists[playlist.id] ??= fillPlaylist(state, playlist, owner);
  }
  addOddities(state.playlists[owned.at(-1)?.id ?? '']);
  const liked = [...played].sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1)).slice(0, LIKED);
  for (const [index, [id]] of liked.entries())
    listener.saved[`spotify:track:${id}`] = state.anchor - (index + 7) * DAY_MS;
}

/** Spotify's own playlists have ids with this beginning, in reality too. */
function isSpotifys(playlist: WorldPlaylist): boolean {
  return playlist.id.startsWith('37i9dQZ');
}

function fillPlaylist(state: SimulatorState, playlist: WorldPlaylist, ownerId: string): SimulatedPlaylist {
  const items: PlaylistEntry[] = playlist.trackIds.map((id, index) => ({
    uri: `spotify:track:${id}`,
    addedAt: state.anchor - (400 - index) * DAY_MS,
    addedBy: ownerId,
  }));
  const { id, name } = playlist;
  const rest = {
    description: '',
    collaborators: [],
    public: true,
    collaborative: false,
    revision: items.length,
    covers: [],
  };
  return { id, name, ownerId, items, ...rest };
}

/** What real playlists hold besides tracks, at the end of one of them: a file of the owner's, a vanished track, an episode. */
function addOddities(playlist: SimulatedPlaylist | undefined): void {
  if (!playlist) return;
  const last = playlist.items.at(-1)!;
  const uris = ['spotify:local:Some+Band::Demo+tape:127', null, `spotify:episode:${inventId(22, 'episode')}`];
  playlist.items.push(...uris.map((uri) => ({ ...last, uri })));
}

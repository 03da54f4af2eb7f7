import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from '../../src/simulator/apps.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type BlockMemory, rememberInProcess } from '../../src/spotify/block-memory.ts';
import { listenForCallback } from '../../src/spotify/callback-listener.ts';
import {
  finishAuthorization,
  missingScopes,
  refreshTokens,
  SCOPES,
  type SpotifyApp,
  startAuthorization,
} from '../../src/spotify/oauth.ts';
import { RequestQueue } from '../../src/spotify/request-queue.ts';
import { SpotifySession, type VaultState } from '../../src/spotify/session.ts';
import { bindWebApi, type Page, type WebApi } from '../../src/spotify/web-api.ts';

const START = new Date('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
let spotify: Simulator;
let clock: ManualClock;

beforeAll(async () => {
  clock = new ManualClock(START);
  spotify = await startSimulator({ clock, settings: { consent: 'approve' } });
});
afterAll(() => spotify?.stop());
beforeEach(() => spotify.faults.clear());

/** Signs in through a real loopback listener, the way a browser would, and gives the client. */
async function signIn(options: { secret?: boolean; scopes?: readonly string[]; memory?: BlockMemory } = {}) {
  const app: SpotifyApp = {
    clientId: DEMO_CLIENT_ID,
    clientSecret: options.secret ? DEMO_CLIENT_SECRET : undefined,
    accountsUrl: spotify.accountsUrl,
  };
  const listener = await listenForCallback(0);
  const authorization = await startAuthorization(app, listener.redirectUri, { scopes: options.scopes ?? SCOPES });
  const arrival = listener.waitFor(authorization.state);
  await fetch(authorization.url);
  const granted = await finishAuthorization(app, authorization, await arrival, { clock });
  await listener.close();

  const scopes = granted.scopes ?? [];
  const { accessToken, accessExpiresAt, refreshToken } = granted;
  const vault = {
    state: { status: 'connected', tokens: { accessToken, accessExpiresAt, refreshToken: refreshToken!, scopes } },
  } as { state: VaultState };
  const session = new SpotifySession({
    vault: {
      load: async () => vault.state,
      save: async (tokens) => {
        vault.state = { status: 'connected', tokens };
      },
      markReauthRequired: async (reason) => {
        vault.state = { status: 'reauth-required', reason };
      },
      withLock: (work) => work(),
    },
    refresh: (token) => refreshTokens(app, token, { clock }),
    clock,
    random: seededRandom(1),
  });
  const memory = options.memory ?? rememberInProcess();
  const queue = new RequestQueue({ clientId: app.clientId, memory, clock, minGapMs: 200 });
  const api: WebApi = bindWebApi({
    session,
    queue,
    clock,
    random: seededRandom(2),
    apiUrl: spotify.apiUrl,
    timeoutMs: 2_000,
  });
  return { api, scopes, vault };
}

async function rowsOf<Row>(pages: AsyncIterable<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page.rows);
  return rows;
}

describe('the client against the local Spotify', () => {
  it('signs in with and without a secret, and gets every scope', async () => {
    for (const secret of [false, true]) {
      const { api, scopes } = await signIn({ secret });
      expect(missingScopes(scopes)).toEqual([]);
      expect(await api.me()).toMatchObject({ userId: 'kufx-radio', accountId: expect.any(String) });
    }
  });

  it('reads plays, likes, top items, playlists and tracks', async () => {
    const { api } = await signIn();
    const plays = await api.recentlyPlayed();
    expect(plays.rows).toHaveLength(50);
    expect(plays.skipped).toEqual({});
    expect(plays.rows.every((play) => play.endedAt <= clock.now())).toBe(true);
    expect((await rowsOf(api.topTracks('short_term'))).length).toBeGreaterThan(0);
    expect((await rowsOf(api.topArtists('long_term'))).length).toBeGreaterThan(0);
    await rowsOf(api.likedTracks());
    await rowsOf(api.myPlaylists());

    const { track } = plays.rows[0]!;
    expect(await api.track(track.id)).toMatchObject({ title: track.title });
    expect(await api.track('0000000000000000000000')).toBeUndefined();
    if (track.isrc) expect((await api.searchByIsrc(track.isrc)).map((found) => found.isrc)).toContain(track.isrc);
  });

  it('makes, fills, changes and reads back a playlist of more than a hundred songs', async () => {
    const { api } = await signIn();
    const ids = [...new Set(spotify.world.playlists.flatMap((playlist) => playlist.trackIds))].slice(0, 130);
    const uris = ids.map((id) => `spotify:track:${id}`);
    const made = await api.createPlaylist({ name: 'Weekly finds', description: 'one', public: false });
    const first = await api.replaceItems(made.id, uris.slice(0, 100));
    const second = await api.addItems(made.id, uris.slice(100));
    expect(new Set([made.snapshot, first, second]).size).toBe(3);
    await api.changeDetails(made.id, { name: 'Renamed' });
    await api.uploadCover(made.id, new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0]));

    const items = await rowsOf(api.playlistItems(made.id));
    expect(items.map((item) => item.track.id)).toEqual(ids);
    expect(items.map((item) => item.position)).toEqual(ids.map((_, position) => position));
    expect(await api.playlist(made.id)).toMatchObject({ name: 'Renamed', itemsTotal: 130, ownerId: 'kufx-radio' });
    const snapshot = await api.playlist(made.id, { fields: ['snapshot_id'] });
    expect(snapshot).toMatchObject({ id: made.id, snapshot: expect.any(String), name: undefined });
    expect((await rowsOf(api.myPlaylists())).map((playlist) => playlist.id)).toContain(made.id);
  });

  it('refreshes after an hour and keeps the refresh token', async () => {
    for (const refreshToken of ['none', 'empty', 'rotate'] as const) {
      spotify.change({ refreshToken });
      const { api, vault } = await signIn();
      for (let hour = 0; hour < 3; hour++) {
        clock.advance(HOUR);
        expect((await api.me()).userId).toBe('kufx-radio');
      }
      expect(vault.state.status).toBe('connected');
    }
    spotify.change({ refreshToken: 'none' });
  });

  it('learns that consent was withdrawn, and that six months are over', async () => {
    const revoked = await signIn();
    spotify.revoke('kufx-radio');
    // The access token lives on for its hour; only the refresh finds out.
    clock.advance(HOUR);
    await expect(revoked.api.me()).rejects.toMatchObject({ code: 'reauth-required' });

    const old = await signIn();
    const before = clock.now();
    clock.set(new Date('2027-06-01T00:00:00Z'));
    await expect(old.api.me()).rejects.toMatchObject({ code: 'reauth-required' });
    clock.set(before);
  });

  it('waits out the short limit without losing a call', async () => {
    spotify.change({ rateLimit: { calls: 5, windowMs: 30_000 } });
    const { api } = await signIn();
    const before = clock.slept.length;
    for (let call = 0; call < 12; call++) await api.me();
    expect(clock.slept.length).toBeGreaterThan(before);
    spotify.change({ rateLimitBody: 'plain-text', retryAfter: 'missing' });
    for (let call = 0; call < 12; call++) await api.me();
    spotify.change({ rateLimit: null, rateLimitBody: 'json', retryAfter: 'sent' });
  });

  it('stops at the quota, remembers it after a restart, and goes on when it is over', async () => {
    const memory = rememberInProcess();
    const { api } = await signIn({ memory });
    clock.advance(48 * HOUR);
    spotify.change({ quota: { calls: 3, windowMs: 24 * HOUR } });
    for (let call = 0; call < 3; call++) await api.me();
    const refused = await api.me().catch((error) => error);
    expect(refused).toMatchObject({ code: 'quota', retryable: true });

    const calls = spotify.requests.entries.length;
    const restarted = await signIn({ memory });
    const signInCalls = spotify.requests.entries.length - calls;
    await expect(restarted.api.me()).rejects.toMatchObject({ code: 'quota' });
    expect(spotify.requests.entries.length - calls).toBe(signInCalls);
    clock.advance(refused.retryAfterMs);
    expect((await restarted.api.me()).userId).toBe('kufx-radio');
    spotify.change({ quota: null });
  });

  it('tells a missing scope, whichever way it is said', async () => {
    for (const missingScope of [403, 401] as const) {
      spotify.change({ missingScope });
      const { api } = await signIn({ scopes: ['user-read-recently-played'] });
      await expect(rowsOf(api.likedTracks())).rejects.toMatchObject({ code: 'missing-scope' });
      expect((await api.recentlyPlayed()).rows.length).toBeGreaterThan(0);
    }
  });

  it("tells the owner's lost Premium", async () => {
    const { api } = await signIn();
    spotify.state.developers['demo-developer']!.premium = false;
    await expect(api.me()).rejects.toMatchObject({ code: 'owner-without-premium' });
    spotify.state.developers['demo-developer']!.premium = true;
  });

  it('does not make a second playlist when the answer to the first is lost', async () => {
    const { api } = await signIn();
    const count = async () => (await rowsOf(api.myPlaylists())).filter(({ name }) => name === 'Once').length;
    for (const kind of ['reset-after', 'truncate', 'cut-body', 'empty'] as const) {
      const before = await count();
      spotify.faults.add({ kind, match: { method: 'POST', path: '/me/playlists' } });
      await expect(api.createPlaylist({ name: 'Once' })).rejects.toMatchObject({ code: 'outcome-unknown' });
      spotify.faults.clear();
      expect((await count()) - before).toBeLessThanOrEqual(1);
    }
  });

  it('reads through one broken call of any kind', async () => {
    const { api } = await signIn();
    for (const kind of ['reset-before', 'reset-after', 'truncate', 'cut-body'] as const) {
      spotify.faults.add({ kind, match: { host: 'api' } });
      expect((await api.recentlyPlayed()).rows).toHaveLength(50);
    }
    for (const status of [500, 502, 503]) {
      spotify.faults.add({ kind: 'status', status, match: { host: 'api' } });
      expect((await api.recentlyPlayed()).rows).toHaveLength(50);
    }
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { rememberInProcess } from '../../src/spotify/block-memory.ts';
import { SCOPES } from '../../src/spotify/oauth.ts';
import { RequestQueue } from '../../src/spotify/request-queue.ts';
import { SpotifySession, type VaultState } from '../../src/spotify/session.ts';
import { bindWebApi, type Page, type WebApi } from '../../src/spotify/web-api.ts';
import { recorded } from './recorded.ts';
import { type Reply, type ScriptedServer, type Seen, serve } from './scripted-server.ts';

const START = new Date('2026-11-22T12:00:00Z');
const ID = '4dDdDdDdDdDdDdDdDdDdDd';
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
});

/** The client against a real HTTP server; tokens are T0, after a refresh T1, and so on. */
async function connect(script: (request: Seen, nth: number) => Reply, granted: readonly string[] = SCOPES) {
  server = await serve(script);
  const clock = new ManualClock(START);
  const accessExpiresAt = new Date(START.getTime() + 3_600_000);
  let refreshes = 0;
  let state: VaultState = {
    status: 'connected',
    tokens: { accessToken: 'T0', accessExpiresAt, refreshToken: 'R', scopes: granted },
  };
  const session = new SpotifySession({
    vault: {
      load: async () => state,
      save: async (tokens) => {
        state = { status: 'connected', tokens };
      },
      markReauthRequired: async () => {},
      withLock: (work) => work(),
    },
    refresh: async () => {
      refreshes++;
      return { accessToken: `T${refreshes}`, accessExpiresAt, refreshToken: undefined, scopes: undefined };
    },
    clock,
    random: seededRandom(1),
  });
  const queue = new RequestQueue({ clientId: 'app', memory: rememberInProcess(), clock, minGapMs: 0 });
  const api: WebApi = bindWebApi({
    session,
    queue,
    clock,
    random: seededRandom(2),
    apiUrl: `${server.url}/v1`,
    timeoutMs: 400,
  });
  return { api, clock, seen: server.seen, refreshes: () => refreshes };
}

async function collect<Row>(pages: AsyncIterable<Page<Row>>): Promise<Page<Row>[]> {
  const all: Page<Row>[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const playlist = { id: ID, name: 'Weekly finds', snapshot_id: 'S1', public: true, items: { items: [], total: 0 } };

describe('reading', () => {
  it('asks for the latest fifty plays without a cursor and hands on the answer as it came', async () => {
    const body = recorded('java/GetCurrentUsersRecentlyPlayedTracksRequest.json');
    const { api, seen } = await connect(() => ({ status: 200, body }));
    const page = await api.recentlyPlayed();
    expect(page.raw).toEqual(body);
    expect({ rows: page.rows.length, skipped: page.skipped }).toEqual({ rows: 2, skipped: {} });
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/v1/me/player/recently-played' });
    expect([...seen[0]!.query]).toEqual([['limit', '50']]);
    expect(seen[0]!.headers.authorization).toBe('Bearer T0');
  });

  it('reads an empty history', async () => {
    const { api } = await connect(() => ({ status: 200, body: { items: [], next: null, cursors: null } }));
    expect((await api.recentlyPlayed()).rows).toEqual([]);
  });

  it('follows pages by offset, skips null rows with a count, and stops at the last page', async () => {
    const track = (n: number) => ({ id: `${n}`.padStart(22, '0'), name: `Track ${n}` });
    const all = Array.from({ length: 120 }, (_, n) =>
      n === 60 ? null : { added_at: '2026-10-02T18:22:41Z', track: track(n) },
    );
    const { api, seen } = await connect(({ query }) => {
      const offset = Number(query.get('offset'));
      const items = all.slice(offset, offset + Number(query.get('limit')));
      const next = offset + items.length < all.length ? 'https://elsewhere.example/steal-the-token' : null;
      return { status: 200, body: { items, next, offset, total: all.length } };
    });
    const pages = await collect(api.likedTracks());
    expect(pages.map((page) => page.rows.length)).toEqual([50, 49, 20]);
    expect(pages.map((page) => page.skipped)).toEqual([{}, { null: 1 }, {}]);
    expect(pages[0]!.total).toBe(120);
    expect(seen.map((request) => request.query.get('offset'))).toEqual(['0', '50', '100']);
  });

  it('keeps the place of playlist items across pages', async () => {
    const items = [{ item: { id: ID, name: 'a', type: 'track' } }, { item: null }];
    const { api, seen } = await connect(({ query }) => ({
      status: 200,
      body: { items, next: query.get('offset') === '0' ? 'more' : null },
    }));
    const pages = await collect(api.playlistItems(ID));
    expect(pages.flatMap((page) => page.rows.map((row) => row.position))).toEqual([0, 2]);
    expect(seen[0]!.path).toBe(`/v1/playlists/${ID}/items`);
  });

  it('knows who it is, and finds tracks by ISRC and by id', async () => {
    const track = recorded('zmb3-go/find_track_with_floats.txt');
    const { api, seen } = await connect(({ path }) => {
      if (path === '/v1/me') return { status: 200, body: { id: 'me', account_id: 'Qx7', display_name: null } };
      if (path === '/v1/search') return { status: 200, body: { tracks: { items: [track, null] } } };
      return path.endsWith('gone') ? { status: 404, body: { error: { status: 404 } } } : { status: 200, body: track };
    });
    expect(await api.me()).toEqual({ accountId: 'Qx7', userId: 'me', displayName: undefined });
    expect((await api.searchByIsrc('USRC11301695')).map((found) => found.title)).toEqual(['Timber']);
    expect(seen[1]!.query.get('q')).toBe('isrc:USRC11301695');
    expect(Number(seen[1]!.query.get('limit'))).toBeLessThanOrEqual(10);
    expect(await api.track(ID)).toMatchObject({ id: '1zHlj4dQ8ZAtrayhuDDmkY', requestedId: ID });
    expect(await api.track('gone')).toBeUndefined();
  });

  it('reads a playlist in either spelling, and only the fields it asks for', async () => {
    const { api, seen } = await connect(({ query }) => {
      if (query.get('fields')) return { status: 200, body: { id: ID, snapshot_id: 'S9' } };
      return { status: 200, body: recorded('python-spotify-2025-01/playlist_3.json') };
    });
    expect(await api.playlist(ID)).toMatchObject({ name: expect.any(String), itemsTotal: 3 });
    expect(await api.playlist(ID, { fields: ['snapshot_id'] })).toMatchObject({ id: ID, snapshot: 'S9' });
    expect(seen[1]!.query.get('fields')).toBe('id,snapshot_id');
  });

  it('fetches a new token once after 401 and repeats the call once', async () => {
    const { api, seen, refreshes } = await connect(({ headers }) =>
      headers.authorization === 'Bearer T0'
        ? { status: 401, body: { error: { status: 401, message: 'The access token expired' } } }
        : { status: 200, body: { id: 'me' } },
    );
    expect(await api.me()).toMatchObject({ userId: 'me' });
    expect(seen.map((request) => request.headers.authorization)).toEqual(['Bearer T0', 'Bearer T1']);
    await api.me();
    expect(refreshes()).toBe(1);
  });

  it('gives up after a second 401, and does not refresh for a missing scope', async () => {
    const refused = await connect(() => ({ status: 401, body: { error: { status: 401, message: 'No' } } }));
    await expect(refused.api.me()).rejects.toMatchObject({ code: 'access-refused' });
    expect(refused.seen).toHaveLength(2);
    await server!.close();

    const narrow = await connect(
      () => ({ status: 401, body: { error: { status: 401, message: 'No' } } }),
      ['user-top-read'],
    );
    await expect(narrow.api.recentlyPlayed()).rejects.toMatchObject({
      code: 'missing-scope',
      why: 'Not granted: user-read-recently-played.',
    });
    expect(narrow.seen).toHaveLength(1);
    expect(narrow.refreshes()).toBe(0);
  });

  it.each<[string, Reply]>([
    ['status 502', { status: 502, body: '<html>' }],
    ['a reset connection', 'reset'],
    ['a body that ends too soon', 'cut'],
    ['JSON that ends too soon', { status: 200, body: '{"items":[{"pla' }],
    ['no answer in time', 'hang'],
  ])('tries again after %s', async (_name, reply) => {
    const { api, seen, clock } = await connect((_request, nth) =>
      nth === 1 ? reply : { status: 200, body: { id: 'me' } },
    );
    expect(await api.me()).toMatchObject({ userId: 'me' });
    expect(seen).toHaveLength(2);
    expect(clock.slept).toHaveLength(1);
  });

  it('stops trying after four times, with an error that says so', async () => {
    const { api, seen } = await connect(() => ({ status: 500 }));
    await expect(api.me()).rejects.toMatchObject({ code: 'spotify-down', retryable: true });
    expect(seen).toHaveLength(4);
  });

  it('names the place where an answer differs and shows none of it', async () => {
    const { api } = await connect(() => ({ status: 200, body: { id: { secret: 'T0' } } }));
    const error = await api.me().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'odd-answer', retryable: false, why: 'At id: expected string.' });
    expect(JSON.stringify([error.lines, error.cause ?? null])).not.toContain('T0');
  });

  it('waits when Spotify asks for it, and stops when told to', async () => {
    const { api, clock } = await connect((_request, nth) =>
      nth === 1
        ? { status: 429, body: 'Too many requests', headers: { 'retry-after': '3' } }
        : { status: 200, body: { id: 'me' } },
    );
    await api.me();
    expect(clock.slept).toEqual([3_000]);

    const silent = await connect(() => 'hang');
    const stop = new AbortController();
    const asking = silent.api.me({ signal: stop.signal });
    stop.abort(new Error('Ctrl-C'));
    await expect(asking).rejects.toThrow('Ctrl-C');
  });
});

describe('writing', () => {
  it('makes a playlist with a one-line description', async () => {
    const { api, seen } = await connect(() => ({ status: 201, body: playlist }));
    const made = await api.createPlaylist({ name: 'Weekly finds', description: ' 30 songs\npicked ', public: false });
    expect(made).toMatchObject({ id: ID, snapshot: 'S1', public: true, itemsTotal: 0 });
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/v1/me/playlists' });
    expect(JSON.parse(seen[0]!.body)).toEqual({ name: 'Weekly finds', description: '30 songs picked', public: false });
  });

  it('changes details, replaces and adds items, and takes empty answers', async () => {
    const { api, seen } = await connect(({ method, path }) => {
      if (!path.endsWith('/items')) return { status: 200 };
      return method === 'PUT' ? { status: 200, body: { snapshot_id: 'S2' } } : { status: 201 };
    });
    await api.changeDetails(ID, { name: 'New name', description: '' });
    expect(await api.replaceItems(ID, ['spotify:track:a'])).toBe('S2');
    expect(await api.addItems(ID, ['spotify:track:b'], { position: 0 })).toBeUndefined();
    expect(seen.map((request) => JSON.parse(request.body))).toEqual([
      { name: 'New name' },
      { uris: ['spotify:track:a'] },
      { uris: ['spotify:track:b'], position: 0 },
    ]);
    await expect(
      api.addItems(
        ID,
        Array.from({ length: 101 }, () => 'x'),
      ),
    ).rejects.toThrow(RangeError);
    expect(seen).toHaveLength(3);
  });

  it('sends a cover as bare base64, and refuses what Spotify would', async () => {
    const { api, seen } = await connect(() => ({ status: 202 }));
    const jpeg = (bytes: number) => new Uint8Array(bytes).fill(0xff, 0, 1).fill(0xd8, 1, 2).fill(0xff, 2, 3);
    await api.uploadCover(ID, jpeg(1_000));
    expect(seen[0]).toMatchObject({ method: 'PUT', path: `/v1/playlists/${ID}/images` });
    expect(seen[0]!.headers['content-type']).toBe('image/jpeg');
    expect(seen[0]!.body).toMatch(/^[A-Za-z0-9+/]+=*$/);
    await expect(api.uploadCover(ID, jpeg(200_000))).rejects.toMatchObject({ code: 'cover-too-large' });
    await expect(api.uploadCover(ID, new Uint8Array(10))).rejects.toMatchObject({ code: 'cover-not-jpeg' });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['status 500', { status: 500 }],
    ['a reset connection', 'reset'],
    ['a body that ends too soon', 'cut'],
    ['an empty answer', { status: 201 }],
    ['JSON that ends too soon', { status: 201, body: '{"id":"4d' }],
    ['no answer in time', 'hang'],
  ])('does not repeat a write after %s: whoever asked must look first', async (_name, reply) => {
    const { api, seen } = await connect(() => reply);
    await expect(api.createPlaylist({ name: 'x' })).rejects.toMatchObject({ code: 'outcome-unknown', retryable: true });
    expect(seen).toHaveLength(1);
  });

  it('repeats a write that was refused for its token or its hurry', async () => {
    const { api, seen } = await connect((_request, nth) => {
      if (nth === 1) return { status: 401 };
      return nth === 2 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 201, body: playlist };
    });
    expect((await api.createPlaylist({ name: 'x' })).id).toBe(ID);
    expect(seen).toHaveLength(3);
  });

  it('repeats a write that was never sent', async () => {
    const { api, clock } = await connect(() => ({ status: 201, body: playlist }));
    await server!.close();
    await expect(api.createPlaylist({ name: 'x' })).rejects.toMatchObject({ code: 'spotify-unreachable' });
    expect(clock.slept).toHaveLength(3);
  });

  it('sends no token without TLS, loopback excepted', async () => {
    const { clock } = await connect(() => ({ status: 200 }));
    const tokens = { accessToken: 'T0', accessExpiresAt: new Date(2100, 0), refreshToken: 'R', scopes: [] };
    const vault = {
      load: async (): Promise<VaultState> => ({ status: 'connected', tokens }),
      save: async () => {},
      markReauthRequired: async () => {},
      withLock: <T>(work: () => Promise<T>) => work(),
    };
    const session = new SpotifySession({ vault, refresh: () => Promise.reject(), clock, random: seededRandom(1) });
    const queue = new RequestQueue({ clientId: 'app', memory: rememberInProcess(), clock });
    const api = bindWebApi({ session, queue, clock, random: seededRandom(2), apiUrl: 'http://192.0.2.1/v1' });
    await expect(api.me()).rejects.toMatchObject({ code: 'insecure-api-url' });
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerApp } from '../../src/simulator/apps.ts';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import { checkWire } from './check-wire.ts';
import { ALL_SCOPES, caller, connect, START, startTestSimulator, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());
afterEach(() => {
  checkWire(simulator);
  simulator.change({ ...DEFAULT_SETTINGS, consent: 'approve' });
  simulator.clock.set(START);
});

async function signedIn(changes: Record<string, string | undefined> = {}) {
  return caller(simulator, (await connect(simulator, changes)).access_token);
}

beforeAll(async () => {
  call = await signedIn();
});

describe('tokens and scopes', () => {
  it('answers 401 without a token, with a wrong one, and after 3,600 s', async () => {
    const url = `${simulator.apiUrl}/me`;
    expect(await (await fetch(url)).json()).toEqual({ error: { status: 401, message: 'No token provided' } });
    expect((await caller(simulator, 'BQ-unknown')('GET', '/me')).status).toBe(401);
    const fresh = await signedIn();
    simulator.clock.advance(3_599_999);
    expect((await fresh('GET', '/me')).status).toBe(200);
    simulator.clock.advance(1);
    const late = await fresh('GET', '/me');
    expect([late.status, late.body]).toEqual([401, { error: { status: 401, message: 'The access token expired' } }]);
  });

  const NEEDED: [method: string, path: string, scope: string][] = [
    ['GET', '/me/player/recently-played', 'user-read-recently-played'],
    ['GET', '/me/player/currently-playing', 'user-read-currently-playing'],
    ['GET', '/me/top/tracks', 'user-top-read'],
    ['GET', '/me/tracks', 'user-library-read'],
    ['GET', '/me/playlists', 'playlist-read-private'],
    ['GET', '/playlists/3yj9YnQGTdnFuKbDyXGDi6/items', 'playlist-read-private'],
    ['POST', '/me/playlists', 'playlist-modify-public'],
    ['POST', '/playlists/3yj9YnQGTdnFuKbDyXGDi6/items', 'playlist-modify-public'],
    ['PUT', '/playlists/3yj9YnQGTdnFuKbDyXGDi6', 'playlist-modify-private'],
    ['PUT', '/me/library?uris=spotify:track:6FsQrRpBLgsrFeAeiQqytm', 'user-library-modify'],
    ['GET', '/me/library/contains?uris=spotify:track:6FsQrRpBLgsrFeAeiQqytm', 'user-library-read'],
  ];
  it.each(NEEDED)('%s %s needs %s', async (method, path, scope) => {
    const body = method === 'GET' ? undefined : { name: 'x', uris: [] };
    const poor = await signedIn({
      scope: ALL_SCOPES.replaceAll(
        new RegExp(`${scope.replace(/(public|private)$/, '(public|private)')}|user-read-playback-state`, 'g'),
        '',
      ).trim(),
    });
    const refused = await poor(method, path, body);
    expect([refused.status, refused.body]).toEqual([
      403,
      { error: { status: 403, message: 'Insufficient client scope' } },
    ]);
    const enough = await signedIn({ scope });
    expect((await enough(method, path, body)).status).toBeLessThan(300);
  });

  it('answers 401 "Permissions missing" where the setting says so', async () => {
    simulator.change({ missingScope: 401 });
    const refused = await (await signedIn({ scope: 'user-top-read' }))('GET', '/me/tracks');
    expect(refused.body).toEqual({ error: { status: 401, message: 'Permissions missing' } });
  });

  it('needs the private scope to make a private playlist', async () => {
    const only = await signedIn({ scope: 'playlist-modify-public' });
    expect((await only('POST', '/me/playlists', { name: 'x', public: false })).status).toBe(403);
  });
});

describe('Development Mode', () => {
  it('answers plain text when the owner of the app has no Premium', async () => {
    const developer = simulator.state.developers['demo-developer']!;
    developer.premium = false;
    const refused = await call('GET', '/me');
    developer.premium = true;
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toContain('text/plain');
    expect(refused.text).toMatch(/^Active premium subscription required for the owner of the app\./);
    expect(refused.text).toHaveLength(159);
    expect((await call('GET', '/me')).status).toBe(200);
  });

  it('answers plain text to a listener who is not on the list, whose login succeeds', async () => {
    const stranger = await signedIn({ listener: 'wxgl-radio' });
    const refused = await stranger('GET', '/me');
    expect([refused.status, refused.text]).toEqual([403, 'User not registered in the Developer Dashboard']);
  });

  it.each([
    ['GET', '/tracks?ids=6FsQrRpBLgsrFeAeiQqytm'],
    ['GET', '/artists?ids=1'],
    ['GET', '/artists/1/top-tracks'],
    ['GET', '/markets'],
    ['GET', '/browse/new-releases'],
    ['GET', '/browse/categories/x'],
    ['GET', '/users/someone'],
    ['POST', '/users/kufx-radio/playlists'],
    ['GET', '/playlists/3yj9YnQGTdnFuKbDyXGDi6/tracks'],
    ['POST', '/playlists/3yj9YnQGTdnFuKbDyXGDi6/tracks'],
    ['PUT', '/playlists/3yj9YnQGTdnFuKbDyXGDi6/followers'],
    ['PUT', '/me/tracks'],
    ['DELETE', '/me/albums'],
    ['GET', '/me/tracks/contains?ids=1'],
    ['PUT', '/me/following'],
    ['GET', '/audio-features?ids=1'],
    ['GET', '/audio-features/1'],
    ['GET', '/audio-analysis/1'],
  ])('answers 403 Forbidden to the removed %s %s', async (method, path) => {
    const refused = await call(method, path);
    expect([refused.status, refused.body]).toEqual([403, { error: { status: 403, message: 'Forbidden' } }]);
  });

  it('answers 404 to recommendations and related artists', async () => {
    expect((await call('GET', '/recommendations?seed_tracks=1')).status).toBe(404);
    expect((await call('GET', '/artists/1/related-artists')).status).toBe(404);
  });

  it('shows foreign playlists without items, refuses their items, and hides those of Spotify', async () => {
    const { body } = await call('GET', '/me/playlists');
    const [foreign, spotifys] = body.items.slice(-2);
    expect(foreign).not.toHaveProperty('items');
    const one = await call('GET', `/playlists/${foreign.id}`);
    expect([one.status, 'items' in one.body]).toEqual([200, false]);
    const items = await call('GET', `/playlists/${foreign.id}/items`);
    expect([items.status, items.body]).toEqual([403, { error: { status: 403, message: 'Forbidden' } }]);
    expect((await call('POST', `/playlists/${foreign.id}/items`, { uris: [] })).status).toBe(403);
    expect((await call('PUT', `/playlists/${foreign.id}`, { name: 'mine now' })).status).toBe(403);
    expect(spotifys.owner.id).toBe('spotify');
    expect((await call('GET', `/playlists/${spotifys.id}`)).status).toBe(404);
    expect((await call('GET', `/playlists/${spotifys.id}/items`)).status).toBe(404);
  });

  it('strips fields that Extended mode shows', async () => {
    const extended = registerApp(simulator.state, { mode: 'extended', allowList: [], developerId: 'big' });
    const scope = `${ALL_SCOPES} user-read-private user-read-email`;
    const rich = await signedIn({ client_id: extended.clientId, scope });
    const plain = await signedIn({ scope });
    const album = '6FsQrRpBLgsrFeAeiQqytm';
    const keys = async (
      path: string,
      pick = (body: { items: object[] }): object => body,
    ): Promise<[string[], string[]]> => {
      const [few, many] = [await plain('GET', path), await rich('GET', path)].map((one) =>
        Object.keys(pick(one.body)).sort(),
      );
      return [few!, many!.filter((key) => !few!.includes(key))];
    };
    expect(await keys('/me')).toEqual([
      ['account_id', 'display_name', 'external_urls', 'href', 'id', 'images', 'type', 'uri'],
      ['country', 'email', 'explicit_content', 'followers', 'product'],
    ]);
    expect(await keys('/me/top/artists', (body) => body.items[0]!)).toEqual([
      ['external_urls', 'href', 'id', 'images', 'name', 'type', 'uri'],
      ['followers', 'genres', 'popularity'],
    ]);
    const [track, more] = await keys(`/tracks/${album}`);
    expect(track).toContain('external_ids');
    expect(more).toEqual(['available_markets', 'popularity']);
    const { body } = await plain('GET', `/tracks/${album}`);
    expect((await keys(`/albums/${body.album.id}`))[1]).toEqual(['available_markets', 'label', 'popularity']);
    expect((await rich('GET', '/playlists/6jAPdgY9XmxC9cgkXAVmVv/items')).status).toBe(200);
  });
});

describe('limits', () => {
  it('answers a short 429 above the calls of a 30-second window, and counts only what it let through', async () => {
    simulator.change({ rateLimit: { calls: 3, windowMs: 30_000 } });
    simulator.clock.advance(60_000);
    for (let i = 0; i < 3; i++) {
      expect((await call('GET', '/me')).status).toBe(200);
      simulator.clock.advance(9_000);
    }
    const refused = await call('GET', '/me');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
    expect(refused.body).toEqual({ error: { status: 429, message: 'API rate limit exceeded' } });
    simulator.clock.advance(3_000);
    expect((await call('GET', '/me')).status).toBe(200);
  });

  it('can say so in plain text and without Retry-After', async () => {
    simulator.change({ rateLimit: { calls: 1, windowMs: 30_000 }, rateLimitBody: 'plain-text', retryAfter: 'missing' });
    simulator.clock.advance(60_000);
    await call('GET', '/me');
    const refused = await call('GET', '/me');
    expect([refused.status, refused.text, refused.headers.get('retry-after')]).toEqual([
      429,
      'Too many requests',
      null,
    ]);
  });

  it("shares the day's quota among a developer's client ids, in a rolling window", async () => {
    const developerId = 'collector';
    const allowList = ['kufx-radio'];
    const ids = [0, 1].map(() => registerApp(simulator.state, { developerId, allowList }).clientId);
    const hour = 3_600_000;
    const use = async (index: number) => (await signedIn({ client_id: ids[index]! }))('GET', '/me');
    simulator.change({ quota: { calls: 2, windowMs: 24 * hour } });
    expect((await use(0)).status).toBe(200);
    simulator.clock.advance(10 * hour);
    expect((await use(1)).status).toBe(200);
    const refused = await use(0);
    expect(refused.body).toEqual({ error: { status: 429, message: 'Too many requests', reason: 'QUOTA_EXCEEDED' } });
    expect(refused.headers.get('retry-after')).toBe(String(14 * 3600));
    simulator.clock.advance(14 * hour);
    expect((await use(1)).status).toBe(200);
    expect((await use(0)).status).toBe(429);
  });

  it('never counts the token endpoint', async () => {
    simulator.change({ rateLimit: { calls: 1, windowMs: 30_000 } });
    simulator.clock.advance(60_000);
    for (let i = 0; i < 3; i++) expect((await connect(simulator)).access_token).toMatch(/^BQ/);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordingKey } from '../../src/music/track.ts';
import { checkWire } from './check-wire.ts';
import { type caller, startConnected, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  ({ simulator, call } = await startConnected({ settings: { rateLimit: null } }));
});
afterAll(() => simulator.stop());
afterEach(() => {
  checkWire(simulator);
  simulator.faults.clear();
});

describe('the catalogue', () => {
  it('holds the tracks of both tables once, with artists, album, length and mostly an ISRC', () => {
    const { tracks } = simulator.world.catalogue;
    expect(tracks.size).toBe(28_352 + 17_910 - 3369);
    const all = [...tracks.values()];
    expect(all.every((track) => track.durationMs > 0 && track.artists.length > 0)).toBe(true);
    expect(all.filter((track) => track.isrc === undefined).length).toBeLessThan(tracks.size / 40);
    expect(all.every((track) => track.isrc === undefined || /^ZZ[0-9A-Z]{3}\d{7}$/.test(track.isrc))).toBe(true);
  });

  it('gives editions of one recording one ISRC, and never one to two recordings', () => {
    const byIsrc = Map.groupBy(simulator.world.catalogue.tracks.values(), (track) => track.isrc);
    byIsrc.delete(undefined);
    const shared = [...byIsrc.values()].filter((tracks) => tracks.length > 1);
    expect(shared.length).toBeGreaterThan(1000);
    const mixed = shared.filter(
      (tracks) => new Set(tracks.map((track) => recordingKey(track.title, track.artists[0]!.name))).size > 1,
    );
    // A track of both tables has its title from one and may share its ISRC under the other's spelling.
    expect(mixed.length).toBeLessThan(10);
  });

  it('answers tracks, albums with simplified tracks, and artists with exactly the keys of Development Mode', async () => {
    const id = '6FsQrRpBLgsrFeAeiQqytm';
    const track = (await call('GET', `/tracks/${id}`)).body;
    const album = (await call('GET', `/albums/${track.album.id}`)).body;
    const listed = album.tracks.items.find((one: { id: string }) => one.id === id);
    expect(Object.keys(listed)).not.toContain('external_ids');
    expect(Object.keys(listed)).not.toContain('album');
    expect(album).toMatchObject({ genres: [], external_ids: { upc: expect.stringMatching(/^\d{13}$/) } });
    const paged = (await call('GET', `/albums/${album.id}/tracks?limit=1`)).body;
    expect(paged.total).toBe(album.total_tracks);
    const artist = (await call('GET', `/artists/${track.artists[0].id}`)).body;
    expect(Object.keys(artist).sort()).toEqual(['external_urls', 'href', 'id', 'images', 'name', 'type', 'uri']);
    expect((await call('GET', `/artists/${artist.id}/albums`)).body).toMatchObject({ limit: 5 });
    expect((await call('GET', `/artists/${artist.id}/albums?limit=11`)).status).toBe(400);
  });

  it('answers 404 to unknown ids and 400 to what is no id', async () => {
    expect((await call('GET', '/tracks/0000000000000000000000')).status).toBe(404);
    expect((await call('GET', '/tracks/xyz')).status).toBe(400);
    expect((await call('GET', '/nothing/here')).status).toBe(404);
  });
});

describe('search', () => {
  const search = (query: Record<string, string>) => call('GET', `/search?${new URLSearchParams(query)}`);

  it('finds a track by title and artist', async () => {
    const { tracks } = (await search({ q: 'track:White Room artist:Cream', type: 'track' })).body;
    expect(tracks.items[0]).toMatchObject({ name: 'White Room', artists: [{ name: 'Cream' }] });
    expect(tracks.limit).toBe(5);
    const quoted = (await search({ q: 'track:"white room" artist:"cream"', type: 'track' })).body.tracks;
    expect(quoted.total).toBe(tracks.total);
  });

  it('finds every edition by ISRC', async () => {
    const groups = Map.groupBy(simulator.world.catalogue.tracks.values(), (track) => track.isrc);
    groups.delete(undefined);
    const [isrc, editions] = [...groups].find(([, tracks]) => tracks.length === 3)!;
    const { tracks } = (await search({ q: `isrc:${isrc}`, type: 'track', limit: '10' })).body;
    const found = tracks.items.map((track: { id: string }) => track.id).sort();
    expect(found).toEqual(editions.map((track) => track.id).sort());
    expect((await search({ q: 'isrc:GBXYZ2400017', type: 'track' })).body.tracks).toMatchObject({
      items: [],
      total: 0,
      next: null,
    });
  });

  it('takes limits of 0 to 10 and offsets up to 1000', async () => {
    const ask = async (extra: Record<string, string>) => (await search({ q: 'love', type: 'track', ...extra })).status;
    expect(await ask({ limit: '0' })).toBe(200);
    expect(await ask({ limit: '10', offset: '1000' })).toBe(200);
    expect(await ask({ limit: '11' })).toBe(400);
    expect(await ask({ offset: '1001' })).toBe(400);
  });

  it('answers one page per type, and needs words and a type', async () => {
    const { body } = await search({ q: 'boston', type: 'track,artist,album,playlist,show' });
    expect(Object.keys(body).sort()).toEqual(['albums', 'artists', 'playlists', 'shows', 'tracks']);
    expect(body.artists.items[0].name).toBe('Boston');
    expect((await search({ q: ' ', type: 'track' })).status).toBe(400);
    expect((await search({ q: 'x' })).status).toBe(400);
    expect((await search({ q: 'x', type: 'song' })).status).toBe(400);
  });
});

describe('the library', () => {
  const ids = () => [...simulator.world.catalogue.tracks.keys()];

  it('lists liked songs under the key track, newest first', async () => {
    const { body } = await call('GET', '/me/tracks?limit=50');
    expect(body.total).toBe(120);
    const added = body.items.map((row: { added_at: string }) => row.added_at);
    expect(added).toEqual([...added].sort().reverse());
    expect(body.items[0].track.uri).toMatch(/^spotify:track:/);
    expect((await call('GET', '/me/tracks?limit=51')).status).toBe(400);
  });

  it('saves, asks and removes by uris in the query, with empty answers', async () => {
    const [one, two] = ids()
      .slice(-2)
      .map((id) => `spotify:track:${id}`);
    const query = `uris=${encodeURIComponent(`${one},${two}`)}`;
    const saved = await call('PUT', `/me/library?${query}`);
    expect([saved.status, saved.text]).toEqual([200, '']);
    expect((await call('GET', `/me/library/contains?${query}`)).body).toEqual([true, true]);
    await call('DELETE', `/me/library?uris=${one}`);
    expect((await call('GET', `/me/library/contains?${query}`)).body).toEqual([false, true]);
  });

  it('refuses uris in a body, more than 40, and what is no URI', async () => {
    const refused = await call('PUT', '/me/library', { uris: [`spotify:track:${ids()[0]}`] });
    expect(refused.body).toEqual({ error: { status: 400, message: 'Missing required field: uris' } });
    const many = ids()
      .slice(0, 41)
      .map((id) => `spotify:track:${id}`)
      .join(',');
    expect((await call('PUT', `/me/library?uris=${many}`)).status).toBe(400);
    expect((await call('DELETE', `/me/library?uris=${many}`)).status).toBe(400);
    expect((await call('GET', `/me/library/contains?uris=${many}`)).status).toBe(400);
    expect((await call('PUT', '/me/library?uris=xyz')).status).toBe(400);
  });

  it('takes a playlist off the list and follows it again, while its address goes on working', async () => {
    const { id } = (await call('POST', '/me/playlists', { name: 'Short-lived' })).body;
    const listed = async () =>
      (await call('GET', '/me/playlists')).body.items.some((one: { id: string }) => one.id === id);
    await call('DELETE', `/me/library?uris=spotify:playlist:${id}`);
    expect(await listed()).toBe(false);
    expect((await call('GET', `/playlists/${id}`)).status).toBe(200);
    await call('PUT', `/me/library?uris=spotify:playlist:${id}`);
    expect(await listed()).toBe(true);
  });
});

describe('ReccoBeats', () => {
  const features = async (ids: string[], headers: Record<string, string> = {}) => {
    const response = await fetch(`${simulator.reccobeatsUrl}/v1/audio-features?ids=${ids}`, { headers });
    return { response, rows: response.ok ? ((await response.json()) as { content: { href: string }[] }).content : [] };
  };

  it('gives features by href, in another order, without those it does not know', async () => {
    const ids = [...simulator.world.catalogue.tracks.keys()].slice(0, 40);
    const { rows } = await features(ids);
    const answered = rows.map((row) => row.href.replace('https://open.spotify.com/track/', ''));
    expect(answered.length).toBeGreaterThan(20);
    expect(answered.length).toBeLessThan(40);
    expect(answered.every((id) => ids.includes(id))).toBe(true);
    expect(answered).not.toEqual(ids.filter((id) => answered.includes(id)));
    const all = (await simulator.world.audioFeatures!()).get(answered[0]!)!;
    expect(rows[0]).toMatchObject({ ...all, id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) });
    expect((await features(['0000000000000000000000'])).rows).toEqual([]);
  });

  it('refuses unnamed programs, more than 40 ids, and too many calls', async () => {
    expect((await features(['1'], { 'user-agent': 'Python-urllib/3.11' })).response.status).toBe(403);
    expect((await features(Array.from({ length: 41 }, () => '1'))).response.status).toBe(400);
    simulator.change({ reccobeatsLimit: { calls: 1, windowMs: 60_000 } });
    simulator.clock.advance(120_000);
    expect((await features(['1'])).response.status).toBe(200);
    const { response } = await features(['1']);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
  });
});

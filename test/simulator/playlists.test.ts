import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import type { WirePlaylist } from '../../src/spotify/wire.ts';
import { checkWire } from './check-wire.ts';
import { caller, connect, START, startConnected, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;
let uris: string[];

beforeAll(async () => {
  ({ simulator, call } = await startConnected());
  uris = [...simulator.world.catalogue.tracks.keys()].slice(0, 250).map((id) => `spotify:track:${id}`);
});
afterAll(() => simulator.stop());
afterEach(() => {
  checkWire(simulator);
  simulator.change({ ...DEFAULT_SETTINGS, consent: 'approve', rateLimit: null });
  simulator.state.relinks = {};
  simulator.state.unplayable = [];
  simulator.clock.set(START);
});

async function create(body: object = {}): Promise<WirePlaylist> {
  return (await call('POST', '/me/playlists', { name: 'Weekly finds', ...body })).body;
}

async function urisOf(id: string, query = ''): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  let next: string | null = `/playlists/${id}/items?limit=50${query}`;
  while (next) {
    const { body }: { body: { items: { item: { uri: string } | null }[]; next: string | null } } = await call(
      'GET',
      next,
    );
    found.push(...body.items.map((row) => row.item?.uri ?? null));
    next = body.next;
  }
  return found;
}

const snapshotOf = async (id: string): Promise<string> =>
  (await call('GET', `/playlists/${id}?fields=snapshot_id`)).body.snapshot_id;

describe('creating and describing', () => {
  it('makes a playlist: 201, empty items, public whatever was asked', async () => {
    const { status, body } = await call('POST', '/me/playlists', {
      name: 'Mine',
      public: false,
      description: 'One line',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'Mine',
      description: 'One line',
      public: true,
      images: [],
      owner: { id: 'kufx-radio' },
      items: { items: [], total: 0 },
    });
    const first = (await call('GET', '/me/playlists?limit=1')).body.items[0];
    expect(first).toMatchObject({ id: body.id, items: { total: 0 } });
    expect(first.items).not.toHaveProperty('items');
  });

  it('respects public: false where that is switched', async () => {
    simulator.change({ publicFlag: 'honoured' });
    expect((await create({ public: false })).public).toBe(false);
  });

  it('makes another playlist of the same name each time', async () => {
    const [one, two] = [await create(), await create()];
    expect(one.id).not.toBe(two.id);
    expect(one.name).toBe(two.name);
  });

  it('refuses nameless and public collaborative playlists and bodies that are no JSON', async () => {
    expect((await call('POST', '/me/playlists', {})).body.error.message).toBe('Missing required field: name');
    expect((await call('POST', '/me/playlists', { name: 'x', collaborative: true })).status).toBe(400);
    expect((await call('POST', '/me/playlists', '{"name":')).status).toBe(400);
  });

  it('changes details with 200 and an empty body, and ignores an empty description', async () => {
    const { id, snapshot_id } = await create({ description: 'Before' });
    const { status, text } = await call('PUT', `/playlists/${id}`, { name: 'After', description: '', public: false });
    expect([status, text]).toEqual([200, '']);
    const { body } = await call('GET', `/playlists/${id}`);
    expect(body).toMatchObject({ name: 'After', description: 'Before', public: true });
    expect(body.snapshot_id).not.toBe(snapshot_id);
    expect((await call('PUT', `/playlists/${id}`, { description: 'two\nlines' })).status).toBe(400);
  });

  it('answers 404 to ids nobody has', async () => {
    expect((await call('GET', '/playlists/0000000000000000000000')).body).toEqual({
      error: { status: 404, message: 'Resource not found' },
    });
  });
});

describe('items', () => {
  it('appends with 201, inserts at a position, and adds what is there again', async () => {
    const { id } = await create();
    const first = await call('POST', `/playlists/${id}/items`, { uris: uris.slice(0, 100) });
    expect(first.status).toBe(201);
    await call('POST', `/playlists/${id}/items`, { uris: uris.slice(100, 150) });
    await call('POST', `/playlists/${id}/items`, { uris: [uris[5]], position: 1 });
    expect(await urisOf(id)).toEqual([uris[0], uris[5], ...uris.slice(1, 150)]);
  });

  it('takes at most 100 URIs, only track and episode URIs, and pages of at most 50', async () => {
    const { id } = await create();
    expect((await call('POST', `/playlists/${id}/items`, { uris: uris.slice(0, 101) })).status).toBe(400);
    expect((await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(0, 101) })).status).toBe(400);
    const many = { items: uris.slice(0, 101).map((uri) => ({ uri })) };
    expect((await call('DELETE', `/playlists/${id}/items`, many)).status).toBe(400);
    expect((await call('POST', `/playlists/${id}/items`, { uris: ['spotify:local:a:b:c:1'] })).status).toBe(400);
    expect((await call('POST', `/playlists/${id}/items`, { uris: [uris[0]], position: 1 })).status).toBe(400);
    expect((await call('GET', `/playlists/${id}/items?limit=51`)).status).toBe(400);
    expect(await urisOf(id)).toEqual([]);
  });

  it('replaces everything with PUT, in 200, and clears with an empty list', async () => {
    const { id } = await create();
    await call('POST', `/playlists/${id}/items`, { uris: uris.slice(0, 80) });
    const put = await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(80, 90) });
    expect(put.status).toBe(200);
    expect(await urisOf(id)).toEqual(uris.slice(80, 90));
    await call('PUT', `/playlists/${id}/items`, { uris: [] });
    expect(await urisOf(id)).toEqual([]);
    expect((await call('PUT', `/playlists/${id}/items`, {})).status).toBe(400);
  });

  it('moves a range, and refuses to move and replace at once', async () => {
    const { id } = await create();
    await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(0, 5) });
    const move = { range_start: 1, range_length: 2, insert_before: 5 };
    expect((await call('PUT', `/playlists/${id}/items`, move)).status).toBe(200);
    expect(await urisOf(id)).toEqual([0, 3, 4, 1, 2].map((index) => uris[index]));
    await call('PUT', `/playlists/${id}/items`, { range_start: 4, insert_before: 0 });
    expect(await urisOf(id)).toEqual([2, 0, 3, 4, 1].map((index) => uris[index]));
    expect((await call('PUT', `/playlists/${id}/items`, { ...move, uris: [] })).status).toBe(400);
    expect((await call('PUT', `/playlists/${id}/items`, { range_start: 5, insert_before: 0 })).status).toBe(400);
  });

  it('removes every occurrence of a URI', async () => {
    const { id } = await create();
    await call('PUT', `/playlists/${id}/items`, { uris: [uris[0], uris[1], uris[0], uris[2]] });
    const { status } = await call('DELETE', `/playlists/${id}/items`, { items: [{ uri: uris[0] }] });
    expect(status).toBe(200);
    expect(await urisOf(id)).toEqual([uris[1], uris[2]]);
  });

  it('changes the snapshot with every write, and with an edit of the owner in between', async () => {
    const { id, snapshot_id } = await create();
    const seen = [snapshot_id];
    seen.push((await call('POST', `/playlists/${id}/items`, { uris: [uris[0]] })).body.snapshot_id);
    seen.push((await call('PUT', `/playlists/${id}/items`, { uris: [uris[0]] })).body.snapshot_id);
    seen.push((await call('DELETE', `/playlists/${id}/items`, { items: [{ uri: uris[9] }] })).body.snapshot_id);
    expect(await snapshotOf(id)).toBe(seen.at(-1));
    simulator.editPlaylist(id, [uris[3]!, null]);
    seen.push(await snapshotOf(id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(await urisOf(id)).toEqual([uris[3], null]);
    // An old snapshot is no lock: the write goes through.
    const stale = { items: [{ uri: uris[3] }], snapshot_id: seen[0] };
    expect((await call('DELETE', `/playlists/${id}/items`, stale)).status).toBe(200);
  });

  it('shows files, vanished tracks and episodes as Spotify does', async () => {
    const { body } = await call('GET', '/me/playlists?limit=50');
    const odd = body.items.find((one: WirePlaylist) => one.name === 'Hard Rock Cafe Classics').id;
    const { items, total } = (await call('GET', `/playlists/${odd}/items?limit=50&offset=50`)).body;
    const [file, vanished, episode] = items.slice(-3);
    expect(total).toBe(76);
    expect(file).toMatchObject({
      is_local: true,
      item: { id: null, uri: 'spotify:local:Some+Band::Demo+tape:127', name: 'Demo tape' },
    });
    expect([vanished.item, episode.item]).toEqual([null, null]);
    const asked = (await call('GET', `/playlists/${odd}/items?limit=1&offset=75&additional_types=track,episode`)).body;
    expect(asked.items[0].item).toMatchObject({ type: 'episode', show: expect.any(Object) });
  });

  it('keeps a URI that does not exist as a null item, or refuses the call where that is switched', async () => {
    const { id } = await create();
    const dead = 'spotify:track:0000000000000000000000';
    expect((await call('POST', `/playlists/${id}/items`, { uris: [uris[0], dead] })).status).toBe(201);
    expect(await urisOf(id)).toEqual([uris[0], null]);
    simulator.change({ deadUris: 'refused' });
    expect((await call('POST', `/playlists/${id}/items`, { uris: [uris[1], dead] })).status).toBe(400);
    expect(await urisOf(id)).toHaveLength(2);
  });

  it('can use the names of before February 2026, or both', async () => {
    const { id } = await create();
    await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(0, 1) });
    simulator.change({ playlistKeys: 'tracks' });
    const old = (await call('GET', `/playlists/${id}`)).body;
    expect([old.items, old.tracks.items[0].track.uri]).toEqual([undefined, uris[0]]);
    simulator.change({ playlistKeys: 'both' });
    const both = (await call('GET', `/playlists/${id}/items`)).body.items[0];
    expect(both.item).toEqual(both.track);
  });

  it('shows only the fields that are asked for', async () => {
    const { id } = await create();
    await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(0, 2) });
    const one = (await call('GET', `/playlists/${id}?fields=name,items(total,items(item(uri))),owner.id`)).body;
    const items = { items: uris.slice(0, 2).map((uri) => ({ item: { uri } })), total: 2 };
    expect(one).toEqual({ items, name: 'Weekly finds', owner: { id: 'kufx-radio' } });
    const page = (await call('GET', `/playlists/${id}/items?fields=items.item.uri,total`)).body;
    expect(page).toEqual({ items: uris.slice(0, 2).map((uri) => ({ item: { uri } })), total: 2 });
    expect((await call('GET', `/playlists/${id}?fields=!items`)).body).not.toHaveProperty('items');
    for (const odd of ['(', 'a(', 'a..b', ')),', '!']) {
      expect((await call('GET', `/playlists/${id}?fields=${encodeURIComponent(odd)}`)).status).toBe(200);
    }
  });

  it('answers relinked tracks under another id, without linked_from', async () => {
    const { id } = await create();
    const [asked, answered] = [uris[0]!.slice(14), uris[1]!.slice(14)];
    simulator.state.relinks[asked] = answered;
    await call('PUT', `/playlists/${id}/items`, { uris: [uris[0]] });
    const track = (await call('GET', `/tracks/${asked}`)).body;
    expect(track).toMatchObject({ id: answered, is_playable: true });
    expect(track).not.toHaveProperty('linked_from');
    expect(await urisOf(id)).toEqual([uris[1]]);
    // Removing goes by the URI that was put in.
    await call('DELETE', `/playlists/${id}/items`, { items: [{ uri: uris[1] }] });
    expect(await urisOf(id)).toHaveLength(1);
    await call('DELETE', `/playlists/${id}/items`, { items: [{ uri: uris[0] }] });
    expect(await urisOf(id)).toHaveLength(0);
  });

  it('marks tracks that cannot be played', async () => {
    const id = uris[2]!.slice(14);
    simulator.state.unplayable.push(id);
    expect((await call('GET', `/tracks/${id}`)).body).toMatchObject({
      is_playable: false,
      restrictions: { reason: 'market' },
    });
  });
});

describe('covers', () => {
  const jpeg = (bytes: number) =>
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes)]).toString('base64');
  const put = (id: string, body: string, type = 'image/jpeg') =>
    call('PUT', `/playlists/${id}/images`, body, { 'content-type': type });

  it('takes a JPEG in base64 with 202 and shows it a little later', async () => {
    const { id } = await create();
    await call('PUT', `/playlists/${id}/items`, { uris: uris.slice(0, 4) });
    const before = (await call('GET', `/playlists/${id}/images`)).body;
    const { status, text } = await put(id, jpeg(2000));
    expect([status, text]).toEqual([202, '']);
    expect((await call('GET', `/playlists/${id}/images`)).body).toEqual(before);
    simulator.clock.advance(5000);
    const [cover] = (await call('GET', `/playlists/${id}/images`)).body;
    const bytes = await (await fetch(cover.url)).arrayBuffer();
    expect(Buffer.from(bytes).toString('base64')).toBe(jpeg(2000));
    expect((await fetch(before[0].url)).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('answers 413 to payloads above 256 KB: 188 KB of JPEG pass, 195 KB do not', async () => {
    const { id } = await create();
    expect((await put(id, jpeg(188 * 1024))).status).toBe(202);
    expect((await put(id, jpeg(195 * 1024))).status).toBe(413);
  });

  it('answers 400 to a newline, a data URI, other content and other types', async () => {
    const { id } = await create();
    const good = jpeg(30);
    for (const body of [
      `${good}\n`,
      `data:image/jpeg;base64,${good}`,
      '<svg/>',
      Buffer.from('GIF89a').toString('base64'),
    ]) {
      expect((await put(id, body)).status).toBe(400);
    }
    expect((await put(id, good, 'text/plain')).status).toBe(400);
  });

  it('answers 401 without the upload scope', async () => {
    const { id } = await create();
    const poor = caller(simulator, (await connect(simulator, { scope: 'playlist-modify-public' })).access_token);
    const refused = await poor('PUT', `/playlists/${id}/images`, jpeg(10), { 'content-type': 'image/jpeg' });
    expect(refused.body).toEqual({ error: { status: 401, message: 'Unauthorized.' } });
  });

  it('has a limit of its own', async () => {
    simulator.change({ imageLimit: { calls: 1, windowMs: 30_000 } });
    simulator.clock.advance(60_000);
    const { id } = await create();
    expect((await put(id, jpeg(10))).status).toBe(202);
    expect((await put(id, jpeg(10))).status).toBe(429);
    expect((await call('GET', '/me')).status).toBe(200);
  });
});

import { expect, it } from 'vitest';
import { markUnplayable, saveAliases } from '../../src/store/track-availability.ts';
import { findTracks, saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const id = (letter: string) => letter.repeat(22);
const fromExport = { id: id('a'), title: 'Blue Monday', artists: ['New Order'], album: 'Substance' };
const fromApi = {
  id: id('a'),
  title: 'Blue Monday',
  artists: ['New Order', 'Arthur Baker'],
  credits: [
    { id: 'artist1', name: 'New Order' },
    { id: 'artist2', name: 'Arthur Baker' },
  ],
  album: 'Substance',
  albumId: 'album1',
  releaseDate: '1987-08',
  durationMs: 448_000,
  isrc: 'GBAAP0000001',
  explicit: false,
  isPlayable: true,
};

const count = async (store: TestStore, name: 'artist' | 'album') =>
  (
    await store.db
      .selectFrom(name)
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n;

describeEachStore('tracks', (open) => {
  it('enriches what an export said with what the Web API says, and not the other way round', async () => {
    await using store = await open();
    expect(await saveTracks(store.db, [fromExport])).toEqual({ added: 1, changed: 0 });
    expect(await saveTracks(store.db, [fromExport])).toEqual({ added: 0, changed: 0 });
    expect(await saveTracks(store.db, [fromApi])).toEqual({ added: 0, changed: 1 });
    expect(await saveTracks(store.db, [fromApi, fromExport])).toEqual({ added: 0, changed: 0 });
    expect((await findTracks(store.db, [id('a')])).get(id('a'))).toEqual({
      id: id('a'),
      title: 'Blue Monday',
      artists: ['New Order', 'Arthur Baker'],
      album: 'Substance',
      durationMs: 448_000,
      isrc: 'GBAAP0000001',
      recordingKey: 'new order|blue monday',
      explicit: false,
      isPlayable: true,
    });
  });

  it('gives the artist and album known by name the ids once they are known, for all their tracks', async () => {
    await using store = await open();
    await saveTracks(store.db, [fromExport, { ...fromExport, id: id('b'), title: 'True Faith' }]);
    await saveTracks(store.db, [fromApi]);
    await saveTracks(store.db, [{ ...fromExport, id: id('c'), title: 'Ceremony' }]);
    expect(await store.db.selectFrom('artist').select(['name', 'spotify_artist_id']).orderBy('name').execute()).toEqual(
      [
        { name: 'Arthur Baker', spotify_artist_id: 'artist2' },
        { name: 'New Order', spotify_artist_id: 'artist1' },
      ],
    );
    expect(
      await store.db.selectFrom('album').select(['spotify_album_id', 'release_date', 'release_precision']).execute(),
    ).toEqual([{ spotify_album_id: 'album1', release_date: '1987-08-01', release_precision: 'month' }]);
  });

  it('keeps namesakes apart where their ids say so, and names without letters by their signs', async () => {
    await using store = await open();
    const nirvana = (letter: string, artist: string) => ({
      id: id(letter),
      title: 'Song',
      artists: ['Nirvana'],
      credits: [{ id: artist, name: 'Nirvana' }],
    });
    await saveTracks(store.db, [nirvana('a', 'us'), nirvana('b', 'uk')]);
    await saveTracks(store.db, [
      { id: id('c'), title: 'Heart of Hearts', artists: ['!!!'] },
      { id: id('d'), title: '20/20', artists: ['???'] },
    ]);
    expect(await count(store, 'artist')).toBe(4);
  });

  it('takes a batch that names one track several times', async () => {
    await using store = await open();
    expect(await saveTracks(store.db, [fromExport, fromApi, fromExport])).toEqual({ added: 1, changed: 0 });
    expect(await count(store, 'artist')).toBe(2);
    expect(await count(store, 'album')).toBe(1);
  });

  it('stores text that the database cannot hold as near as it can', async () => {
    await using store = await open();
    await saveTracks(store.db, [{ id: id('a'), title: 'nul \0 half \ud800 path \\u0000', artists: ['x'] }]);
    const found = await findTracks(store.db, [id('a')]);
    expect(found.get(id('a'))!.title).toBe('nul \ufffd half \ufffd path \\u0000');
  });

  it('takes names longer than an index entry may be', async () => {
    await using store = await open();
    const long = Array.from({ length: 3_000 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join('');
    await saveTracks(store.db, [{ id: id('a'), title: long, artists: [long], album: long }]);
    expect((await findTracks(store.db, [id('a')])).get(id('a'))).toMatchObject({ title: long, artists: [long] });
  });

  it('finds a track by the id it had before', async () => {
    await using store = await open();
    await saveTracks(store.db, [fromApi]);
    await saveAliases(store.db, [{ aliasId: id('z'), trackId: id('a'), reason: 'relinked' }], new Date());
    await markUnplayable(store.db, [id('a')]);
    const found = await findTracks(store.db, [id('z'), id('q')]);
    expect([...found.keys()]).toEqual([id('z')]);
    expect(found.get(id('z'))).toMatchObject({ id: id('a'), isPlayable: false });
  });
});

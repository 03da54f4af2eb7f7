import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import { outcomeLessons } from '../../src/recommend/outcome-lessons.ts';
import { disconnectAccount } from '../../src/store/accounts.ts';
import { saveApiLikes, saveApiPlaylistItems, saveApiPlaylists } from '../../src/store/api-library.ts';
import { saveEdition } from '../../src/store/editions.ts';
import { saveExportPlaylist } from '../../src/store/export-library.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { readOutcomes } from '../../src/store/outcomes.ts';
import { saveApiPlays } from '../../src/store/plays.ts';
import { savePublication } from '../../src/store/publications.ts';
import { jsonText } from '../../src/store/rows.ts';
import { saveAliases } from '../../src/store/track-availability.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { measureOutcomes } from '../../src/tasks/measure-outcomes.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const PLAYLIST = 'p'.repeat(22);
const DAY = 86_400_000;
const PUBLISHED = new Date('2026-11-23T06:00:00Z');
const later = (days: number) => new Date(PUBLISHED.getTime() + days * DAY);
const id = (name: string) => name.padEnd(22, '0');
const LENGTH = 200_000;

describeEachStore('measure-outcomes', (openStore) => {
  let store: TestStore;
  let me: number;
  let clock: ManualClock;

  beforeEach(async () => {
    store = await openStore();
    me = await ensureListener(store.db, 'me');
    clock = new ManualClock(later(10));
    const names = ['kept', 'skip', 'left', 'like', 'list', 'seed', 'gone', 'last'];
    await saveTracks(
      store.db,
      names.map((name) => ({ id: id(name), title: name, artists: ['Artist'], durationMs: LENGTH, isrc: `IS${name}` })),
    );
  });

  const context = () => ({
    runKey: 'run-1',
    attempt: 1,
    signal: new AbortController().signal,
    log: silentLog,
    progress: noProgress,
    clock,
    random: seededRandom(1),
  });
  const measure = async () =>
    (await measureOutcomes({ store, listenerId: me }).run(null, context())) as never as Output;
  interface Output {
    readonly [name: string]: unknown;
    readonly outcomes: Record<string, number>;
    readonly recommenders: Record<string, Record<string, number>>;
  }
  async function publish(names: readonly string[], at = PUBLISHED, listenerId = me): Promise<number> {
    const editionId = await saveEdition(store.db, {
      listenerId,
      runKey: `run of ${listenerId} at ${at.toISOString()}`,
      recipe: 'weekly',
      title: 'Weekly',
      modelId: null,
      blendId: null,
      settings: {},
      createdAt: at,
      seeds: [],
      items: names.map((name, position) => ({
        trackId: name.startsWith('name:') ? name : id(name),
        recommender: 'blend',
        seedTrackId: null,
        similarity: null,
        score: 1 - position / 10,
        reason: 'A test wants it.',
        facts: position === 0 ? { shares: { ease: 0.75, popular: 0.25 } } : {},
      })),
      rejected: [],
    });
    await savePublication(store.db, {
      editionId,
      listenerId,
      playlistId: PLAYLIST,
      mode: 'in-place',
      name: 'Segue Weekly',
      items: names.length,
      snapshot: null,
      publishedAt: at,
      verifiedAt: at,
    });
    return editionId;
  }
  const polled = (name: string, days: number, contextUri: string | null = null) =>
    saveApiPlays(store.db, me, [{ trackId: id(name), endedAt: later(days), contextUri }], {
      fetchedAt: later(days),
      pageIsFull: false,
    });
  const exported = (name: string, days: number, msPlayed: number, more: { private_session?: boolean } = {}) =>
    store.db
      .insertInto('play')
      .values({
        listener_id: me,
        track_id: name.startsWith('name:') ? name : id(name),
        ended_at: later(days),
        ms_played: msPlayed,
        source: 'export',
        reason_end: msPlayed === LENGTH ? 'trackdone' : 'fwdbtn',
        ...more,
      })
      .execute();
  const outcomes = async () =>
    Object.fromEntries((await readOutcomes(store.db, me)).map(({ title, outcome }) => [title, outcome]));

  test('without a published edition there is nothing to measure', async () => {
    expect(await measure()).toEqual({ skipped: expect.stringContaining('segue publish') });
    expect(await readOutcomes(store.db, me)).toEqual([]);
  });

  test('each song has its outcome, with what it was told by', async () => {
    const editionId = await publish(['kept', 'skip', 'left', 'like', 'list', 'name:artist|nowhere'].slice(0, 5));
    await polled('kept', 1, `spotify:playlist:${PLAYLIST}`);
    await polled('kept', 2);
    await exported('skip', 3, 10_000);
    await saveApiLikes(store.db, me, [{ trackId: id('like'), likedAt: later(4) }], [id('like')]);
    const own = { description: null, owned: true, readable: true, itemsTotal: 1, snapshot: 's' };
    await saveApiPlaylists(
      store.db,
      me,
      [
        { ...own, id: 'mine', name: 'Mine' },
        { ...own, id: 'yours', name: 'Yours', owned: false },
        { ...own, id: PLAYLIST, name: 'Segue Weekly' },
      ],
      later(5),
    );
    const put = (playlist: string, name: string, days: number) =>
      saveApiPlaylistItems(store.db, me, playlist, [{ position: 0, trackId: id(name), addedAt: later(days) }], {
        snapshot: 't',
        at: later(days),
      });
    await put('mine', 'list', 5);
    // Neither somebody else's playlist nor the published one is a choice of the listener.
    await put('yours', 'left', 5);
    await put(PLAYLIST, 'left', 0);

    expect(await measure()).toEqual({
      editions: 1,
      songs: 5,
      leftOut: {},
      settled: 0,
      outcomes: { kept: 3, skipped: 1, ignored: 0, open: 1 },
      recommenders: {
        blend: { kept: 2, skipped: 1, ignored: 0, open: 1 },
        ease: { kept: 0.75, skipped: 0, ignored: 0, open: 0 },
        popular: { kept: 0.25, skipped: 0, ignored: 0, open: 0 },
      },
    });
    expect(await outcomes()).toEqual({ kept: 'kept', skip: 'skipped', left: 'open', like: 'kept', list: 'kept' });
    const [kept, skip, , like, list] = await readOutcomes(store.db, me);
    expect(kept).toMatchObject({
      editionId,
      position: 0,
      plays: 2,
      listens: 2,
      heardOut: 2,
      fromPlaylist: 1,
      firstListenedAt: later(1),
      savedAt: null,
      settled: false,
      exportedOutcome: null,
      windowEndsAt: later(28),
      measuredAt: later(10),
      playlistName: 'Segue Weekly',
      artists: ['Artist'],
      facts: { shares: { ease: 0.75, popular: 0.25 } },
    });
    expect(skip).toMatchObject({ plays: 1, listens: 0, firstListenedAt: null });
    expect([like?.savedAt, list?.savedAt]).toEqual([later(4), later(5)]);
  });

  test('measuring again replaces what was measured, and settles it once plays from after the window are known', async () => {
    await publish(['kept', 'left']);
    await measure();
    await polled('kept', 3);
    clock.advance(30 * DAY);
    // Nothing was collected since: the four weeks may hold plays that nobody knows.
    expect(await measure()).toMatchObject({ settled: 0, outcomes: { kept: 1, open: 1 } });
    await polled('seed', 29);
    expect(await measure()).toMatchObject({ settled: 2, outcomes: { kept: 1, ignored: 1 } });
    const measured = await readOutcomes(store.db, me);
    expect(measured.map(({ title, measuredAt }) => [title, measuredAt])).toEqual([
      ['kept', later(40)],
      ['left', later(40)],
    ]);
  });

  test('an export that comes later tells what the Web API did not, and alone what models may learn from', async () => {
    await publish(['kept', 'skip', 'left']);
    await polled('kept', 1);
    await polled('seed', 29);
    clock.advance(30 * DAY);
    expect(await measure()).toMatchObject({ outcomes: { kept: 1, ignored: 2 } });
    await exported('skip', 2, 12_000);
    await exported('left', 27, LENGTH, { private_session: true });
    await exported('seed', 28, LENGTH);
    await measure();
    const told = (await readOutcomes(store.db, me)).map((song) => [song.title, song.outcome, song.exportedOutcome]);
    expect(told).toEqual([
      ['kept', 'kept', 'ignored'],
      ['skip', 'skipped', 'skipped'],
      ['left', 'ignored', 'ignored'],
    ]);
  });

  test('what was measured is what the blend learns from', async () => {
    await publish(['kept', 'left']);
    for (const [position, features] of [{ 'ease: score': 0.5 }, { popularity: 0.25 }].entries())
      await store.db
        .updateTable('edition_item')
        .set({ facts: jsonText({ features }) })
        .where('position', '=', position)
        .execute();
    await polled('kept', 1);
    await polled('seed', 29);
    clock.advance(30 * DAY);
    await measure();
    const songs = await readOutcomes(store.db, me);
    const options = { members: ['ease'], playlists: 400 };
    const { cases } = outcomeLessons(songs, { ...options, trainOnApiContent: true });
    expect(cases).toEqual([
      {
        features: {
          rows: Uint32Array.of(0, 1),
          values: Float64Array.of(0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.25, 0, 0, 0),
        },
        found: [0],
        weight: 4,
      },
    ]);
    expect(outcomeLessons(songs, { ...options, trainOnApiContent: false })).toMatchObject({
      cases: [],
      leftOut: { 'not-settled': 2 },
    });
  });

  test('plays of the same recording count, whatever its id', async () => {
    await saveTracks(store.db, [
      { id: id('other'), title: 'Another title', artists: ['Artist'], isrc: 'ISkept' },
      { id: id('shown'), title: 'As Spotify shows it', artists: ['Somebody'] },
      { id: 'name:artist|skip', title: 'Skip', artists: ['Artist'] },
    ]);
    await saveAliases(store.db, [{ aliasId: id('shown'), trackId: id('left'), reason: 'relinked' }], PUBLISHED);
    await publish(['kept', 'skip', 'left', 'like']);
    await polled('other', 1);
    await polled('shown', 1);
    await exported('name:artist|skip', 1, 5000);
    expect((await measure()).outcomes).toEqual({ kept: 2, skipped: 1, ignored: 0, open: 1 });
  });

  test('what was liked before, or stands in a list that Segue made, is not saved', async () => {
    await publish(['kept', 'like', 'list']);
    await saveApiLikes(store.db, me, [{ trackId: id('like'), likedAt: later(-1) }], [id('like')]);
    await saveExportPlaylist(
      store.db,
      me,
      {
        name: 'Segue Weekly',
        description: 'Chosen by Segue segue-0123456789bc',
        items: [{ trackId: id('kept'), addedAt: later(1).toISOString() }],
      },
      later(2),
    );
    await saveExportPlaylist(
      store.db,
      me,
      { name: 'Mine', description: null, items: [{ trackId: id('list'), addedAt: later(1).toISOString() }] },
      later(2),
    );
    await measure();
    expect(await outcomes()).toEqual({ kept: 'open', like: 'open', list: 'kept' });
  });

  test('songs that could not be played are left out and counted; other listeners are not looked at', async () => {
    await saveTracks(store.db, [{ id: 'name:artist|nowhere', title: 'Nowhere', artists: ['Artist'] }]);
    await publish(['kept', 'gone', 'name:artist|nowhere']);
    expect(await measure()).toMatchObject({ songs: 2, leftOut: { 'not-on-spotify': 1 } });
    await store.db.updateTable('track').set({ is_playable: false }).where('track_id', '=', id('gone')).execute();
    const you = await ensureListener(store.db, 'you');
    await publish(['like'], PUBLISHED, you);
    clock.advance(DAY);
    expect(await measure()).toMatchObject({
      editions: 1,
      songs: 1,
      leftOut: { 'not-on-spotify': 1, 'not-playable': 1 },
    });
    expect(await outcomes()).toEqual({ kept: 'open' });
    expect(await readOutcomes(store.db, you)).toEqual([]);
  });

  test('the newest edition comes first, and one alone when asked for', async () => {
    const first = await publish(['kept', 'left']);
    const second = await publish(['last'], later(7));
    await measure();
    expect((await readOutcomes(store.db, me)).map(({ editionId }) => editionId)).toEqual([second, first, first]);
    expect((await readOutcomes(store.db, me, first)).map(({ title }) => title)).toEqual(['kept', 'left']);
  });

  test('who forgets what came from the Web API forgets the outcomes too', async () => {
    await publish(['kept']);
    await polled('kept', 1);
    await measure();
    const account = await store.db
      .insertInto('account')
      .values({
        listener_id: me,
        spotify_account_id: null,
        spotify_user_id: 'me',
        display_name: null,
        client_id: 'c',
        status: 'connected',
        status_reason: null,
        status_at: PUBLISHED,
        scopes: [],
        authorized_at: PUBLISHED,
        refresh_expires_at: later(180),
      })
      .returning('account_id')
      .executeTakeFirstOrThrow();
    const gone = { accountId: account.account_id, listenerId: me };
    await disconnectAccount(store.db, gone, later(11));
    expect(await readOutcomes(store.db, me)).toHaveLength(1);
    await disconnectAccount(store.db, gone, later(11), { deleteApiContent: true });
    expect(await readOutcomes(store.db, me)).toEqual([]);
    await measure();
    expect(await outcomes()).toEqual({ kept: 'open' });
  });
});

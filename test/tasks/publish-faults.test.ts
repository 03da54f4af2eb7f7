import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isExpected } from '../../src/base/errors.ts';
import type { CatalogueTrack } from '../../src/simulator/catalogue.ts';
import type { FaultAction, FaultKind } from '../../src/simulator/faults.ts';
import type { Store } from '../../src/store/connect.ts';
import { findPublication } from '../../src/store/publications.ts';
import { publish } from '../../src/tasks/publish.ts';
import { hasServer, openTestStore, type TestStore } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { failingStore } from './failing-store.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';

// 120 songs: two calls to write them and three to read them back.
const SONGS = 120;
const tooMany = (seconds: number): FaultAction => ({
  kind: 'plain-text',
  status: 429,
  text: 'Too many requests',
  headers: { 'retry-after': String(seconds) },
});
const KINDS: [string, FaultKind | FaultAction][] = [
  ['status 500', { kind: 'status', status: 500 }],
  ['429 for 2 s', tooMany(2)],
  ['429 for 2 h', tooMany(7200)],
  ...(['reset-before', 'reset-after', 'timeout', 'timeout-after', 'truncate', 'cut-body'] as const).map(
    (kind): [string, FaultKind] => [kind, kind],
  ),
];

/** Whatever fails at whatever point: the account is never wrong meanwhile, and trying again ends in one right playlist. */
describe('publish, cut off at every point', () => {
  let store: TestStore;
  let spotify: LocalSpotify;
  let first: CatalogueTrack[];
  let second: CatalogueTrack[];
  let before = new Set<string>();
  let listenerId: number;
  let rounds = 0;
  let editions = 0;

  beforeAll(async () => {
    // The faster one: publish.test.ts runs on both.
    store = await openTestStore(hasServer() ? 'server' : 'embedded');
    spotify = await openLocalSpotify();
    first = someTracks(spotify.simulator.world, SONGS);
    second = someTracks(spotify.simulator.world, SONGS, 60);
  });
  afterAll(async () => {
    await spotify[Symbol.asyncDispose]();
    await store.close();
  });

  const account = () => spotify.simulator.state.listeners[LISTENER]!.playlists;
  const made = () => account().filter((id) => !before.has(id));
  const contents = (id: string) => spotify.simulator.state.playlists[id]!.items.map(({ uri }) => uri?.slice(14));
  const idsOf = (tracks: readonly CatalogueTrack[]) => tracks.map(({ id }) => id);
  const attempt = (runKey: string, through: Store = store, timeoutMs = 5_000) =>
    publish({
      store: through,
      spotify: spotify.connect(timeoutMs),
      listenerId,
      settings: { mode: 'in-place', name: 'Segue Weekly', public: false, timeZone: 'UTC' },
    }).run(null, spotify.context(runKey));

  /** An edition to publish, for a listener without a playlist of Segue or into the one of the round before. */
  async function prepare(playlist: 'made' | 'replaced') {
    spotify.simulator.faults.clear();
    const round = ++rounds;
    if (playlist === 'made' || made().length === 0) {
      listenerId = await addListener(store, `listener-${round}`);
      before = new Set(account());
      if (playlist === 'replaced') await publishNext(first);
    }
    const old = made().flatMap(contents);
    const songs = old[0] === first[0]!.id ? second : first;
    return { ...(await addNext(songs)), old, wanted: idsOf(songs) };
  }

  async function addNext(songs: readonly CatalogueTrack[]) {
    const runKey = `run-${++editions}`;
    // Each newer than the one before: an older one would not be put in its place.
    const createdAt = new Date(Date.UTC(2026, 0, 1) + editions * 60_000);
    return { runKey, edition: await addEdition(store, listenerId, songs, { runKey, createdAt }) };
  }

  async function publishNext(songs: readonly CatalogueTrack[]): Promise<void> {
    await attempt((await addNext(songs)).runKey);
  }

  /** False when it failed, in a way that a person can be told of and that is tried again. */
  async function succeeds(work: Promise<unknown>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      if (!isExpected(error) || !error.retryable) throw error;
      return false;
    }
  }

  /** After a failure: no playlist or one, with the old songs or the first of the new ones in order, never a mixture. */
  function expectNothingWrong({ old, wanted }: { old: readonly unknown[]; wanted: readonly string[] }): void {
    expect(made().length).toBeLessThanOrEqual(1);
    const possible = [old, [], wanted.slice(0, 100), wanted];
    for (const id of made()) expect(possible).toContainEqual(contents(id));
  }

  async function expectPublished({ edition, wanted }: { edition: number; wanted: readonly string[] }): Promise<void> {
    expect(made().length).toBe(1);
    const [playlistId] = made();
    expect(contents(playlistId!)).toEqual(wanted);
    expect(await findPublication(store.db, edition)).toMatchObject({ playlistId, verifiedAt: expect.any(Date) });
    const draft = store.db.selectFrom('edition').select('edition_id').where('edition_id', '=', edition);
    expect(await draft.where('status', '=', 'draft').execute()).toEqual([]);
    const doing = store.db.selectFrom('effect').select('effect_key').where('status', '=', 'doing');
    expect(await doing.execute()).toEqual([]);
  }

  describe.each(['made', 'replaced'] as const)('while the playlist is being %s', (playlist) => {
    beforeAll(() => {
      before = new Set(account());
    });
    describe.each(KINDS)('by call: %s', (_name, kind) => {
      test.each(['once', 'for-ever'] as const)('%s', async (how) => {
        let failures = 0;
        for (let n = 1, reached = true; reached; n++) {
          const round = await prepare(playlist);
          spotify.simulator.faults.failNthCall(n, kind, how);
          const succeeded = await succeeds(attempt(round.runKey, store, 80));
          reached = spotify.simulator.faults.callCount >= n;
          if (!succeeded) {
            failures++;
            expectNothingWrong(round);
          }
          if (how === 'for-ever') spotify.simulator.faults.clear();
          await attempt(round.runKey);
          await expectPublished(round);
        }
        if (how === 'for-ever') expect(failures).toBeGreaterThanOrEqual(6);
      });
    });

    test.each(['before', 'after'] as const)('by database statement, failing %s it runs', async (when) => {
      let failures = 0;
      for (let n = 1, reached = true; reached; n++) {
        const round = await prepare(playlist);
        const failing = failingStore(store, n, when);
        const succeeded = await succeeds(attempt(round.runKey, failing.store));
        reached = failing.statements() >= n;
        if (!succeeded) {
          failures++;
          expectNothingWrong(round);
        }
        await attempt(round.runKey);
        await expectPublished(round);
      }
      expect(failures).toBeGreaterThanOrEqual(7);
    });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStore, type Store } from '../../src/store/connect.ts';
import { findPublication } from '../../src/store/publications.ts';
import { cloneDatabase, hasServer, makeDataDir } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';
import type { ChildOrder } from './publish-child.ts';

const CHILD = fileURLToPath(new URL('publish-child.ts', import.meta.url));

describe('publish, killed with SIGKILL at every call', () => {
  let spotify: LocalSpotify;
  let children: ChildProcess[];

  beforeEach(async () => {
    spotify = await openLocalSpotify();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await spotify[Symbol.asyncDispose]();
  });

  /** Runs the child; kills it as soon as a call meets the fault. Gives its exit code, null when it was killed. */
  async function runChild(order: ChildOrder): Promise<number | null> {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const struck = () => spotify.simulator.faults.list().some(({ applied }) => applied > 0);
    await vi.waitFor(() => expect(struck() || child.exitCode !== null).toBe(true), { timeout: 30_000, interval: 5 });
    // Without an answer the child stands still in this very call.
    if (child.exitCode === null) child.kill('SIGKILL');
    return (await ended)[0];
  }

  // `timeout`: killed before Spotify did what the call asks for; `timeout-after`: when it had.
  test.for([
    { kind: 'server', fault: 'timeout' },
    { kind: 'server', fault: 'timeout-after' },
    { kind: 'embedded', fault: 'timeout-after' },
  ] as const)('on $kind, by $fault', { timeout: 240_000 }, async ({ kind, fault }, { skip }) => {
    if (kind === 'server' && !hasServer()) skip();
    const dataDir = await makeDataDir(kind === 'embedded');
    const database = kind === 'server' ? await cloneDatabase() : undefined;
    const databaseUrl = database?.url;
    const withStore = async <Result>(work: (store: Store) => Promise<Result>): Promise<Result> => {
      const store = await openStore({ dataDir, databaseUrl });
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    };
    const { state, faults, apiUrl, world } = spotify.simulator;
    const account = () => state.listeners[LISTENER]!.playlists;
    const tracks = someTracks(world, 120);
    const wanted = tracks.map(({ id }) => `spotify:track:${id}`);
    try {
      let kills = 0;
      for (let n = 1; ; n++) {
        faults.clear();
        const before = new Set(account());
        const made = () => account().filter((id) => !before.has(id));
        const runKey = `run-${n}`;
        const [listenerId, edition] = await withStore(async (store) => {
          const listener = await addListener(store, runKey);
          return [listener, await addEdition(store, listener, tracks, { runKey })] as const;
        });
        const order = { dataDir, databaseUrl, apiUrl, listenerId, runKey, now: spotify.clock.now().toISOString() };
        faults.failNthCall(n, fault, 'once');
        const code = await runChild(order);
        if (code === null) {
          kills++;
          expect(made().length).toBeLessThanOrEqual(1);
          faults.clear();
          expect(await runChild(order)).toBe(0);
        } else {
          expect(code).toBe(0);
        }
        expect(made().length).toBe(1);
        expect(state.playlists[made()[0]!]!.items.map(({ uri }) => uri)).toEqual(wanted);
        const publication = await withStore((store) => findPublication(store.db, edition));
        expect(publication).toMatchObject({ playlistId: made()[0]!, items: 120, verifiedAt: expect.any(Date) });
        if (code !== null) break;
      }
      // Create, read, replace, append, three pages read back.
      expect(kills).toBe(7);
    } finally {
      await database?.drop();
    }
  });
});

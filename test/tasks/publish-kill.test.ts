import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStore, type Store } from '../../src/store/connect.ts';
import { findPublication } from '../../src/store/publications.ts';
import { cloneDatabase, hasServer, makeDataDir } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';
import type { ChildOrder } from './publish-child.ts';

const CHILD = fileURLToPath(new URL('publish-child.ts', import.meta.url));

describe('publish, killed with SIGKILL', () => {
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

  // Calls: 1 creates, 2 reads, 3 replaces, 4 appends, 5 to 7 read back. `timeout`: killed before Spotify did what the
  // call asks for; `timeout-after`: when it had. publish-faults.test.ts fails all calls in all ways within one process.
  test.for([
    { kind: 'server', fault: 'timeout', calls: [1, 4] },
    { kind: 'server', fault: 'timeout-after', calls: [1, 2, 3, 4, 5, 6, 7] },
    { kind: 'embedded', fault: 'timeout-after', calls: [1, 4] },
  ] as const)(
    'on $kind, by $fault, at calls $calls',
    { timeout: 240_000 },
    async ({ kind, fault, calls }, { skip }) => {
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
        for (const n of calls) {
          const before = new Set(account());
          const made = () => account().filter((id) => !before.has(id));
          const runKey = `run-${n}`;
          const [listenerId, edition] = await withStore(async (store) => {
            const listener = await addListener(store, runKey);
            return [listener, await addEdition(store, listener, tracks, { runKey })] as const;
          });
          const order = { dataDir, databaseUrl, apiUrl, listenerId, runKey, now: spotify.clock.now().toISOString() };
          faults.failNthCall(n, fault, 'once');
          expect(await runChild(order)).toBeNull();
          expect(made().length).toBe(n === 1 && fault === 'timeout' ? 0 : 1);
          faults.clear();
          expect(await runChild(order)).toBe(0);
          expect(made().length).toBe(1);
          expect(state.playlists[made()[0]!]!.items.map(({ uri }) => uri)).toEqual(wanted);
          const publication = await withStore((store) => findPublication(store.db, edition));
          expect(publication).toMatchObject({ playlistId: made()[0]!, items: 120, verifiedAt: expect.any(Date) });
        }
      } finally {
        await database?.drop();
        await rm(dataDir, { recursive: true, force: true });
      }
    },
  );
});

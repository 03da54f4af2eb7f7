import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { trackUri } from '../../src/music/track.ts';
import { browser, speak } from '../cli/speak.ts';
import { hasServer } from '../store-fixture.ts';
import { openSmallWorld } from './small-world.ts';

describe.each(['embedded', 'server'] as const)('from an account to a playlist, %s', (kind) => {
  test.skipIf(kind === 'server' && !hasServer())('and once more: nothing twice', async () => {
    await using world = await openSmallWorld(kind);
    const app = await world.open();
    try {
      const file = world.simulator.exportHistory();
      const path = join(world.files, file.name);
      await writeFile(path, file.bytes);
      const first = await wholeWay(app, path);

      expect(first.connected).toMatchObject({
        name: 'KUFX (radio station, June 2014)',
        again: false,
        missingScopes: [],
      });
      expect(first.synced).toMatchObject({ fetched: 50, stored: 50, alreadyThere: 0, gap: null });
      const { read, stored, alreadyThere, mergedWithPolled, skipped } = first.history.plays;
      expect(read).toBe(file.rows);
      expect(read).toBe(stored + alreadyThere + sum(skipped));
      // Some rows of the export are odd on purpose, as in real ones; a polled play may be among them.
      expect(mergedWithPolled).toBeGreaterThan(40);
      expect(first.playlists).toMatchObject({ read: world.playlists, stored: world.playlists, alreadyThere: 0 });
      expect(first.edition).toMatchObject({ items: 30 });
      expect(first.published).toMatchObject({ items: 30, verified: true, created: true });
      expect(first.account).toEqual(first.meant);
      expect(first.plays).toBe(50 + stored);
      expect(own(world.simulator)).toHaveLength(1);

      const second = await wholeWay(app, path);
      expect(second.connected).toMatchObject({ again: true });
      // The station goes on playing: what ended meanwhile is new, and nothing else.
      const added = second.plays - first.plays;
      expect(second.synced).toMatchObject({ stored: added, merged: 0, alreadyThere: 50 - added });
      expect(second.history.plays).toMatchObject({ read, stored: 0, mergedWithPolled: 0 });
      expect(second.playlists).toMatchObject({ stored: 0, alreadyThere: world.playlists });
      expect(second.published).toMatchObject({ playlist: first.published.playlist, created: false, verified: true });
      expect(second.account).toEqual(second.meant);
      expect(second.meant.filter((uri: string) => first.meant.includes(uri))).toEqual([]);
      expect(own(world.simulator)).toHaveLength(1);
    } finally {
      await app.close();
    }
  });
});

/** Every step a person takes, one command each, and what the account and the database hold at the end. */
async function wholeWay(app: App, exportPath: string) {
  const done = async (...words: string[]) => {
    const { exitCode, json, noted } = await speak(app, [...words, '--json'], browser);
    expect({ words, exitCode, noted }).toEqual({ words, exitCode: expect.toBeOneOf([0, 99]), noted: [] });
    return json.output ?? json;
  };
  const connected = await done('connect');
  const synced = await done('sync-plays');
  const history = await done('import-history', exportPath);
  const playlists = await done('import-playlists');
  await done('build-corpus');
  await done('train-vectors', '--dimensions', '16', '--epochs', '5');
  const edition = await done('recommend');
  const published = await done('publish');
  const { items } = await done('editions', 'newest');
  const { rows } = await done('query', 'select count(*) as plays from play');
  const account: string[] = [];
  for await (const page of app.spotify.playlistItems(published.playlist))
    account.push(...page.rows.map(({ track }) => trackUri(track!.id)));
  const meant: string[] = items.map(({ trackId }: { trackId: string }) => trackUri(trackId));
  return { connected, synced, history, playlists, edition, published, account, meant, plays: rows[0].plays as number };
}

function own({ state }: { state: { playlists: Record<string, { name: string }> } }) {
  return Object.values(state.playlists).filter(({ name }) => name === 'Segue Weekly');
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

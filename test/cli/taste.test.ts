import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { addGenres, addPlays, NOW } from '../recommend/taste-world.ts';
import { songOf } from '../recommend/tiny-world.ts';
import { speak } from './speak.ts';

const SLEEP = '37i9dQZF1DX4sWSpwq3LiO';
const ARTIST = '6uothxMWeLWIhsGeF7cyo4';

let world: SmallWorld;
let app: App;
const clock = new ManualClock(NOW);

beforeAll(async () => {
  world = await openSmallWorld();
  app = await openApp(readConfig(world.env), { log: silentLog, clock });
  const { store, listener } = app;
  await addGenres({ ...store, dataDir: world.dataDir, [Symbol.asyncDispose]: async () => {} });
  await addPlays(store, listener.id, [0, 1, 2, 3, 4, 5], 2);
  await addPlays(store, listener.id, [20, 21, 22, 23], 3, {
    platform: 'Living Room',
    context_uri: `spotify:playlist:${SLEEP}`,
  });
  await store.db
    .insertInto('playlist')
    .values({
      listener_id: listener.id,
      spotify_playlist_id: SLEEP,
      name: 'Sleep well',
      owned: true,
      items_readable: true,
      source: 'api',
      synced_at: NOW,
    })
    .execute();
  await store.db
    .updateTable('artist')
    .set({ spotify_artist_id: ARTIST })
    .where('name', '=', songOf(0).artists[0]!)
    .execute();
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const table of ['edition', 'taste_rule', 'taste_change'] as const)
    await app.store.db.deleteFrom(table).execute();
});

const segue = async (...words: string[]) => {
  clock.advance(1000);
  const spoken = await speak(app, words, { folder: world.files });
  for (const line of [...spoken.said, ...spoken.noted]) expect(line).not.toMatch(/undefined|NaN|null|\[object/);
  for (const line of spoken.said.filter((each) => !each.startsWith('Next:') && !each.includes(world.files)))
    expect(line.length).toBeLessThanOrEqual(100);
  return spoken;
};
const held = async () => {
  const { json } = await segue('taste', '--json');
  return (json.rules as { id: string; default: boolean }[]).filter((rule) => !rule.default).map(({ id }) => id);
};

test('the defaults are listed with what they leave out, and cannot be removed', async () => {
  const { said, json } = await segue('taste');
  expect(said).toContain('per-artist:2  (default)');
  expect(said).toContain(
    '  Private sessions do not count. Leaves out 0 plays (0.0 %). Of 10 plays nobody knows; they count.',
  );
  expect(json).toMatchObject({ plays: { total: 10, leftOut: 0 }, edition: null });
  expect(json.rules).toHaveLength(4);
  const { exitCode, noted } = await segue('taste', 'remove', 'per-artist:2');
  expect([exitCode, noted[0]]).toEqual([2, '"per-artist:2" is a default, which cannot be removed.']);
});

test('options and texts add rules; the list says what each leaves out; undo and history', async () => {
  const added = await segue(
    'taste',
    'add',
    'december',
    '--device',
    'living room',
    '--hours',
    '2-5',
    '--no-explicit',
    '--allow-liked',
  );
  expect(added.exitCode).toBe(0);
  expect(added.said).toContain('+ december: December does not count, in any year.');
  expect(added.said).toContain('device:living room leaves out 4 plays of 10. Of 6 plays nobody knows; they count.');
  expect(added.json).toMatchObject({ preview: false, changed: true, removed: [] });
  expect(await held()).toEqual(['december', 'hour:2-5', 'device:living room', 'no-explicit', 'allow-liked']);
  await segue('taste', 'add', '--per-artist', '1', '--not-again', '12', '--no-liked', '--skips', '--allow-private');
  expect(await held()).toEqual([
    'december',
    'hour:2-5',
    'device:living room',
    'no-explicit',
    'per-artist:1',
    'not-again:12',
    'skips',
    'allow-private',
    'no-liked',
  ]);
  const removed = await segue('taste', 'remove', 'DECEMBER', 'hours:2-5', '--json');
  expect(removed.json.removed.map(({ id }: { id: string }) => id)).toEqual(['december', 'hour:2-5']);

  const list = await segue('taste');
  expect(list.said).toContain(
    '  Plays on "living room" do not count. Leaves out 4 plays (40.0 %). Of 6 plays nobody knows; they',
  );
  expect(list.said).toContain('Together they leave out 4 plays of 10.');

  expect((await segue('taste', 'undo')).said[0]).toMatch(/^Taken back: removed december, hour:2-5 \(Sun 22 Nov 2026/);
  expect((await segue('taste', 'undo', '--json')).json.rules).toContain('allow-liked');
  expect((await segue('taste', 'undo')).said).toContain('Only the defaults hold.');
  expect(await segue('taste', 'undo')).toMatchObject({ exitCode: 99, json: { undone: null } });
  const history = await segue('taste', '--history');
  expect(history.json.changes).toHaveLength(3);
  expect(history.said[0]).toMatch(/undone .*removed december, hour:2-5$/);
});

test('adding what holds, or twice the same, is nothing to do', async () => {
  await segue('taste', 'add', 'december', 'artist:Enya');
  const again = await segue('taste', 'add', 'dec', '--artist', 'Enya');
  expect([again.exitCode, again.said[0]]).toEqual([99, 'Nothing to change: the rules are so already.']);
  await segue('taste', 'add', '--artist', 'ENYA', '--only', 'songs');
  expect(await held()).toEqual(['december', 'artist-songs:ENYA']);
});

test('names and ids come from the library', async () => {
  const { json } = await segue(
    'taste',
    'add',
    '--playlist',
    'sleep WELL',
    '--artist',
    `spotify:artist:${ARTIST}`,
    '--track',
    `spotify:track:${songOf(20).id}`,
  );
  expect(json.added.map(({ words }: { words: string }) => words)).toEqual([
    expect.stringContaining(songOf(0).artists[0]!),
    expect.stringContaining('Techno 20'),
    'Plays from the playlist Sleep well do not count.',
  ]);
  expect(json.effects).toContainEqual({ id: `playlist:${SLEEP}`, plays: 4, unknown: 6 });
  expect((await segue('taste', 'remove', 'playlist:Sleep Well')).exitCode).toBe(0);
  for (const words of [
    ['--playlist', 'No such list'],
    ['--artist', 'spotify:artist:1111111111111111111111'],
    ['--track', 'spotify:track:1111111111111111111111'],
    ['winter'],
    ['--hours', '5-5'],
    ['--per-artist', '0'],
  ]) {
    const { exitCode, noted } = await segue('taste', 'add', ...words);
    expect({ exitCode, lines: noted.length }).toEqual({ exitCode: 2, lines: 3 });
  }
  expect((await segue('taste', 'add')).noted[1]).toBe('No rule is named.');
  expect((await segue('taste', 'remove', 'december')).noted[0]).toBe('No rule "december" holds.');
});

test('a preview shows plays, seeds and songs of the last edition, and changes nothing', async () => {
  const { json: made } = await segue('recommend', '--length', '6', '--json');
  expect(made.output.taste).toMatchObject({ playsLeftOut: 0 });
  const { said, json } = await segue('taste', 'add', '--device', 'Living Room', '--preview');
  expect(said).toContain('Plays left out: 4 of 10, now 0.');
  expect(said).toContain('Seeds: 6, now 10.');
  expect(said).toContain('  - Techno 20 · Techno artist 6');
  expect(said).toContain('Nothing was changed.');
  expect(said.at(-1)).toBe('Next: segue taste add "device:Living Room"');
  expect(json).toMatchObject({ preview: true, changed: false, seeds: { before: 10, after: 6 } });
  expect(json.edition).toMatchObject({ edition: made.output.edition, items: 6, unsure: 0 });
  expect(await held()).toEqual([]);
});

test('recommend --without: the difference, and no edition', async () => {
  const { said, json, exitCode } = await segue('recommend', '--length', '6', '--without', 'device:living room');
  expect(exitCode).toBe(0);
  expect(said[0]).toBe(
    'device:living room: 4 plays as if they did not exist, of plays of the last 7 days. Of 6 nobody',
  );
  expect(said).toContain('Seeds: 10 with them, 6 without.');
  expect(said).toContain('Nothing was stored.');
  expect(json.output).toMatchObject({ stored: false, seeds: { before: 10, after: 6 } });
  expect(await app.store.db.selectFrom('edition').selectAll().execute()).toEqual([]);
  const { exitCode: wrong, noted } = await segue('recommend', '--without', 'per-artist:1');
  expect([wrong, noted[0]]).toEqual([2, '"per-artist:1" is not a taste rule that leaves plays out.']);
});

test('export and import go round; an import is one change, or none where a line is wrong', async () => {
  await segue('taste', 'add', 'december', '--artist', 'Enya', '--playlist', 'Sleep well', '--per-artist', '3');
  const rules = await held();
  expect((await segue('taste', 'export', 'taste.json')).said[0]).toMatch(/^4 rules written to /);
  expect((await segue('taste', 'export', 'taste.json')).exitCode).toBe(1);
  const file = join(world.files, 'taste.json');
  const text = await readFile(file, 'utf8');
  expect(await segue('taste', 'import', 'taste.json')).toMatchObject({ exitCode: 99, json: { changed: false } });

  await writeFile(file, text.replace('"december"', '"may"').replace('"most":3', '"most":4'));
  const seen = await segue('taste', 'import', 'taste.json', '--preview');
  expect(seen.json).toMatchObject({ preview: true, changed: false, added: [{ id: 'may' }, { id: 'per-artist:4' }] });
  expect(await held()).toEqual(rules);
  const { said } = await segue('taste', 'import', 'taste.json');
  expect(said).toContain('- december: December does not count, in any year.');
  expect((await held()).sort()).toEqual(['artist:Enya', 'may', 'per-artist:4', `playlist:${SLEEP}`]);
  await segue('taste', 'undo');
  expect((await held()).sort()).toEqual([...rules].sort());

  await writeFile(file, '{"rules": [\n"may",\n"winter",\n"playlist:Nowhere",\n"playlist:Sleep well", "artist:enya"]}');
  const wrong = await segue('taste', 'import', 'taste.json', '--json');
  expect(wrong.exitCode).toBe(2);
  expect(wrong.json.error.why).toMatch(/^Line 3: "winter"/);
  await writeFile(file, `{"rules": [\n"may",\n"playlist:Nowhere",\n"playlist:Sleep well",\n"playlist:${SLEEP}"]}`);
  expect((await segue('taste', 'import', 'taste.json', '--json')).json.error.why).toMatch(/^Line 3: .*no playlist/i);
  await writeFile(file, `{"rules": [\n"playlist:Sleep well",\n"playlist:${SLEEP}"]}`);
  expect((await segue('taste', 'import', 'taste.json', '--json')).json.error.why).toMatch(
    /^Line 3: .*subject of line 2/,
  );
  expect((await held()).sort()).toEqual([...rules].sort());
  const { noted } = await segue('taste', 'import', 'nowhere.json');
  expect(noted).toEqual([expect.stringContaining('Cannot read'), 'There is no such file.', expect.any(String)]);
});

test('a rule of a newer version stops what would ignore it, and can be removed', async () => {
  await segue('taste', 'add', 'december', 'may');
  await app.store.db
    .updateTable('taste_rule')
    .set({ id: 'weather:rain', subject: 'weather', rule: '{"rule":"weather","is":"rain"}' })
    .where('id', '=', 'may')
    .execute();
  const { exitCode, noted } = await segue('recommend');
  expect([exitCode, noted[0]]).toEqual([1, 'The taste rule weather:rain cannot be read.']);
  expect((await segue('taste', 'remove', 'weather:rain')).exitCode).toBe(0);
  expect(await held()).toEqual(['december']);
});

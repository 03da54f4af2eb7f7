import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { saveEdition } from '../../src/store/editions.ts';
import { savePublication } from '../../src/store/publications.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { type Spoken, speak } from './speak.ts';

const DAY = 86_400_000;
const NAMES = ['Heard', 'Skipped', 'Silent', 'Again'];
const idOf = (name: string) => name.padEnd(22, '0');
const ago = (days: number) => new Date(Date.now() - days * DAY);

let world: SmallWorld;
let app: App;

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  await saveTracks(
    app.store.db,
    NAMES.map((title) => ({ id: idOf(title), title, artists: ['Singer', 'Band'], durationMs: 200_000 })),
  );
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const segue = (...words: string[]) => speak(app, words);

/** What people read holds no leftovers of a program, and fits the screen. */
function expectReadable({ said, noted }: Spoken): void {
  for (const line of [...said, ...noted]) {
    expect(line).not.toMatch(/[{}]|undefined|NaN|null|\[object/);
    expect(line.length).toBeLessThanOrEqual(100);
  }
}

async function addEdition(names: readonly string[], at: Date, published: boolean): Promise<number> {
  const { db } = app.store;
  const editionId = await saveEdition(db, {
    listenerId: app.listener.id,
    runKey: `run at ${at.toISOString()}`,
    recipe: 'weekly',
    title: 'Weekly',
    modelId: null,
    blendId: null,
    settings: {},
    createdAt: at,
    seeds: [],
    items: names.map((name, position) => ({
      trackId: idOf(name),
      recommender: 'ease',
      seedTrackId: null,
      similarity: null,
      score: 1 - position / 10,
      reason: 'A test wants it.',
      facts: position === 0 ? { shares: { ease: 0.25, artists: 0.75 } } : {},
    })),
    rejected: [],
  });
  if (published)
    await savePublication(db, {
      editionId,
      listenerId: app.listener.id,
      playlistId: 'p'.repeat(22),
      mode: 'in-place',
      name: 'Segue Weekly',
      items: names.length,
      snapshot: null,
      publishedAt: at,
      verifiedAt: at,
    });
  return editionId;
}

const play = (name: string, at: Date, msPlayed: number) =>
  app.store.db
    .insertInto('play')
    .values({
      listener_id: app.listener.id,
      track_id: idOf(name),
      ended_at: at,
      ms_played: msPlayed,
      source: 'export',
      context_uri: `spotify:playlist:${'p'.repeat(22)}`,
    })
    .execute();

test('from nothing to rates, each time with what to do next', async () => {
  const nothing = await segue('outcomes');
  expect(nothing).toMatchObject({
    exitCode: 0,
    said: ['No edition stands in the account yet.', '', 'Next: segue run weekly'],
    json: { published: false, editions: [], recommenders: [], together: { kept: 0, rate: null } },
  });
  const none = await segue('measure-outcomes');
  expect({ exitCode: none.exitCode, line: none.said[0] }).toEqual({
    exitCode: 99,
    line: expect.stringContaining('segue publish'),
  });

  const old = await addEdition(['Heard', 'Skipped', 'Silent'], ago(40), true);
  expect((await segue('outcomes')).said).toEqual([
    'What became of recommended songs has not been measured yet.',
    '',
    'Next: segue measure-outcomes',
  ]);
  expect((await segue('outcomes', String(old))).json.error).toMatchObject({
    code: 'not-measured',
    hint: 'segue measure-outcomes does it now.',
  });

  await play('Heard', ago(39), 200_000);
  await play('Skipped', ago(38), 9000);
  const measured = await segue('measure-outcomes');
  expectReadable(measured);
  expect(measured.said).toEqual([
    '3 songs of 1 edition: 1 kept, 1 skipped, 0 ignored, 1 open',
    '',
    'Next: segue outcomes',
  ]);
  const early = await segue('outcomes');
  expectReadable(early);
  expect(early.said).toContainEqual(
    expect.stringMatching(/^A song counts once a play after its four weeks is known: here one from \w{3} /),
  );

  const young = await addEdition(['Again'], ago(2), true);
  await play('Again', ago(1), 200_000);
  await segue('measure-outcomes');
  const shown = await segue('outcomes');
  expectReadable(shown);
  expect(shown.said).toEqual([
    expect.stringMatching(/^edition +playlist +published +kept +skipped +ignored +open +kept of all$/),
    expect.stringMatching(new RegExp(`^${young} +Segue Weekly +\\w{3} .*, \\d\\d:\\d\\d +1 +0 +0 +0$`)),
    expect.stringMatching(new RegExp(`^${old} +Segue Weekly .* +1 +1 +1 +0 +33\\.3 % \\(6\\.1 to 79\\.2\\)$`)),
    expect.stringMatching(/^together +2 +1 +1 +0 +33\.3 % \(6\.1 to 79\.2\)$/),
    '',
    expect.stringMatching(/^recommender +kept +skipped +ignored +open +kept of all$/),
    expect.stringMatching(/^artists +1\.5 +0 +0 +0 +100\.0 % \(.* to 100\.0\)$/),
    expect.stringMatching(/^ease +0\.5 +1 +1 +0 +11\.1 % /),
    '',
    '"Kept of all" is of the 3 songs whose four weeks are over, with its 95 % interval.',
    '',
    `Next: segue outcomes ${young}`,
  ]);
  const { json } = await segue('outcomes', '--json');
  expect(json).toMatchObject({
    published: true,
    together: { kept: 2, skipped: 1, ignored: 1, open: 0, settled: 3, rate: { value: 1 / 3 } },
    editions: [
      { edition: young, settled: 0, rate: null },
      { edition: old, playlist: 'Segue Weekly', settled: 3, rate: { value: 1 / 3 } },
    ],
    recommenders: [
      { recommender: 'artists', kept: 1.5, settled: 0.75 },
      { recommender: 'ease', kept: 0.5, settled: 2.25, rate: { value: 0.25 / 2.25 } },
    ],
  });

  const songs = await segue('outcomes', String(old));
  expectReadable(songs);
  expect(songs.said).toEqual([
    expect.stringMatching(/^Segue Weekly, published \w{3} /),
    '1 kept, 1 skipped, 1 ignored, 0 open; kept of all: 33.3 % (6.1 to 79.2)',
    '',
    '1. kept     Heard · Singer, Band',
    expect.stringMatching(/^ {12}1 play \(1 from the playlist\), 1 to the end, first \w{3} /),
    '2. skipped  Skipped · Singer, Band',
    '            1 play (1 from the playlist)',
    '3. ignored  Silent · Singer, Band',
    '',
    'Next: segue outcomes',
  ]);
  expect(songs.json.songs).toMatchObject([
    { title: 'Heard', outcome: 'kept', recommender: 'ease', heardOut: 1, fromPlaylist: 1, settled: true },
    { title: 'Skipped', outcome: 'skipped', plays: 1, listens: 0, firstListenedAt: null },
    { title: 'Silent', outcome: 'ignored', plays: 0 },
  ]);
});

test('an edition that is not there, or not in the account, is three lines', async () => {
  const draft = await addEdition(['Silent'], ago(1.5), false);
  for (const [number, code, exit, hint] of [
    [draft, 'not-published', 1, `segue publish --edition ${draft}`],
    [9999, 'not-found', 2, 'segue outcomes'],
  ] as const) {
    const { exitCode, noted, json } = await segue('outcomes', String(number), '--json');
    expect({ exitCode, lines: noted.length }).toEqual({ exitCode: exit, lines: 3 });
    expect(json.error).toMatchObject({ code, hint: expect.stringContaining(hint) });
  }
  expect((await segue('outcomes', 'newest')).exitCode).toBe(2);
});

test('measure-outcomes takes no input', async () => {
  const { exitCode, json } = await segue('task', 'run', 'measure-outcomes', '--input', '{"all":true}', '--json');
  expect({ exitCode, code: json.error.code }).toEqual({ exitCode: 2, code: 'bad-input' });
});

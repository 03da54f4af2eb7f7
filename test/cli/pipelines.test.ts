import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { startRun } from '../../src/pipeline/runs.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { browser, type Spoken, speak } from './speak.ts';

let world: SmallWorld;
let app: App;

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  await speak(app, ['connect'], browser);
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const segue = (...words: string[]) => speak(app, words);

/** What people read holds no leftovers of a program, and fits the screen. */
function expectReadable({ said, noted }: Spoken): void {
  for (const line of [...said, ...noted]) expect(line).not.toMatch(/[{}]|undefined|NaN|null|\[object|found found/);
}

describe('one command for each task, for a person', () => {
  test('import-history: a table of files, podcasts and audiobooks apart', async () => {
    const file = world.simulator.exportHistory();
    const path = join(world.files, file.name);
    await writeFile(path, file.bytes);
    const spoken = await segue('import-history', path);
    expectReadable(spoken);
    const [head, ...rows] = spoken.said;
    expect(head).toMatch(/^file +rows +stored +already there +podcasts +audiobooks +skipped$/);
    expect(rows.filter((line) => line.startsWith('Streaming_History_'))).toHaveLength(2);
    expect((await speak(app, ['import-history', path], { width: 80 })).said[1]).toMatch(/^….*_0\.json +870/);
    const together = rows
      .find((line) => line.startsWith('together'))!
      .split(/ {2,}/)
      .slice(1)
      .map((n) => Number(n.replace(',', '')));
    const [read, stored, already, podcasts, audiobooks, skipped] = together as [number, ...number[]];
    expect(read).toBe(file.rows);
    expect(read).toBe(stored! + already! + podcasts! + audiobooks! + skipped!);
    expect(podcasts).toBeGreaterThan(0);
    expect(spoken.said).toContainEqual(expect.stringMatching(/^Skipped rows by reason: \d+ no track/));
    expect(spoken.said.at(-1)).toMatch(/^Next: segue /);
    expect((await segue('import-history', path)).said).toContainEqual(expect.stringMatching(/^together .* 0 /));
  });

  test('sync-plays: one line', async () => {
    const spoken = await segue('sync-plays');
    expectReadable(spoken);
    expect(spoken.said).toEqual([
      expect.stringMatching(/^\d+ new plays? of 50 fetched; \d+ completed from the export$/),
      '',
      expect.stringMatching(/^Next: segue /),
    ]);
  });

  test('sync-plays tells of a gap', async () => {
    // Two hours on, the fifty plays that were the last have gone by.
    world.simulator.clock.advance(12 * 3_600_000);
    const spoken = await segue('sync-plays');
    world.simulator.clock.advance(-12 * 3_600_000);
    expectReadable(spoken);
    expect(spoken.said[1]).toMatch(/^Between \w{3} \d.* and \w{3} \d.* plays may be missing/);
  });

  test('import-playlists and build-corpus: a table of sources', async () => {
    const playlists = await segue('import-playlists');
    expectReadable(playlists);
    expect(playlists.said.slice(0, 2)).toEqual([
      expect.stringMatching(/^source +format +playlists +stored +already there +skipped$/),
      expect.stringMatching(/^playlists\.jsonl +jsonl +60 +60 +0 +0$/),
    ]);
    const corpus = await segue('build-corpus');
    expectReadable(corpus);
    expect(corpus.said[0]).toMatch(/^source +playlists +songs in them +different +of your plays$/);
    expect(corpus.said).toContainEqual(expect.stringMatching(/^Together [\d,]+ playlists with [\d,]+ songs/));
    const shown = await segue('corpus');
    expectReadable(shown);
    expect(shown.said[0]).toMatch(/^source +format/);
    const info = await segue('corpus', 'info');
    expectReadable(info);
    expect(info.said[0]).toMatch(/^training of .*: [\d,]+ playlists with [\d,]+ songs in them, [\d,]+ different\.$/);
    expect(info.said).toContainEqual(
      expect.stringMatching(/^at least +songs +share +in playlists +share +of your plays/),
    );
    expect(info.said).toContainEqual(expect.stringMatching(/^1 +[\d,]+ +100\.0 %/));
    expect(await segue('corpus', 'info', 'absent')).toMatchObject({ exitCode: 1 });
  });

  test('import-features and enrich-features', async () => {
    const features = await segue('import-features');
    expectReadable(features);
    expect(features.said[0]).toBe('20 new rows of 20 read');
    const asked = await segue('enrich-features');
    expect({ exitCode: asked.exitCode, line: asked.said[0] }).toEqual({
      exitCode: 99,
      line: expect.stringContaining('SEGUE_ENRICH_FEATURES'),
    });
  });

  test('train-vectors: what was learned, loss and speed; and 99 where it was before', async () => {
    const words = ['train-vectors', '--dimensions', '16', '--epochs', '5'];
    const spoken = await speak(app, words);
    expectReadable(spoken);
    expect(spoken.said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^learned +[\d,]+ song vectors of 16 dimensions$/),
        expect.stringMatching(/^loss +\d\.\d+$/),
        expect.stringMatching(/^took +.* at [\d,]+ tokens\/s$/),
      ]),
    );
    expect(spoken.reports.at(-1)).toMatchObject({ unit: 'tokens' });
    expect((await speak(app, words)).exitCode).toBe(99);
  });

  test('without the others, song vectors alone recommend, and say so', async () => {
    const spoken = await segue('recommend', '--length', '3', '--json');
    expect(spoken.json.output).toMatchObject({ items: 3, recommenders: { 'song-vectors': 3 } });
    const { json } = await segue('editions', 'newest', '--json');
    expect(json.items[0]).toMatchObject({ recommender: 'song-vectors', shares: null });
  });

  test('fit-recommenders and models: what each is worth, what it weighs, and who is champion', async () => {
    expect((await segue('models')).said[0]).toBe('No recommenders were made ready yet.');
    const spoken = await segue('fit-recommenders', '--threads', '2');
    expectReadable(spoken);
    expect(spoken.said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Blend [0-9a-f]{16}: all recommenders ready on \d+ playlists/),
        expect.stringMatching(/^recommender +NDCG@500 +95 % interval$/),
        expect.stringMatching(/^blend +0\.\d{4} +/),
        'It is the first one, and recommends from now on.',
      ]),
    );
    expect((await segue('fit-recommenders')).exitCode).toBe(99);
    const listed = await segue('models');
    expectReadable(listed);
    expect(listed.said[1]).toMatch(/^[0-9a-f]{16} .* the champion$/);
    const shown = await segue('models', 'champion');
    expectReadable(shown);
    expect(shown.said).toContainEqual(expect.stringMatching(/^agreement +-?\d+\.\d\d$/));
    const { json } = await segue('models', 'champion', '--promote', '--json');
    expect(json.verdict).toMatchObject({ promoted: true, why: 'by-hand' });
    expect((await segue('models', 'ffff')).exitCode).toBe(2);
    expect((await segue('models', '--promote')).exitCode).toBe(2);
  });

  test('recommend: the songs with a reason each, and how many seeds were found', async () => {
    const spoken = await segue('recommend', '--length', '5');
    expectReadable(spoken);
    expect(spoken.said.filter((line) => /^\d\. .+ · .+/.test(line))).toHaveLength(5);
    expect(spoken.said.join(' ').match(/Because /g)).toHaveLength(5);
    expect(spoken.said).toContainEqual(expect.stringMatching(/^Edition 2\. Seeds: found \d+ of \d+ \(/));
    for (const line of spoken.said) expect(line.length).toBeLessThanOrEqual(100);
    const { json } = await segue('editions', 'newest', '--json');
    for (const { recommender, shares } of json.items) {
      expect(shares[0].recommender).toBe(recommender);
      expect(shares.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(1, 9);
    }
  });

  test('why: who recommended a song, the seeds and playlists behind it', async () => {
    const { json: edition } = await segue('editions', 'newest', '--json');
    const second = edition.items[1];
    const spoken = await segue('why', 'newest', '2');
    expectReadable(spoken);
    expect(spoken.said[0]).toBe(`2. ${second.title} · ${second.artists.join(', ')}`);
    expect(spoken.said.join(' ')).toContain(second.reason);
    expect(spoken.said).toEqual(
      expect.arrayContaining([
        'Who recommended it',
        expect.stringMatching(/^recommender +share +place$/),
        expect.stringMatching(/^\d+ playlists? of \d+ hold it, \d+ of them with a song of yours\.$/),
        'Rules',
      ]),
    );
    const { json } = await segue('why', 'newest', `${second.artists[0]} - ${second.title}`, '--json');
    expect(json).toMatchObject({ position: 1, track: { id: second.trackId }, reason: second.reason });
    expect(json.shares[json.recommender]).toBe(Math.max(...Object.values<number>(json.shares)));
    expect(json.places[json.recommender]).toBeGreaterThan(0);
    for (const { together, holders, plays } of json.seeds) {
      expect(together).toBeLessThanOrEqual(holders);
      expect(plays).toBeGreaterThan(0);
    }
    expect(await segue('why', 'newest', '999')).toMatchObject({ exitCode: 2 });
    expect(await segue('why', '77', '1')).toMatchObject({ exitCode: 2 });
  });

  test('why-not: the rule that kept a song out, or its place', async () => {
    const { json: edition } = await segue('editions', 'newest', '--json');
    const itself = await segue('why-not', edition.items[0].trackId);
    expect(itself.said[1]).toBe(`It is in edition ${edition.id}, as number 1.`);
    const { json: seeds } = await segue(
      'query',
      'select track_id from play group by track_id order by count(*) desc, track_id limit 1',
      '--json',
    );
    const heard = await segue('why-not', seeds.rows[0].track_id);
    expectReadable(heard);
    expect(heard.said.join(' ')).toMatch(/A rule left it out: you have heard it\. You have played it /);
    const { json: near } = await segue('similar', edition.items[0].trackId, '--count', '60', '--json');
    const last = near.similar.at(-1).id;
    const { json: absence } = await segue('why-not', last, '--edition', String(edition.id), '--json');
    expect(absence).toMatchObject({ edition: edition.id, track: { id: last } });
    expect(
      absence.position !== null || absence.rule !== null || absence.ranking === null || absence.ranking.place > 5,
    ).toBe(true);
    expect(await segue('why-not', 'qqqq zzzz')).toMatchObject({ exitCode: 2 });
  });

  test('publish --dry-run writes nothing; publish gives the address', async () => {
    const before = world.simulator.requests.entries.length;
    const dry = await segue('publish', '--dry-run');
    expectReadable(dry);
    expect(dry.said.filter((line) => /^\d\. /.test(line))).toHaveLength(5);
    expect(dry.said).toContainEqual(expect.stringMatching(/^Nothing was written\./));
    expect(world.simulator.requests.entries.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
    const spoken = await segue('publish');
    expectReadable(spoken);
    expect(spoken.said).toContainEqual(expect.stringMatching(/https:\/\/open\.spotify\.com\/playlist\/\w{22}$/));
    expect((await segue('publish')).exitCode).toBe(99);
  });

  test('sync-library', async () => {
    const spoken = await segue('sync-library');
    expectReadable(spoken);
    expect(spoken.said[0]).toMatch(/^\d+ liked songs \(\d+ new\); \d+ playlists, \d+ read; /);
  });

  test('recommend by a recipe, with dials whose effect is said', async () => {
    const turned = await segue('recommend', '--length', '4', '--adventurousness', '0.9', '--variety', '0.5', '--json');
    const { measures } = turned.json.output;
    expect(measures.words).toMatch(/^novelty \d+\.\d bits \(\d+\.\d without the dials\), variety \.\d\d \(\.\d\d\)/);
    for (const measured of [measures.chosen, measures.neutral]) expect(measured.popularity).toBeLessThanOrEqual(1);
    const loved = await segue('recommend', '--recipe', 'loved-in-year', '--set', 'year=2026');
    // All of it was heard this year, and the recipe wants what was not heard for two.
    expect({ exitCode: loved.exitCode, line: loved.noted[0] }).toEqual({
      exitCode: 1,
      line: 'No song of your own fits.',
    });
    const close = await segue('recommend', '--recipe', 'close-to-last-week', '--length', '3');
    expectReadable(close);
    const { json } = await segue('editions', 'newest', '--json');
    expect(json).toMatchObject({ recipe: 'close-to-last-week', title: expect.stringMatching(/^Close to last week, /) });
    expect(await segue('recommend', '--recipe', 'absent')).toMatchObject({
      exitCode: expect.any(Number),
      noted: [expect.stringContaining('There is no recipe called absent.'), expect.any(String), expect.any(String)],
    });
    expect(await segue('recommend', '--variety', '2')).toMatchObject({ exitCode: 2 });
  });

  test('editions and similar', async () => {
    expectReadable(await segue('editions'));
    const { json } = await segue('editions', 'newest', '--json');
    const [first] = json.items;
    const name = `${first.artists[0]} - ${first.title}`;
    const spoken = await segue('similar', name, '--count', '3');
    expectReadable(spoken);
    expect(spoken.said.slice(0, 2)).toEqual([
      expect.stringMatching(/^Nearest to /),
      expect.stringMatching(/^likeness +title +artists +times +id$/),
    ]);
    for (const line of spoken.said.slice(2, 5)) expect(line).toMatch(/^ +0\.\d\d .* \w{22}$/);
    const byId = await segue('similar', first.trackId, '--json');
    expect(byId.json.similar).toHaveLength(10);
    expect(byId.json.of).toMatchObject([{ id: first.trackId, weight: 1 }]);
  });

  test('similar to several songs, without one, and what goes with them', async () => {
    const { json } = await segue('editions', 'newest', '--json');
    const [one, other, third] = json.items.map(
      (item: { artists: string[]; title: string }) => `${item.artists[0]} - ${item.title}`,
    );
    // A name means the best-known edition of a recording, whichever was recommended.
    const ids: string[] = [];
    for (const name of [one, other, third]) ids.push((await segue('similar', name, '--json')).json.of[0].id);
    const weighted = (weights: number[]) => weights.map((weight, i) => ({ id: ids[i], weight }));
    for (const words of [
      [`${one} + ${other} - ${third}`],
      [one, '+', other, '-', third],
      [one, '--plus', other, '--minus', third],
    ]) {
      const spoken = await segue('similar', ...words, '--count', '3', '--json');
      expect(spoken.json).toMatchObject({ of: weighted([1, 1, -1]), by: 'likeness' });
      expect(spoken.json.similar).toHaveLength(3);
    }
    const spoken = await segue('similar', one, other, '--goes-with');
    expectReadable(spoken);
    expect(spoken.said[0]).toMatch(/^Goes with .* \+ /);
    expect(await segue('similar', ids[0], '--minus', ids[0])).toMatchObject({ exitCode: 2 });
    const nothing = await segue('similar', ids[0], '--min-count', '100000');
    expect(nothing.said[1]).toBe('No song is left; --min-count leaves out all others.');
  });

  test('similar suggests near titles for a song that it does not know', async () => {
    const { json } = await segue('editions', 'newest', '--json');
    const { artists, title } = json.items[0];
    const { exitCode, noted } = await segue('similar', `${artists[0]} - ${title.slice(0, -1)}x`);
    expect({ exitCode, lines: noted.length }).toEqual({ exitCode: 2, lines: 3 });
    expect(noted[2]).toContain(`${artists[0]} - ${title}`);
    expect((await segue('similar', 'qqqq zzzz')).noted[2]).toBe('Name it as "artist - title", or by its Spotify link.');
  });
});

describe('a pipeline', () => {
  test('runs in words, a line for each task', async () => {
    const spoken = await segue('run', 'weekly');
    expectReadable(spoken);
    expect(spoken.exitCode).toBe(0);
    const tasks = spoken.said.map((line) => /^(?:✓|skipped) ([\w-]+) /.exec(line)?.[1]).filter(Boolean);
    expect(tasks.toSorted()).toEqual(
      app.engine.pipelines
        .get('weekly')!
        .nodes.map(({ task }) => task)
        .toSorted(),
    );
    expect(tasks.at(-1)).toBe('publish');
    expect(spoken.said.at(-1)).toBe('Next: segue editions newest');
  });

  test('that fails says which task and why; the next command is its log; retry goes on there', async () => {
    const fault = world.simulator.faults.add({
      kind: 'status',
      status: 400,
      body: { error: { status: 400, message: 'No, thank you' } },
      match: { method: 'PUT' },
      always: true,
    });
    const { exitCode, noted, json } = await segue('run', 'weekly', '--json');
    world.simulator.faults.remove(fault);
    expect({ exitCode, lines: noted.filter((line) => !line.startsWith('✓')).length }).toEqual({
      exitCode: 1,
      lines: 3,
    });
    expect(json.error).toMatchObject({ code: 'run-failed', message: expect.stringMatching(/^publish: /) });
    const before = json.tasks.length;

    expect((await segue()).said.at(-1)).toMatch(new RegExp(`^Next: segue logs ${json.id} `));
    const log = await segue('logs', String(json.id), 'publish');
    expectReadable(log);
    expect(log.said.join('\n')).toMatch(/^publish, attempt 1: failed/);

    const retried = await segue('retry', String(json.id), '--json');
    expect(retried.exitCode).toBe(0);
    expect(retried.json).toMatchObject({ id: json.id, status: 'succeeded' });
    expect(retried.json.tasks).toHaveLength(before);
    const attempts = Object.fromEntries(
      retried.json.tasks.map(({ task, attempts: made }: { task: string; attempts: unknown[] }) => [task, made.length]),
    );
    expect(attempts).toMatchObject({ recommend: 1, publish: 2 });
    expectReadable(await segue('runs', String(json.id)));
    expect((await segue('retry', String(json.id))).exitCode).toBe(1);
  });

  test('is cancelled, once', async () => {
    const { run } = await startRun(app.engine, 'collect');
    const id = String(run.runId);
    expect((await segue('cancel', id)).said[0]).toBe(`Run ${id} is cancelled.`);
    expect((await segue('cancel', id)).said[0]).toBe(`Run ${id} had ended already.`);
    expect((await segue('runs', id, '--json')).json.status).toBe('cancelled');
    expect((await segue('retry', id, '--json')).json.status).toBe('succeeded');
  });

  test('is paused and resumed before the service ever ran', async () => {
    expect((await segue('pause', 'weekly')).said).toEqual(['weekly is paused.', '', 'Next: segue resume weekly']);
    expect((await segue()).said).toContainEqual(expect.stringMatching(/^weekly +paused /));
    expect((await segue('resume', 'weekly')).exitCode).toBe(0);
    expect((await segue()).said).toContainEqual(expect.stringMatching(/^weekly +next \w{3} \d/));
  });

  test('Ctrl-C leaves it resumable; the next run of it goes on', async () => {
    const controller = new AbortController();
    const stopped = await speak(app, ['run', 'weekly'], {
      signal: controller.signal,
      onSay: (line) => void (line.startsWith('✓ sync-plays') && controller.abort(new Error('Ctrl-C'))),
    });
    expect({ exitCode: stopped.exitCode, noted: stopped.noted.at(-1) }).toEqual({
      exitCode: 130,
      noted: expect.stringMatching(/^Stopped\. What was finished is kept; run the same command again/),
    });
    const [{ id, status }] = (await segue('runs', '--limit', '1', '--json')).json.runs;
    expect(status).toBe('running');
    const resumed = await segue('run', 'weekly', '--json');
    expect(resumed.noted[0]).toBe(`Run ${id} had not ended; it goes on where it stopped.`);
    expect(resumed.json).toMatchObject({ id, status: 'succeeded' });
    expect(resumed.json.tasks.find(({ task }: { task: string }) => task === 'sync-plays').attempts).toHaveLength(1);
  });
});

describe('lists and single ones', () => {
  test('runs, newest first, by pipeline or task', async () => {
    const spoken = await segue('runs', '--limit', '3');
    expectReadable(spoken);
    expect(spoken.said.slice(0, 2)).toEqual([
      expect.stringMatching(/^run +pipeline or task +status +created +trigger +took$/),
      expect.stringMatching(/^\d+ +weekly +succeeded/),
    ]);
    const { json } = await segue('runs', '--pipeline', 'collect', '--json');
    expect(new Set(json.runs.map(({ pipeline }: { pipeline: string }) => pipeline))).toEqual(new Set(['collect']));
    expectReadable(await segue('logs'));
  });

  test.each([
    ['runs', '9999'],
    ['logs', '9999'],
    ['logs', '1', 'nope'],
    ['retry', '9999'],
    ['cancel', '9999'],
    ['editions', '9999'],
    ['publish', '--edition', '9999'],
    ['pause', 'nope'],
    ['resume', 'nope'],
    ['pause', 'learn'],
    ['run', 'nope'],
    ['run', 'weekly', '--input', '{"nope": {}}'],
    ['query', 'select from nowhere'],
    ['query', 'select 1; delete from play'],
    ['train-vectors', '--dimensions', '0'],
    ['recommend', '--seeds', 'dreams'],
  ])('segue %s %s: what there is not is three lines and exit code 2', async (...words) => {
    const { exitCode, noted, said, json } = await segue(...words, '--json');
    expect({ exitCode, said, lines: noted.length }).toEqual({ exitCode: 2, said: [], lines: 3 });
    expect(json.error).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/), message: noted[0], hint: noted[2] });
  });

  test('query shows a table, or rows as JSON', async () => {
    const spoken = await segue('query', "select 'a' as name, 1200 as plays, null as nothing, true as yes");
    expect(spoken.said).toEqual(['name  plays  nothing  yes', 'a     1,200           true', '1 row']);
    expect((await segue('query', 'select 1 as one', '--json')).json).toEqual({ rows: [{ one: 1 }] });
    expect((await segue('query', 'select 1 as one where false')).said).toEqual(['No rows.']);
  });
});

describe('segue task run, as another scheduler calls it', () => {
  test('does its work once for a run key', async () => {
    const first = await segue('task', 'run', 'sync-plays', '--run-key', 'airflow-1', '--json');
    const again = await segue('task', 'run', 'sync-plays', '--run-key', 'airflow-1', '--json');
    expect([first.exitCode, again.exitCode]).toEqual([0, 0]);
    expect(again.json).toEqual(first.json);
    const words = await segue('task', 'run', 'sync-plays', '--run-key', 'airflow-1');
    expect(words.said[0]).toBe('This run key was done before; nothing was done again.');
  });

  test('ends with 99 where there is nothing to do, 1 where it failed, and tries that again', async () => {
    const skipped = await segue('task', 'run', 'build-corpus', '--run-key', 'airflow-1', '--json');
    expect({ exitCode: skipped.exitCode, status: skipped.json.status }).toEqual({ exitCode: 99, status: 'skipped' });

    const fault = world.simulator.faults.add({ kind: 'status', status: 400, always: true });
    const failed = await segue('task', 'run', 'sync-plays', '--run-key', 'airflow-2', '--json');
    world.simulator.faults.remove(fault);
    expect(failed.exitCode).toBe(1);
    expect(failed.json).toMatchObject({ task: 'sync-plays', status: 'failed', run: expect.any(Number), error: {} });
    const again = await segue('task', 'run', 'sync-plays', '--run-key', 'airflow-2', '--json');
    expect(again).toMatchObject({ exitCode: 0, json: { run: failed.json.run, status: 'succeeded' } });
  });

  test.each([
    ['recommend', '{"length":"abc"}', 'length'],
    ['recommend', '{"len":5}', 'len'],
    ['publish', '{"edition":"newest"}', 'edition'],
    ['publish', '{"dryRun":"yes"}', 'dryRun'],
    ['import-history', '{}', 'paths'],
    ['import-history', '{"paths":"export.zip"}', 'paths'],
    ['import-history', '{"paths":[1]}', 'paths.0'],
    ['import-playlists', '{"paths":{"a":1}}', 'paths'],
    ['import-features', '{"paths":[null]}', 'paths.0'],
    ['train-vectors', '{"epochs":"many"}', 'epochs'],
    ['train-vectors', '{"epoch":3}', 'epoch'],
    ['sync-plays', '{"limit":50}', 'limit'],
    ['sync-library', '{"all":true}', 'all'],
    ['build-corpus', '{"paths":[]}', 'paths'],
    ['enrich-features', '{"on":true}', 'on'],
    ['nope', '{}', 'sync-plays'],
  ])('%s with the input %s is used wrongly: three lines that name %s', async (task, input, named) => {
    const { exitCode, noted, json } = await segue('task', 'run', task, '--input', input, '--json');
    expect({ exitCode, lines: noted.length, why: noted[1] }).toEqual({
      exitCode: 2,
      lines: 3,
      why: expect.stringContaining(named),
    });
    expect(json.error.code).toMatch(/^(bad-input|bad-settings|task-unknown)$/);
  });

  test('a run key of a pipeline is not taken over', async () => {
    const { json } = await segue('runs', '--pipeline', 'weekly', '--limit', '1', '--json');
    const taken = await segue('task', 'run', 'sync-plays', '--run-key', json.runs[0].runKey, '--json');
    expect({ exitCode: taken.exitCode, code: taken.json.error.code }).toEqual({ exitCode: 2, code: 'run-key-taken' });
  });
});

test('rebuild makes the same plays again from the raw files', async () => {
  const { json: before } = await segue('query', 'select track_id, ended_at from play order by 2, 1', '--json');
  const spoken = await segue('rebuild');
  expectReadable(spoken);
  expect(spoken.said[0]).toBe('The database is made again from the raw files.');
  const { json: after } = await segue('query', 'select track_id, ended_at from play order by 2, 1', '--json');
  expect(after).toEqual(before);
});

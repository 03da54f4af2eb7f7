import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Ended, segue } from '../cli/segue-process.ts';
import { cloneDatabase, hasServer, makeDataDir } from '../store-fixture.ts';

const seconds = z.number().nonnegative();
const TASKS = [
  'import-history',
  'sync-plays',
  'sync-library',
  'measure-outcomes',
  'import-playlists',
  'import-features',
  'enrich-features',
  'build-corpus',
  'train-vectors',
  'fit-recommenders',
  'recommend',
  'publish',
] as const;

/** The object that `npm run demo -- --once --json` prints last, as the README promises it. */
const report = z.strictObject({
  verified: z.literal(true),
  plays: z.int().positive(),
  playlists: z.int().positive(),
  tokens: z.int().positive(),
  vocabulary: z.int().positive(),
  model: z.strictObject({
    algorithm: z.string(),
    dimensions: z.int().positive(),
    settings: z.record(z.string(), z.json()),
    metrics: z.record(z.string(), z.json()),
  }),
  recommendations: z.literal(30),
  playlist: z.strictObject({ id: z.string().length(22), items: z.literal(30) }),
  tasks: z.strictObject(Object.fromEntries(TASKS.map((name) => [name, seconds]))),
});

/** The demo's object; stdout holds nothing besides it. */
function reportOf({ exitCode, stdout, stderr }: Ended): z.infer<typeof report> {
  expect(exitCode, stderr).toBe(0);
  expect(stdout.split('\n')).toEqual([expect.stringMatching(/^\{"verified":true,/), '']);
  return report.parse(JSON.parse(stdout));
}

// A demo takes half a minute of one core, and tests share two.
const LONG = 300_000;

describe('npm run demo -- --once --json', () => {
  test('a second run adds only what the station played since, and fills the same playlist', {
    timeout: LONG,
  }, async () => {
    const dataDir = await makeDataDir();
    try {
      const env = { SEGUE_DATA_DIR: dataDir };
      const demo = ['demo', '--once', '--json'];
      const first = reportOf(await segue(demo, env));
      const second = reportOf(await segue(demo, env));
      expect(second.playlist.id).toBe(first.playlist.id);

      const inside = { SEGUE_DATA_DIR: `${dataDir}/demo` };
      const asked = await segue(['query', COUNTS, '--json'], inside);
      const { plays, twice, synced } = asked.json.rows[0];
      expect(twice).toBe(0);
      expect(second.plays).toBe(plays);
      expect(plays - first.plays).toBe(synced);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test.skipIf(!hasServer())('on a PostgreSQL server, in a schema of its own', { timeout: LONG }, async () => {
    const dataDir = await makeDataDir();
    const database = await cloneDatabase();
    try {
      const env = { SEGUE_DATA_DIR: dataDir, DATABASE_URL: database.url };
      const { plays } = reportOf(await segue(['demo', '--once', '--json'], env));
      const asked = await segue(['query', 'select count(*) as plays from segue_demo.play', '--json'], env);
      expect(asked, asked.stderr).toMatchObject({ exitCode: 0, json: { rows: [{ plays }] } });
      const own = await segue(['status', '--json'], env);
      expect(own.json.plays.total).toBe(0);
    } finally {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

/** All plays; those of one track within 90 s of each other beyond the shortest repeat; what sync and import of the second run stored. */
const COUNTS = `
  select
    (select count(*) from play) as plays,
    (select count(*) from (
      select ended_at - lag(ended_at) over (partition by track_id order by ended_at) as since from play
    ) as pair where since < interval '20 s') as twice,
    (select sum(coalesce((output ->> 'stored')::int, (output -> 'plays' ->> 'stored')::int)) from task_run
      where task in ('sync-plays', 'import-history')
        and task_run_id > (select min(task_run_id) from task_run where task = 'publish')) as synced
`;

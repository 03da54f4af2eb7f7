import { once } from 'node:events';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/connect.ts';
import { cloneDatabase, describeEachStore, hasServer, makeDataDir, openTestStore } from '../store-fixture.ts';

describeEachStore('a store', (open, kind) => {
  it('keeps a transaction apart from every other query', async () => {
    await using store = await open();
    const names = async () =>
      (await store.db.selectFrom('listener').select('name').orderBy('name').execute()).map(({ name }) => name);
    const inside = Promise.withResolvers<void>();
    const transaction = store.transaction(async (db) => {
      await db.insertInto('listener').values({ name: 'inside' }).execute();
      inside.resolve();
      // Time for the others to slip in, if they could.
      for (let round = 0; round < 20; round++) await sql`select 1`.execute(db);
      await db.insertInto('listener').values({ name: 'inside too' }).execute();
      throw new Error('changed my mind');
    });
    await inside.promise;
    const others = Promise.all([
      store.db.insertInto('listener').values({ name: 'outside' }).execute(),
      store.exec(`insert into listener (name) values ('by exec'); insert into listener (name) values ('by exec too')`),
      names().then((seen) => expect(seen).not.toContain('inside')),
    ]);
    await expect(transaction).rejects.toThrow('changed my mind');
    await others;
    expect(await names()).toEqual(['by exec', 'by exec too', 'outside']);
  });

  it('runs transactions one after another or side by side without losing an update', async () => {
    await using store = await open();
    await store.db.insertInto('schedule').values({ pipeline: 'p', cron: '0', time_zone: 'UTC' }).execute();
    await Promise.all(
      Array.from({ length: 12 }, () =>
        store.transaction(async (db) => {
          const { cron } = await db.selectFrom('schedule').select('cron').forUpdate().executeTakeFirstOrThrow();
          await db
            .updateTable('schedule')
            .set({ cron: String(Number(cron) + 1) })
            .execute();
        }),
      ),
    );
    expect(await store.db.selectFrom('schedule').select('cron').executeTakeFirst()).toEqual({ cron: '12' });
  });

  it('leaves no transaction open when one of several statements fails', async () => {
    await using store = await open();
    const statements = `begin; insert into listener (name) values ('lost'); select 1 / 0; commit`;
    await expect(store.exec(statements)).rejects.toMatchObject({ code: '22012' });
    await expect(store.exec('begin')).resolves.toBeDefined();
    await store.exec(`insert into listener (name) values ('kept')`);
    expect((await store.exec('select name from listener')).rows).toEqual([{ name: 'kept' }]);
  });

  it('gives the rows of several statements one after another', async () => {
    await using store = await open();
    expect((await store.exec('select 1 as n; select 2 as n union all select 3')).rows).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  it('says which statement failed with PostgreSQL’s code, and never with the values', async () => {
    await using store = await open();
    await store.db.insertInto('listener').values({ name: 'ada' }).execute();
    const error = await store.exec('insert into listener (name) values ($1)', ['ada']).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: '23505', constraint: 'listener_name_key' });
    expect(Object.keys(error)).not.toContain('params');
    expect(error.stack).toContain('connect.test.ts');
  });

  it('finishes what was begun before it closes, and refuses what comes after', async () => {
    const store = await openTestStore(kind);
    const queries = Array.from({ length: 5 }, (_, n) => store.exec('select $1::int as n', [n]));
    const results = Promise.all(queries);
    await results;
    await store.close();
    await expect(store.exec('select 1')).rejects.toThrow();
  });
});

describe('the embedded database', () => {
  it('leaves the event loop free while it works', async () => {
    await using store = await openTestStore();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await store.exec('select count(*) from generate_series(1, 2000000)');
    clearInterval(timer);
    // On the same thread there would be none at all.
    expect(turns).toBeGreaterThan(2);
  });

  it('keeps what was committed and forced to the disk, and opens again', async () => {
    const dataDir = await makeDataDir(true);
    const first = await openStore({ dataDir });
    await first.db.insertInto('listener').values({ name: 'ada' }).execute();
    await first.flush();
    await first.close();
    const second = await openStore({ dataDir });
    expect(await second.db.selectFrom('listener').select('name').execute()).toEqual([{ name: 'ada' }]);
    await second.close();
    expect(await readdir(dataDir)).toEqual(['db']);
    await rm(dataDir, { recursive: true });
  });

  it('admits one at a time to a folder', async () => {
    await using store = await openTestStore();
    await expect(openStore({ dataDir: store.dataDir })).rejects.toMatchObject({ code: 'store-locked' });
    await expect(store.exec('select 1 as n')).resolves.toMatchObject({ rows: [{ n: 1 }] });
  });

  it('is made anew where a start was killed before it was whole', async () => {
    const dataDir = await makeDataDir();
    await mkdir(join(dataDir, 'db.unfinished', 'base'), { recursive: true });
    await writeFile(join(dataDir, 'db.unfinished', 'PG_VERSION'), '18');
    const store = await openStore({ dataDir });
    await store.close();
    expect(await readdir(dataDir)).toEqual(['db']);
    await rm(dataDir, { recursive: true });
  });

  it('says when a file is in the way', async () => {
    const dataDir = await makeDataDir();
    await writeFile(join(dataDir, 'file'), '');
    await expect(openStore({ dataDir: join(dataDir, 'file') })).rejects.toMatchObject({
      code: 'directory-not-writable',
    });
    await expect(openStore({ dataDir: join(dataDir, 'file', 'below') })).rejects.toMatchObject({
      code: 'directory-not-writable',
    });
    await rm(dataDir, { recursive: true });
  });

  it.skipIf(process.getuid?.() === 0)('says when the folder may not be written', async () => {
    const dataDir = await makeDataDir();
    await chmod(dataDir, 0o500);
    await expect(openStore({ dataDir })).rejects.toMatchObject({ code: 'directory-not-writable' });
    await chmod(dataDir, 0o700);
    await rm(dataDir, { recursive: true });
  });
});

describe.skipIf(!hasServer())('a server', () => {
  const openAt = async (url: string) => await openStore({ dataDir: '', databaseUrl: url });
  const secret = 'p%40ss-word';

  it('is migrated once by two that come at once, in a schema of the name given', async () => {
    const database = await cloneDatabase();
    const options = { dataDir: '', databaseUrl: database.url, schema: 'other' };
    const stores = await Promise.all([openStore(options), openStore(options)]);
    const { rows } = await stores[0]!.exec(`select count(*) from other.migration`);
    const migrations = await readdir(join(import.meta.dirname, '../../src/store/migrations'));
    expect(rows).toEqual([{ count: migrations.filter((name) => name.endsWith('.sql')).length }]);
    for (const store of stores) await store.close();
    await database.drop();
  });

  it('is named, without user and password, when it does not answer', async () => {
    const silent: Server = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    silent.close();
    await once(silent, 'close');
    const error = await openAt(`postgres://me:${secret}@127.0.0.1:${port}/music`).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'database-unreachable', retryable: true });
    expect(error.message).toBe(`The database music at 127.0.0.1:${port} does not answer.`);
    expect(error.lines.join('\n')).not.toMatch(/p@ss|p%40ss/);
  });

  it('is told apart: no such machine, no such database', async () => {
    await expect(openAt('postgres://me@no-such-host.invalid/music')).rejects.toMatchObject({
      code: 'database-unreachable',
    });
    const database = await cloneDatabase();
    await database.drop();
    await expect(openAt(database.url)).rejects.toMatchObject({ code: 'database-unknown' });
  });

  it('may cut a connection: the query fails for now, the next one finds another', async () => {
    await using store = await openTestStore('server');
    const cut = store.exec('select pg_terminate_backend(pg_backend_pid())');
    await expect(cut).rejects.toMatchObject({ code: 'database-unreachable', retryable: true });
    await expect(store.exec('select 1 as n')).resolves.toMatchObject({ rows: [{ n: 1 }] });
  });
});

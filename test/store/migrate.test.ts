import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { migrate, readMigrations } from '../../src/store/migrate.ts';
import { describeEachStore, openTestStore } from '../store-fixture.ts';

describeEachStore('migrate', (_open, kind) => {
  it('applies what is new, each with all it does or not at all', async () => {
    await using store = await openTestStore(kind);
    const known = await readMigrations();
    const next = {
      number: known.length + 1,
      name: 'next',
      checksum: 'x',
      sql: 'create table one (n int); create table two (n int)',
    };
    const broken = {
      number: next.number + 1,
      name: 'broken',
      checksum: 'y',
      sql: 'create table three (n int); select 1 / 0',
    };
    await expect(migrate(store.db, 'segue', [...known, next, broken], silentLog)).rejects.toMatchObject({
      code: '22012',
    });
    const { rows } = await store.exec(
      `select to_regclass('two') is not null as two, to_regclass('three') is not null as three`,
    );
    expect(rows).toEqual([{ two: true, three: false }]);
    expect(await migrate(store.db, 'segue', [...known, next], silentLog)).toBe(0);
  });

  it('refuses a database that is newer or was made by other files', async () => {
    await using store = await openTestStore(kind);
    const known = await readMigrations();
    const changed = [{ ...known[0]!, checksum: 'other' }, ...known.slice(1)];
    await expect(migrate(store.db, 'segue', changed, silentLog)).rejects.toMatchObject({ code: 'schema-changed' });
    await sql`insert into migration (number, name, checksum) values (${known.length + 1}, 'later', 'z')`.execute(
      store.db,
    );
    const error = await migrate(store.db, 'segue', known, silentLog).catch((thrown) => thrown);
    expect(error.code).toBe('schema-newer');
    expect(error.lines[1]).toBe(`It has migration ${known.length + 1} (later); this version knows ${known.length}.`);
  });
});

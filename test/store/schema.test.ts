import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const GOLDEN = new URL('../golden/schema.txt', import.meta.url);

async function lines(store: TestStore, query: string): Promise<string[]> {
  const { rows } = await store.exec(query);
  return rows.map(({ line }) => String(line));
}

/** Tables, views, columns, constraints, indexes and comments of our schema, one a line. */
async function describeSchema(store: TestStore): Promise<string> {
  const relations = await lines(
    store,
    `select concat(case relkind when 'v' then 'view ' else 'table ' end, relname, '  -- ', obj_description(oid, 'pg_class'))
       as line
     from pg_class where relnamespace = current_schema::regnamespace and relkind in ('r', 'v') order by relname`,
  );
  const columns = await lines(
    store,
    `select concat('column ', relname, '.', attname, ' ', format_type(atttypid, atttypmod),
       case when attnotnull then ' not null' end, case when attidentity <> '' then ' identity' end,
       ' default ' || pg_get_expr(adbin, adrelid), '  -- ' || col_description(pg_class.oid, attnum)) as line
     from pg_class join pg_attribute on attrelid = pg_class.oid
     left join pg_attrdef on adrelid = pg_class.oid and adnum = attnum
     where relnamespace = current_schema::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped
     order by relname, attnum`,
  );
  const constraints = await lines(
    store,
    // From 18 on not-null is a constraint too; it stands with the column here.
    `select concat('constraint ', conrelid::regclass, '.', conname, ' ', pg_get_constraintdef(oid)) as line
     from pg_constraint where connamespace = current_schema::regnamespace and contype <> 'n'
     order by conrelid::regclass::text collate "C", conname collate "C"`,
  );
  const indexes = await lines(
    store,
    `select replace(indexdef, schemaname || '.', '') as line from pg_indexes
     where schemaname = current_schema order by tablename collate "C", indexname collate "C"`,
  );
  return [...relations, ...columns, ...constraints, ...indexes].join('\n').concat('\n');
}

describeEachStore('the schema', (open, kind) => {
  it('is the one in test/golden/schema.txt', async () => {
    await using store = await open();
    const found = await describeSchema(store);
    // Set to write the file anew, then look at what changed.
    if (process.env.UPDATE_GOLDEN && kind === 'embedded') await writeFile(GOLDEN, found);
    expect(found).toBe(await readFile(GOLDEN, 'utf8'));
  });

  it('says of every table, view and column of a table what it is', async () => {
    await using store = await open();
    const silent = await lines(
      store,
      `select relname as line from pg_class
       where relnamespace = current_schema::regnamespace and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null
       union all
       select relname || '.' || attname from pg_class join pg_attribute on attrelid = pg_class.oid
       where relnamespace = current_schema::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
         and col_description(pg_class.oid, attnum) is null`,
    );
    expect(silent).toEqual([]);
  });

  it('has an index that begins with the columns of every foreign key', async () => {
    await using store = await open();
    const missing = await lines(
      store,
      `select concat(conrelid::regclass, '.', conname) as line from pg_constraint
       where connamespace = current_schema::regnamespace and contype = 'f' and not exists (
         select from pg_index where indrelid = conrelid and indpred is null
           and (indkey::int2[])[0:cardinality(conkey) - 1] = conkey)`,
    );
    expect(missing).toEqual([]);
  });
});

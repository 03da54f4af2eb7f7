import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { jsonText, rowList, textArray } from '../../src/store/rows.ts';
import { hasServer, openTestStore, type TestStore } from '../store-fixture.ts';

const time = new Date('2026-11-22T12:34:56.789Z');

const STATEMENTS: readonly (readonly [string, readonly unknown[]])[] = [
  ['select 42::int8 as a, count(*) as b, sum(n) as c from generate_series(1, 3) as n', []],
  ['select 9007199254740991::int8 as a, array[1, null, 3]::int8[] as b', []],
  [`select decode('00ff10', 'hex') as a, ''::bytea as b`, []],
  [`select interval '1 day 02:03:04.5' as a, interval '0' as b`, []],
  [`select date '2014-06-16' as a, array[date '2014-06-16', null] as b`, []],
  [`select $1::timestamptz as a, date_trunc('hour', $1::timestamptz) as b, array[$1::timestamptz, null] as c`, [time]],
  [
    'select $1::jsonb as a, $2::jsonb as b, $3::json as c',
    [jsonText([1, 'two', { three: null }]), jsonText('text'), jsonText(null)],
  ],
  ['select $1::text as a, $2::boolean as b, $3::float8 as c, $4::int as d', ['ü\u2028"', true, 0.1, null]],
  [`select 1.50::numeric as a, 1.5::real as b, 'x'::varchar as c, 3::smallint as d, true as e`, []],
  ['select $1::text[] as a, $2::int[] as b, $3::float8[] as c', [['a', 'b,"c"', '', 'null'], [1, 2], [0.5]]],
  [`select array['x', null]::text[] as a, array[true, null] as b, array[]::int[] as c`, []],
  ['select 1 as a where false', []],
];

describe.skipIf(!hasServer())('both databases', () => {
  const results = async (store: TestStore) => {
    const rows: unknown[] = [];
    for (const [statement, values] of STATEMENTS) rows.push((await store.exec(statement, values)).rows);
    return rows;
  };

  it('give the same results in the same types', async () => {
    await using embedded = await openTestStore('embedded');
    await using server = await openTestStore('server');
    const found = await results(embedded);
    expect(await results(server)).toStrictEqual(found);
    expect(found.slice(0, 6)).toStrictEqual([
      [{ a: 42, b: 3, c: 6 }],
      [{ a: 9007199254740991, b: [1, null, 3] }],
      [{ a: new Uint8Array([0, 255, 16]), b: new Uint8Array() }],
      [{ a: '1 day 02:03:04.5', b: '00:00:00' }],
      [{ a: '2014-06-16', b: ['2014-06-16', null] }],
      [{ a: time, b: new Date('2026-11-22T12:00:00Z'), c: [time, null] }],
    ]);
  });

  it('count what a statement changed alike', async () => {
    for (const kind of ['embedded', 'server'] as const) {
      await using store = await openTestStore(kind);
      const rows = ['a', 'b', 'c'].map((name) => ({ name }));
      const inserted = await sql`
        insert into listener (name) select n.name from ${rowList('n', rows, { name: 'text' })}`.execute(store.db);
      expect(inserted.numAffectedRows).toBe(3n);
      const deleted = await sql`delete from listener where name = any(${textArray(['a', 'x'])}) returning name`.execute(
        store.db,
      );
      expect(deleted).toMatchObject({ numAffectedRows: 1n, rows: [{ name: 'a' }] });
    }
  });

  it('order and compare text alike', async () => {
    for (const kind of ['embedded', 'server'] as const) {
      await using store = await openTestStore(kind);
      const { rows } = await store.exec(`select unnest(array['b', 'B', 'a', 'Z', 'é']) collate "C" as t order by 1`);
      expect(rows.map(({ t }) => t)).toEqual(['B', 'Z', 'a', 'b', 'é']);
    }
  });
});

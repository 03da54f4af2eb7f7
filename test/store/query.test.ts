import { describe, expect, test } from 'vitest';
import { queryReadOnly } from '../../src/store/query.ts';
import { describeEachStore } from '../store-fixture.ts';

describeEachStore("a query of the owner's", (open) => {
  test('is answered with the types of every other query', async () => {
    await using store = await open();
    await store.exec(`insert into listener (name) values ('ada')`);
    expect(await queryReadOnly(store, 'select listener_id, name, null as nothing from listener order by 1')).toEqual([
      { listener_id: 1, name: 'ada', nothing: null },
    ]);
    expect(await queryReadOnly(store, 'select 1 as one where false')).toEqual([]);
    expect(await queryReadOnly(store, 'values (1), (2);')).toEqual([{ column1: 1 }, { column1: 2 }]);
    expect(await queryReadOnly(store, 'with a as (select 2 as two) select * from a -- and a comment')).toEqual([
      { two: 2 },
    ]);
    expect(await queryReadOnly(store, 'show transaction_read_only')).toEqual([{ transaction_read_only: 'on' }]);
  });

  describe('changes nothing', () => {
    const DELETE = 'delete from listener';
    test.each([
      [DELETE],
      [`${DELETE} returning *`],
      [`with gone as (${DELETE} returning *) select * from gone`],
      [`select 1; ${DELETE}`],
      [`commit; ${DELETE}`],
      [`rollback; ${DELETE}; begin`],
      [`set transaction read write; ${DELETE}`],
      [`select set_config('transaction_read_only', 'off', false); ${DELETE}`],
      [`explain analyze ${DELETE}`],
      [`do $$ begin ${DELETE}; end $$`],
      ['create table mine (a int)'],
      ['create temporary table mine (a int)'],
      ['drop table play cascade'],
      ["select setval(pg_get_serial_sequence('listener', 'listener_id'), 99)"],
      ["select nextval(pg_get_serial_sequence('listener', 'listener_id'))"],
      ["copy listener to '/segue-test-copy'"],
      ["copy listener to program 'true'"],
      ['set search_path = public'],
      ['vacuum'],
      ['prepare mine as select 1'],
      ['listen mine'],
      [''],
      ['select from nowhere'],
      ['select'.padEnd(20, ' (')],
    ])('%s', async (statement) => {
      await using store = await open();
      await store.exec(`insert into listener (name) values ('ada')`);
      await queryReadOnly(store, statement).then(
        // What is no error must still have done nothing.
        () => {},
        (error) => expect(error).toMatchObject({ code: 'bad-query' }),
      );
      const { rows } = await store.exec('select listener_id, name from listener');
      expect(rows).toEqual([{ listener_id: 1, name: 'ada' }]);
      expect((await store.exec("select to_regclass('mine') as mine")).rows).toEqual([{ mine: null }]);
    });
  });

  test('a setting that it changes does not outlive it', async () => {
    await using store = await open();
    const { rows: before } = await store.exec('show search_path');
    await queryReadOnly(store, "select set_config('search_path', 'nowhere', false)");
    expect((await store.exec('show search_path')).rows).toEqual(before);
  });

  test('says in three lines what the database says', async () => {
    await using store = await open();
    const error = await queryReadOnly(store, 'select nothing').catch((thrown) => thrown);
    expect(error.code).toBe('bad-query');
    expect(error.why).toContain('column "nothing" does not exist');
  });
});

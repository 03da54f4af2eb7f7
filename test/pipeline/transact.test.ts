import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { transact } from '../../src/pipeline/transact.ts';
import { describeEachStore } from '../store-fixture.ts';
import { openTestEngine } from './engine-fixture.ts';

describeEachStore('a transaction', (open) => {
  const failWith = (sqlState: string) =>
    sql.raw(`do $$ begin raise exception 'x' using errcode = '${sqlState}'; end $$`);

  it.each(['40001', '40P01'])('is tried again when the database took it back (%s)', async (sqlState) => {
    await using store = await open();
    await using engine = await openTestEngine(store, [], [], { clock: new ManualClock(new Date()) });
    let tries = 0;
    const result = await transact(engine, async (transaction) => {
      if (++tries < 3) await failWith(sqlState).execute(transaction);
      return 'done';
    });
    expect([result, tries]).toEqual(['done', 3]);
  });

  it('is not tried again when it is at fault itself', async () => {
    await using store = await open();
    await using engine = await openTestEngine(store, [], [], { clock: new ManualClock(new Date()) });
    let tries = 0;
    const work = transact(engine, async (transaction) => {
      tries++;
      await failWith('23505').execute(transaction);
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(tries).toBe(1);
  });
});

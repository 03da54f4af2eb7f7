import { expect, it } from 'vitest';
import { describeEachStore } from '../store-fixture.ts';

describeEachStore('openStore', (open) => {
  it('opens a migrated store', async () => {
    await using store = await open();
    const row = await store.db.insertInto('listener').values({ name: 'ada' }).returningAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ listener_id: 1, name: 'ada', created_at: expect.any(Date) });
  });
});

import { describe, expect, it } from 'vitest';
import { openTestStore } from '../store-fixture.ts';

describe('openStore', () => {
  it('opens a migrated store', async () => {
    await using store = await openTestStore();
    const row = await store.db.insertInto('listener').values({ name: 'ada' }).returningAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ listener_id: 1, name: 'ada', created_at: expect.any(Date) });
  });
});

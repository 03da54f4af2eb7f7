import { expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { openTaskQueue, type TaskQueue } from '../../src/pipeline/task-queue.ts';
import { describeEachStore } from '../store-fixture.ts';

describeEachStore('the task queue', (open, kind) => {
  test('hands each job to one, at its time, and forgets what was rolled back', async () => {
    await using store = await open();
    // On a server several processes may install it at the same moment.
    const opening = Array.from({ length: kind === 'server' ? 3 : 1 }, () => openTaskQueue(store, silentLog));
    const queues = await Promise.all(opening);
    const queue: TaskQueue = queues[0]!;
    const take = (): Promise<number | undefined> => store.transaction((transaction) => queue.take(transaction));

    await store.transaction(async (transaction) => {
      await queue.send(transaction, 1);
      await queue.send(transaction, 2, 3600);
      await queue.send(transaction, 3, new Date('2020-01-01'));
    });
    const failed = store.transaction(async (transaction) => {
      await queue.send(transaction, 4);
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    const aborted = store.transaction(async (transaction) => {
      expect(await queue.take(transaction)).toBeDefined();
      throw new Error('died in between');
    });
    await expect(aborted).rejects.toThrow('died in between');

    expect((await Promise.all([take(), take(), take()])).sort()).toEqual([1, 3, undefined]);
    await store.transaction((transaction) => queue.drop(transaction, 2));
    expect((await store.exec('select from segue_jobs.job')).rows).toEqual([]);
    for (const each of queues) await each.close();
  });
});

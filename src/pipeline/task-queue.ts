import { EventEmitter } from 'node:events';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/connect.ts';

/** The transaction that a change of status and the job that follows from it share. */
export type Transaction = Parameters<Parameters<Store['transaction']>[0]>[0];

/**
 * One pg-boss job per task run that may start: it carries the number of the task run from whoever made it ready to a
 * worker, at the given time, to one of several processes. Truth stays in our tables: a job that came twice or too late is
 * dropped by whoever takes it, and a worker takes job and attempt in one transaction, so that dying in between loses neither.
 */
export interface TaskQueue {
  /** `startAfter`: a time, or seconds from now. */
  send(transaction: Transaction, taskRunId: number, startAfter?: Date | number): Promise<void>;
  /** The next due job, removed within the transaction. */
  take(transaction: Transaction): Promise<number | undefined>;
  /** Removes the jobs of one task run, due or not, because the caller runs it itself. */
  drop(transaction: Transaction, taskRunId: number): Promise<void>;
  /** Tells this process's workers that there may be something to take; call after the commit. */
  wake(): void;
  onWake(listener: () => void): () => void;
  close(): Promise<void>;
}

const QUEUE = 'task';
const DAY_S = 86_400;

/** Installs or opens pg-boss in the store's database, in a schema of its own beside ours (`segue_jobs` beside `segue`). */
export async function openTaskQueue(store: Store, log: Log): Promise<TaskQueue> {
  const { rows } = await store.exec('select current_schema() as schema');
  const boss = new PgBoss({
    schema: `${rows[0]!.schema}_jobs`,
    db: { executeSql: async (text, values) => await store.exec(text, values) },
    backend: store.kind === 'embedded' ? 'pglite' : 'postgres',
    // Nothing of pg-boss runs on a timer: jobs are removed when taken, so there is nothing to expire, retain or monitor,
    // and the embedded database is left in peace. Schedules are our own (src/pipeline/scheduler.ts).
    supervise: false,
    schedule: false,
    registerInstance: false,
    queueCacheIntervalSeconds: DAY_S,
    bamIntervalSeconds: DAY_S,
    flowIntervalSeconds: DAY_S,
  });
  boss.on('error', (error) => log.warn('the task queue had a problem', { error }));
  await boss.start();
  // pg-boss keeps a list of queues; filled here, it never asks the database inside one of our transactions, which on the
  // embedded database's single session would wait for itself.
  await boss.createQueue(QUEUE);

  const wakes = new EventEmitter();
  wakes.setMaxListeners(0);
  return {
    async send(transaction, taskRunId, startAfter) {
      await boss.send(
        QUEUE,
        { taskRunId },
        {
          db: fromKysely(transaction),
          singletonKey: String(taskRunId),
          ...(startAfter ? { startAfter } : {}),
        },
      );
    },
    async take(transaction) {
      const db = fromKysely(transaction);
      const [job] = await boss.fetch<{ taskRunId: number }>(QUEUE, { db });
      if (!job) return undefined;
      await boss.deleteJob(QUEUE, job.id, { db });
      return job.data.taskRunId;
    },
    async drop(transaction, taskRunId) {
      const db = fromKysely(transaction);
      const jobs = await boss.findJobs(QUEUE, { key: String(taskRunId), db });
      if (jobs.length > 0) {
        await boss.deleteJob(
          QUEUE,
          jobs.map(({ id }) => id),
          { db },
        );
      }
    },
    wake: () => void wakes.emit('wake'),
    onWake(listener) {
      wakes.on('wake', listener);
      return () => void wakes.off('wake', listener);
    },
    async close() {
      wakes.removeAllListeners();
      await boss.stop({ graceful: false, close: false });
    },
  };
}

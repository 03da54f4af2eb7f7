import { Worker } from 'node:worker_threads';
import type { EmbeddedAnswer, EmbeddedRequest, EmbeddedResult } from './pglite-worker.ts';

/** An error of the database, with PostgreSQL's SQLSTATE in `code` as node-postgres has it. */
export class DatabaseError extends Error {
  readonly code?: string;

  constructor(failure: Record<string, unknown>) {
    super(String(failure.message));
    Object.assign(this, failure);
    this.name = 'DatabaseError';
  }
}

type Asked<Request = EmbeddedRequest> = Request extends EmbeddedRequest ? Omit<Request, 'id'> : never;

/** The one session of an embedded database, held by one owner at a time until it is released. */
export interface Session {
  /** Several statements are possible when there are no values; their rows come back one after another. */
  query(sql: string, values?: readonly unknown[]): Promise<EmbeddedResult>;
  /** The next in the queue gets the session. A transaction left open by hand is rolled back first. */
  release(): Promise<void>;
}

// A statement that may leave a transaction open when it is run outside kysely's own transactions.
const OPENS_TRANSACTION = /\b(?:begin|start\s+transaction)\b/i;

/** PGlite on a worker thread. Its only session is lent out whole, so a transaction excludes every other query. */
export class EmbeddedDatabase {
  readonly #worker: Worker;
  readonly #explain: (error: unknown) => unknown;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #nextId = 1;
  #last: Promise<void> = Promise.resolve();
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(explain: (error: unknown) => unknown) {
    this.#explain = explain;
    this.#worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { name: 'segue-database', execArgv: [] });
    this.#worker.on('message', (answer: EmbeddedAnswer) => {
      const asked = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('failure' in answer) asked?.reject(new DatabaseError(answer.failure));
      else asked?.resolve(answer.value);
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('The embedded database is closed.')));
  }

  /**
   * Opens `directory`, or makes a database in it when it is missing or empty. `schema` is the search path.
   * Whatever fails passes through `explain` before it is thrown.
   */
  static async open(options: {
    readonly directory: string;
    readonly schema: string;
    readonly explain?: (error: unknown) => unknown;
  }): Promise<EmbeddedDatabase> {
    const { directory, schema, explain = (error) => error } = options;
    const database = new EmbeddedDatabase(explain);
    try {
      await database.#ask({ op: 'open', directory, schema });
      return database;
    } catch (error) {
      await database.#worker.terminate();
      throw error;
    }
  }

  /** Waits in line for the session. Who holds it must not wait for it again: that would wait for ever. */
  async acquire(): Promise<Session> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await before;
    let suspect = false;
    return {
      query: async (sql, values = []) => {
        suspect ||= values.length === 0 && OPENS_TRANSACTION.test(sql);
        const result = (await this.#ask({ op: 'query', sql, values })) as EmbeddedResult;
        if (sql === 'commit' || sql === 'rollback') suspect = false;
        return result;
      },
      release: async () => {
        try {
          if (suspect) await this.#ask({ op: 'query', sql: 'rollback', values: [] });
        } finally {
          turn.resolve();
        }
      },
    };
  }

  /** Runs statements on their own; a failure leaves no open transaction behind. */
  async exec(sql: string, values: readonly unknown[] = []): Promise<EmbeddedResult> {
    const session = await this.acquire();
    try {
      return await session.query(sql, values);
    } finally {
      await session.release();
    }
  }

  /** Everything committed so far is on the disk when this resolves. */
  async flush(): Promise<void> {
    await this.#ask({ op: 'flush' });
  }

  /** Lets those in line finish, then ends the thread. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      const session = await this.acquire();
      try {
        if (!this.#ended) await this.#ask({ op: 'close' });
      } finally {
        await session.release();
        await this.#worker.terminate();
      }
    })();
    await this.#closing;
  }

  async #ask(request: Asked): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ ...request, id });
    try {
      return await promise;
    } catch (error) {
      // The stack of the answer says nothing; this one names the query function that asked.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw this.#explain(error);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

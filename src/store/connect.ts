import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { EmbeddedDatabase } from './embedded.ts';
import { embeddedDialect } from './embedded-dialect.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { Database } from './schema.ts';
import { openPool } from './server.ts';

export interface Store {
  readonly db: Kysely<Database>;
  readonly kind: 'embedded' | 'server';
  /** Statements on a session of their own (several, when without values); for pg-boss and for maintenance. */
  exec(sql: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** On the embedded database nothing else runs meanwhile: inside `work`, only the transaction may be used. */
  transaction<Result>(work: (transaction: Transaction<Database>) => Promise<Result>): Promise<Result>;
  /** Forces what is committed to the disk (a server does so by itself). */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Segue's data folder; the embedded database lives in `db/` below it. */
  readonly dataDir: string;
  /** `postgres://…`: use this server instead of the embedded database. */
  readonly databaseUrl?: string | undefined;
  readonly clock?: Clock;
  readonly log?: Log;
  /** A dump to start an empty embedded database from. */
  readonly dump?: Uint8Array;
}

const SCHEMA = 'segue';

/** Opens the database, brings its schema up to date and hands it over; whoever opens it closes it. */
export async function openStore({ databaseUrl, ...options }: StoreOptions): Promise<Store> {
  const log = options.log ?? silentLog;
  const clock = options.clock ?? systemClock;
  void clock;
  const store = databaseUrl ? openServer(databaseUrl) : await openEmbedded(options);
  try {
    await migrate(store.db, SCHEMA, await readMigrations(), log);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openEmbedded(options: Omit<StoreOptions, 'databaseUrl'>): Promise<Store> {
  const directory = join(options.dataDir, 'db');
  await mkdir(directory, { recursive: true });
  const dump = options.dump;
  const database = await EmbeddedDatabase.open({ directory, schema: SCHEMA, ...(dump ? { dump } : {}) });
  const db = new Kysely<Database>({ dialect: embeddedDialect(database) });
  return {
    db,
    kind: 'embedded',
    exec: (sql, values) => database.exec(sql, values),
    transaction: (work) => db.transaction().execute(work),
    flush: () => database.flush(),
    close: () => db.destroy(),
  };
}

function openServer(databaseUrl: string): Store {
  const pool = openPool(databaseUrl, SCHEMA);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    kind: 'server',
    async exec(sql, values = []) {
      const results = await pool.query(sql, [...values]);
      // Several statements come back as a list of results.
      return { rows: [results].flat().flatMap((result) => result.rows) };
    },
    transaction: (work) => db.transaction().execute(work),
    flush: async () => {},
    close: () => db.destroy(),
  };
}

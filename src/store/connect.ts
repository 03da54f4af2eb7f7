import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { embeddedDialect } from './embedded-dialect.ts';
import { openEmbeddedFolder } from './embedded-folder.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { Database } from './schema.ts';
import { openServer } from './server.ts';

/** The database, whichever it is: the same schema, queries and result types on both. */
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
  /** The schema that holds all tables; made when missing. */
  readonly schema?: string;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** What either database offers below kysely. */
interface Backend extends Pick<Store, 'kind' | 'exec' | 'flush'> {
  readonly dialect: ConstructorParameters<typeof Kysely<Database>>[0]['dialect'];
  close(): Promise<void>;
}

/**
 * Opens the database, brings its schema up to date and hands it over; whoever opens it closes it.
 * Throws ExpectedError `store-locked`, `directory-not-writable`, `disk-full`, `database-unreachable` (retryable),
 * `database-refused`, `database-unknown`, `database-too-old`, `schema-newer`, `schema-changed`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, databaseUrl, schema = 'segue', clock = systemClock, log = silentLog } = options;
  const backend = databaseUrl
    ? await serverBackend(databaseUrl, schema, log)
    : await embeddedBackend(dataDir, schema, clock);
  const db = new Kysely<Database>({ dialect: backend.dialect });
  try {
    await migrate(db, schema, await readMigrations(), log);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return {
    db,
    kind: backend.kind,
    exec: backend.exec,
    transaction: (work) => db.transaction().execute(work),
    flush: backend.flush,
    close: backend.close,
  };
}

async function embeddedBackend(dataDir: string, schema: string, clock: Clock): Promise<Backend> {
  const folder = await openEmbeddedFolder(dataDir, schema, clock);
  return {
    kind: 'embedded',
    dialect: embeddedDialect(folder.database),
    exec: (sql, values) => folder.database.exec(sql, values),
    flush: () => folder.database.flush(),
    close: () => folder.close(),
  };
}

async function serverBackend(databaseUrl: string, schema: string, log: Log): Promise<Backend> {
  const pool = await openServer(databaseUrl, schema, log);
  return {
    kind: 'server',
    dialect: new PostgresDialect({ pool }),
    exec: (sql, values) => pool.exec(sql, values),
    flush: async () => {},
    close: () => pool.end(),
  };
}

import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { ExpectedError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { describeServer, serverError } from './store-errors.ts';

const OLDEST_VERSION = 14;

/** The pool as kysely and pg-boss use it; what fails in it is put into words first. */
export interface ServerPool extends PostgresPool {
  exec(sql: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Connects to a PostgreSQL server whose statements then see `schema`; throws what `serverError` makes of a failure. */
export async function openServer(databaseUrl: string, schema: string, log: Log): Promise<ServerPool> {
  const server = describeServer(databaseUrl);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'segue',
    max: 8,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    options: `-c search_path=${schema} -c timezone=UTC`,
    types: { getTypeParser },
  });
  // An idle connection that the server drops is replaced by the next query; unheard, the event would end the process.
  pool.on('error', (error) => log.warn('a connection to the database was lost', { server, error: error.message }));

  const explained = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw serverError(error, server);
    }
  };
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    const query = (sql: string, values: readonly unknown[]) => explained(client.query(sql, [...values]));
    const release = (destroy?: boolean) => client.release(destroy);
    const result = { query, release } as unknown as PostgresPoolClient;
    wrapped.set(client, result);
    return result;
  };
  const result: ServerPool = {
    options: pool.options,
    async connect() {
      const client = await explained(pool.connect());
      return wrapped.get(client) ?? wrap(client);
    },
    async exec(sql, values = []) {
      const results = await explained(pool.query(sql, [...values]));
      // Several statements come back as a list of results.
      return { rows: [results].flat().flatMap((each) => each.rows) };
    },
    end: () => pool.end(),
  };
  try {
    const { rows } = await result.exec('show server_version_num');
    refuseOld(Number(rows[0]?.server_version_num), server);
    return result;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function refuseOld(versionNumber: number, server: string): void {
  const version = Math.floor(versionNumber / 10_000);
  if (version >= OLDEST_VERSION) return;
  throw new ExpectedError('database-too-old', `The database ${server} is too old.`, {
    why: `It is PostgreSQL ${version}; Segue needs ${OLDEST_VERSION} or newer.`,
    hint: 'Upgrade the server, or leave DATABASE_URL out to use the embedded database.',
  });
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const BYTEA = 17;
const DATE = 1082;
const DATE_ARRAY = 1182;
const INTERVAL = 1186;
const TEXT_ARRAY = 1009;

const asText = (text: string): string => text;
const textArray = (pg.types.getTypeParser as (oid: number) => (text: string) => (string | null)[])(TEXT_ARRAY);

// What node-postgres gives differently from PGlite (src/store/pglite-worker.ts), so that no query has to know its database.
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [INT8_ARRAY, (text) => textArray(text).map((each) => (each === null ? null : Number(each)))],
  [BYTEA, (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))],
  [DATE, asText],
  [DATE_ARRAY, textArray],
  [INTERVAL, asText],
]);

const getTypeParser = ((oid: number, format?: 'text') =>
  PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

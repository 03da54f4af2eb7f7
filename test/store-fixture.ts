import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, inject } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../src/store/connect.ts';

export type StoreKind = Store['kind'];

/** A migrated, empty store that a test may fill; `await using` or `close()` removes it. */
export type TestStore = Store & AsyncDisposable & { readonly dataDir: string; readonly databaseUrl?: string };

/** Whether tests on a PostgreSQL server can run here (test/global-setup.ts looks for one). */
export const hasServer = (): boolean => inject('testServer') !== null;

/** A store of its own for one test: a copy of the run's template, in about half a second. */
export async function openTestStore(
  kind: StoreKind = 'embedded',
  options: Partial<StoreOptions> = {},
): Promise<TestStore> {
  const dataDir = await makeDataDir(kind === 'embedded');
  const database = kind === 'server' ? await cloneDatabase() : undefined;
  const databaseUrl = database && { databaseUrl: database.url };
  const store = await openStore({ dataDir, ...databaseUrl, ...options });
  const close = async () => {
    await store.close();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...store, dataDir, ...databaseUrl, close, [Symbol.asyncDispose]: close };
}

/** A new data folder; `withDatabase`: one that holds a migrated, empty embedded database. The caller removes it. */
export async function makeDataDir(withDatabase = false): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-test-'));
  if (withDatabase) await cp(inject('storeTemplate'), dataDir, { recursive: true });
  return dataDir;
}

/** A migrated, empty database on the test server. */
export async function cloneDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = inject('testServer');
  if (!server) throw new Error('no PostgreSQL server to test on');
  const name = `segue_test_${randomBytes(6).toString('hex')}`;
  await administer(server.url, `create database ${name} template ${server.template}`);
  return {
    url: Object.assign(new URL(server.url), { pathname: `/${name}` }).href,
    drop: () => administer(server.url, `drop database ${name} with (force)`),
  };
}

/**
 * The same suite on the embedded database and on a server (skipped where there is none). `open` hands over one store for
 * the whole suite, emptied each time: copying a database costs more than most tests.
 */
export function describeEachStore(
  name: string,
  suite: (open: () => Promise<TestStore>, kind: StoreKind) => void,
): void {
  for (const kind of ['embedded', 'server'] as const) {
    describe.skipIf(kind === 'server' && !hasServer())(`${name}, ${kind}`, () => {
      let shared: TestStore | undefined;
      afterAll(() => shared?.close());
      const open = async (): Promise<TestStore> => {
        if (shared) await empty(shared);
        else shared = await openTestStore(kind);
        return { ...shared, close: async () => {}, [Symbol.asyncDispose]: async () => {} };
      };
      suite(open, kind);
    });
  }
}

async function empty(store: Store): Promise<void> {
  const { rows } = await store.exec(
    `select string_agg(quote_ident(tablename), ', ') as tables from pg_tables
     where schemaname = current_schema and tablename <> 'migration'`,
  );
  await store.exec(`truncate ${rows[0]!.tables} restart identity cascade`);
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

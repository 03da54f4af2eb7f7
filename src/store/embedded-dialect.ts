import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { EmbeddedDatabase, Session } from './embedded.ts';

/**
 * Kysely over the embedded database. Kysely's own PGlite dialect hands one connection to everybody, so that a query made
 * beside a transaction ends up inside it; here a connection is the session, and there is one.
 */
export function embeddedDialect(database: EmbeddedDatabase): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => embeddedDriver(database),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

interface EmbeddedConnection extends DatabaseConnection {
  readonly session: Session;
}

function embeddedDriver(database: EmbeddedDatabase): Driver {
  const sessionOf = (connection: DatabaseConnection): Session => (connection as EmbeddedConnection).session;
  return {
    async init() {},
    async acquireConnection() {
      return connectionOver(await database.acquire());
    },
    async beginTransaction(connection, settings) {
      await sessionOf(connection).query(beginStatement(settings));
    },
    async commitTransaction(connection) {
      const { command } = await sessionOf(connection).query('commit');
      // PostgreSQL answers a commit with ROLLBACK when a statement had failed before.
      if (command === 'ROLLBACK') throw new AbortedTransactionError();
    },
    async rollbackTransaction(connection) {
      await sessionOf(connection).query('rollback');
    },
    async releaseConnection(connection) {
      await sessionOf(connection).release();
    },
    async destroy() {
      await database.close();
    },
  };
}

function beginStatement({ isolationLevel, accessMode }: TransactionSettings): string {
  const level = isolationLevel ? ` isolation level ${isolationLevel}` : '';
  return `start transaction${level}${accessMode ? ` ${accessMode}` : ''}`;
}

function connectionOver(session: Session): EmbeddedConnection {
  return {
    session,
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, affected, command } = await session.query(query.sql, query.parameters);
      const writes = /^(?:INSERT|UPDATE|DELETE|MERGE)/.test(command);
      return { rows: rows as Row[], ...(writes ? { numAffectedRows: BigInt(affected) } : {}) };
    },
    // biome-ignore lint/correctness/useYield: an async generator that only refuses
    async *streamQuery() {
      throw new Error('The embedded database cannot stream; read in pages instead.');
    },
  };
}

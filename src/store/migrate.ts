import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { ExpectedError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const OWN_MIGRATIONS = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/** The numbered files of a folder in order, for example `0001-first-schema.sql`. */
export async function readMigrations(folder: URL = OWN_MIGRATIONS): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(
    names.map(async (file, index) => {
      const [, number, name] = FILE_NAME.exec(file) ?? [];
      if (Number(number) !== index + 1) throw new Error(`${file} is not migration ${index + 1} by its name`);
      const text = (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(text).digest('hex');
      return { number: index + 1, name: name!, sql: text, checksum };
    }),
  );
}

interface Applied {
  number: number;
  name: string;
  checksum: string;
}

/**
 * Brings `schema` (made when missing) up to the newest migration, each in a transaction of its own. Several processes may
 * do this to one server at once: an advisory lock lets one after another look what is left to do. Returns how many it
 * applied. Refuses a database whose migrations differ from these files or are newer (`schema-changed`, `schema-newer`).
 */
export async function migrate(
  // biome-ignore lint/suspicious/noExplicitAny: the migration table is no part of the typed schema
  db: Kysely<any>,
  schema: string,
  migrations: readonly Migration[],
  log: Log,
): Promise<number> {
  for (let count = 0; ; count++) {
    const applied = await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('segue migrations'))`.execute(transaction);
      const done = await readApplied(transaction, schema);
      refuseForeign(done, migrations);
      const next = migrations[done.length];
      if (!next) return undefined;
      await transaction.executeQuery(CompiledQuery.raw(next.sql));
      await sql`insert into migration (number, name, checksum) values (${next.number}, ${next.name}, ${next.checksum})`.execute(
        transaction,
      );
      return next;
    });
    if (!applied) return count;
    log.info('migrated the database', { migration: applied.number, name: applied.name });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
async function readApplied(db: Kysely<any>, schema: string): Promise<Applied[]> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass(${`"${schema}".migration`}) is not null as found`.execute(db);
  if (!rows[0]?.found) {
    await sql`create schema if not exists ${sql.id(schema)}`.execute(db);
    await sql`create table migration (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`.execute(db);
  }
  const result = await sql<Applied>`select number, name, checksum from migration order by number`.execute(db);
  return result.rows;
}

function refuseForeign(applied: readonly Applied[], known: readonly Migration[]): void {
  const newer = applied[known.length];
  if (newer) {
    throw new ExpectedError('schema-newer', 'The database was made by a newer version of Segue.', {
      why: `It has migration ${newer.number} (${newer.name}); this version knows ${known.length}.`,
      hint: 'Update Segue, or use another database.',
    });
  }
  for (const [index, { number, name, checksum }] of applied.entries()) {
    if (known[index]!.checksum === checksum) continue;
    throw new ExpectedError('schema-changed', 'The database was made by another version of Segue.', {
      why: `Its migration ${number} (${name}) differs from the file of this version.`,
      hint: 'Use the version that made it, or move the database aside and run "segue rebuild".',
    });
  }
}

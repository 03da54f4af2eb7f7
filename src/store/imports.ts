import type { Kysely } from 'kysely';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';

/** What became of one file: `read` = `stored` + `alreadyThere` + all of `skipped`. */
export interface ImportRecord {
  readonly task: string;
  /** The file's name inside its source, never a path of the machine. */
  readonly sourceName: string;
  readonly format: string;
  readonly fingerprint: string;
  /** Where its rows landed, relative to the data folder. */
  readonly rawPath?: string | undefined;
  readonly read: number;
  readonly stored: number;
  readonly alreadyThere: number;
  /** Number of rows by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Notes that a file was imported, each time anew. */
export async function recordImport(db: Kysely<Database>, record: ImportRecord, finishedAt: Date): Promise<void> {
  await db
    .insertInto('import')
    .values({
      task: record.task,
      source_name: record.sourceName,
      format: record.format,
      fingerprint: record.fingerprint,
      raw_path: record.rawPath ?? null,
      items_read: record.read,
      items_stored: record.stored,
      items_already_there: record.alreadyThere,
      skipped: jsonText(record.skipped),
      finished_at: finishedAt,
    })
    .execute();
}

/** When each landed file was last imported, by its path relative to the data folder. */
export async function readImportTimes(db: Kysely<Database>): Promise<Map<string, Date>> {
  const rows = await db
    .selectFrom('import')
    .select(['raw_path', ({ fn }) => fn.max('finished_at').as('finished_at')])
    .where('raw_path', 'is not', null)
    .groupBy('raw_path')
    .execute();
  return new Map(rows.map((row) => [row.raw_path!, row.finished_at]));
}

// The lines that an attempt wrote, in its own order.
import { type Kysely, sql } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  /** Counts from 1 within the attempt. */
  readonly line: number;
  readonly loggedAt: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: { readonly [key: string]: Json } | null;
}

/** Appends lines; those already there (a repeated batch) are left alone. */
export async function appendLog(db: Kysely<Database>, attemptId: number, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await sql`
    insert into attempt_log (attempt_id, line, logged_at, level, message, fields)
    select ${attemptId}, line, "loggedAt", level, message, fields
    from jsonb_to_recordset(${jsonText(lines)}::jsonb)
      as given (line integer, "loggedAt" timestamptz, level text, message text, fields jsonb)
    on conflict do nothing`.execute(db);
}

/** The lines after line `after`, oldest first; ask again with the last line's number to follow a running attempt. */
export async function readLog(
  db: Kysely<Database>,
  attemptId: number,
  { after = 0, limit = 1000 }: { after?: number; limit?: number } = {},
): Promise<LogLine[]> {
  return (await db
    .selectFrom('attempt_log')
    .select(['line', 'logged_at as loggedAt', 'level', 'message', 'fields'])
    .where('attempt_id', '=', attemptId)
    .where('line', '>', after)
    .orderBy('line')
    .limit(limit)
    .execute()) as LogLine[];
}

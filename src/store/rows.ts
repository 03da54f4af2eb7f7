import { type RawBuilder, sql } from 'kysely';

/** PostgreSQL's name of a column's type in a row list. */
export type ColumnType =
  | 'text'
  | 'bigint'
  | 'integer'
  | 'smallint'
  | 'boolean'
  | 'real'
  | 'double precision'
  | 'timestamptz'
  | 'date'
  | 'jsonb';

// Of 1,000, 5,000 and 20,000 rows a statement, 5,000 were quickest on PGlite; more only takes more memory.
const CHUNK = 5_000;

/** Cuts a long list into pieces that one statement takes well. */
export function* chunks<Row>(rows: readonly Row[], size = CHUNK): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

/**
 * A list of objects as a table in SQL, alias and columns included: `select … from ${rowList('r', rows, {track_id: 'text'})}`.
 * One parameter for any number of rows, and the same statement on both databases; half as fast as COPY, which neither
 * PGlite's nor kysely's interface offers for both.
 */
export function rowList(
  alias: string,
  rows: readonly object[],
  columns: Record<string, ColumnType>,
): RawBuilder<unknown> {
  const list = Object.entries(columns).map(([name, type]) => sql`${sql.id(name)} ${sql.raw(type)}`);
  return sql`jsonb_to_recordset(${jsonText(rows)}::jsonb) as ${sql.id(alias)} (${sql.join(list)})`;
}

/** A list of strings as one parameter; `in` would take one for each and end at 65,535. */
export function textArray(values: Iterable<string>): RawBuilder<string[]> {
  return sql`${Array.from(values, withoutNul)}::text[]`;
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

// PostgreSQL's text and jsonb hold neither NUL nor half of a surrogate pair; JSON.stringify writes just those as \u….
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** JSON for a jsonb parameter: node-postgres would make a JavaScript array a PostgreSQL one. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null).replace(UNSTORABLE, '$1\ufffd');
}

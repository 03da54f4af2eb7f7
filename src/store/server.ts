import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const BYTEA = 17;
const DATE = 1082;
const DATE_ARRAY = 1182;
const INTERVAL = 1186;

const asText = (text: string): string => text;
const arrayOf = (pg.types as { getTypeParser(oid: number, format: string): (text: string) => unknown[] }).getTypeParser(
  1009, // text[]
  'text',
);

// What node-postgres would give differently from PGlite; fixed here so that no query has to know its database.
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [INT8_ARRAY, (text) => arrayOf(text).map((each) => (each === null ? null : Number(each)))],
  [BYTEA, (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))],
  [DATE, asText],
  [DATE_ARRAY, arrayOf],
  [INTERVAL, asText],
]);

/** A pool of connections whose statements see `schema` and whose results look like the embedded database's. */
export function openPool(databaseUrl: string, schema: string): pg.Pool {
  return new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'segue',
    max: 8,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    options: `-c search_path=${schema} -c timezone=UTC`,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
}

// The embedded database, alone on a thread of its own: a query blocks the thread it runs on, and PGlite has one session.
// Who may use that session when is decided by src/store/embedded.ts; this end answers one request at a time.
import { closeSync, fdatasyncSync, openSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** What the main thread asks. `id` comes back in the answer. */
export type EmbeddedRequest = { readonly id: number } & (
  | { readonly op: 'open'; readonly directory: string; readonly schema: string }
  | { readonly op: 'query'; readonly sql: string; readonly values: readonly unknown[] }
  | { readonly op: 'flush' | 'close' }
);

export interface EmbeddedResult {
  readonly rows: Record<string, unknown>[];
  /** Rows that an insert, update, delete or merge touched. */
  readonly affected: number;
  /** The last statement's command tag. */
  readonly command: string;
}

export type EmbeddedAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Record<string, unknown> };

const INT8 = 20;
const DATE = 1082;

// Set for each instance; PGlite's own defaults are kept.
const SETTINGS = {
  // 150 to 200 MB of memory instead of 300 with the default of 128 MB; the operating system caches the files anyway.
  shared_buffers: '8MB',
  // A sort or hash of a 150,000-row import fits.
  work_mem: '32MB',
  maintenance_work_mem: '64MB',
  timezone: 'UTC',
};

let database: PGlite | undefined;
let directory: string;

async function open(request: Extract<EmbeddedRequest, { op: 'open' }>): Promise<void> {
  directory = request.directory;
  const settings = Object.entries({ ...SETTINGS, search_path: request.schema });
  database = await PGlite.create({
    dataDir: directory,
    parsers: { [INT8]: Number, [DATE]: (text: string) => text },
    startParams: [...PGlite.defaultStartParams, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
  });
}

// A full disk does not fail PGlite's write-ahead log (segments of 16 MB), it makes it run in circles for ever. So what
// writes is refused while there is still room for a segment, and much at once earlier, so that a task that fails for it can
// still say so in its row and log.
const RESERVE_MB = { little: 20, much: 48 };
const WRITES_NOTHING = /^\s*(?:select|values|show|explain|fetch|begin|start|commit|rollback|savepoint|release|set)\b/i;

function needRoom(sql: string, values: readonly unknown[]): void {
  if (WRITES_NOTHING.test(sql)) return;
  const { bavail, bsize } = statfsSync(directory);
  const reserve = isMuch(sql, values) ? RESERVE_MB.much : RESERVE_MB.little;
  if (bavail * bsize >= reserve * 1024 ** 2) return;
  throw Object.assign(new Error('Too little room is left on the disk to write safely.'), { code: 'ENOSPC' });
}

function isMuch(sql: string, values: readonly unknown[]): boolean {
  const isLong = (value: unknown) => (typeof value === 'string' || Array.isArray(value)) && value.length > 5_000;
  return sql.length > 50_000 || values.length > 500 || values.some(isLong);
}

async function query(sql: string, values: readonly unknown[]): Promise<EmbeddedResult> {
  needRoom(sql, values);
  // exec() takes several statements but no values; query() the other way round.
  const results = values.length > 0 ? [await database!.query(sql, [...values])] : await database!.exec(sql);
  return {
    rows: results.flatMap((result) => (result.rows ?? []) as Record<string, unknown>[]),
    affected: results.reduce((sum, result) => sum + (result.affectedRows ?? 0), 0),
    command: results.at(-1)?.command ?? '',
  };
}

/** Forces the write-ahead log to the disk; PGlite itself never calls fsync. */
function flush(): void {
  const folder = join(directory, 'pg_wal');
  for (const name of readdirSync(folder)) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    const file = openSync(join(folder, name), 'r+');
    try {
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

async function answer(request: EmbeddedRequest): Promise<unknown> {
  switch (request.op) {
    case 'open':
      return await open(request);
    case 'query':
      return await query(request.sql, request.values);
    case 'flush':
      return flush();
    case 'close':
      return await database?.close();
  }
}

const ERROR_FIELDS = [
  'message',
  'code',
  'severity',
  'detail',
  'hint',
  'position',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'routine',
  'errno',
  'syscall',
  'path',
];

// Emscripten's file system throws WASI's numbers (wasi_snapshot_preview1 errno) in something that is no Error.
const WASI_ERRNO: Record<number, string> = { 2: 'EACCES', 19: 'EDQUOT', 51: 'ENOSPC', 63: 'EPERM', 69: 'EROFS' };

parentPort?.on('message', async (request: EmbeddedRequest) => {
  try {
    parentPort?.postMessage({ id: request.id, value: await answer(request) } satisfies EmbeddedAnswer);
  } catch (error) {
    const thrown = error as Record<string, unknown>;
    const failure: Record<string, unknown> = { message: String(error) };
    // Not `params` and `query`, which PGlite adds: they hold what the caller stores.
    for (const field of ERROR_FIELDS) if (thrown?.[field] !== undefined) failure[field] = thrown[field];
    if (thrown?.name === 'ErrnoError') {
      failure.code = WASI_ERRNO[Number(thrown.errno)];
      failure.message = `The file system refused: ${failure.code ?? `error ${thrown.errno}`}`;
    }
    parentPort?.postMessage({ id: request.id, failure } satisfies EmbeddedAnswer);
  }
});

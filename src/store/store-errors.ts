import { ExpectedError, systemCode } from '../base/errors.ts';

/** What the messages may say of a server: its address and database, never user or password. */
export function describeServer(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  return `${decodeURIComponent(url.pathname.slice(1)) || 'postgres'} at ${decodeURIComponent(host)}:${url.port || 5432}`;
}

/** An error of the data folder or of the embedded database in words, where a person or the disk caused it. */
export function folderError(error: unknown, dataDir: string): unknown {
  switch (systemCode(error)) {
    case '53100':
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(`The disk that holds ${dataDir} is full.`, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ExpectedError('directory-not-writable', `Segue cannot write to ${dataDir}.`, {
        why: 'The folder, or one above it, does not let this user write.',
        hint: 'Change its owner or rights, or name another folder in SEGUE_DATA_DIR.',
        cause: error,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new ExpectedError('directory-not-writable', `Segue cannot use ${dataDir} as its data folder.`, {
        why: 'A file stands where a folder should be.',
        hint: 'Move the file, or name another folder in SEGUE_DATA_DIR.',
        cause: error,
      });
    default:
      return error;
  }
}

/** SQLSTATE classes and codes, and Node's network codes, after which the same statement may succeed later. */
const LOST =
  /^(?:08.{3}|57P0[1-5]|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const BUSY = /^(?:40001|40P01|55P03|53300|53400)$/;
// node-postgres gives these no code.
const LOST_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error/;

// What node-postgres says where the server wants a password and the address has none.
const NO_PASSWORD = /client password must be a (?:non-empty )?string/;

/** An error of a PostgreSQL server in words, where its operator or the network caused it; `server` as `describeServer`. */
export function serverError(error: unknown, server: string): unknown {
  const code = systemCode(error) ?? '';
  if (code === '53100') return diskFull(`The disk of the database ${server} is full.`, error);
  if (code === '28P01' || code === '28000' || (error instanceof Error && NO_PASSWORD.test(error.message))) {
    return new ExpectedError('database-refused', `The database ${server} refused the user or password.`, {
      why: 'The server does not accept what DATABASE_URL gives.',
      hint: 'Correct user and password in DATABASE_URL (special characters must be percent-encoded).',
    });
  }
  if (code === '42501') {
    return new ExpectedError(
      'database-refused',
      `The database ${server} does not let this user make or change tables.`,
      {
        why: `It says: ${(error as Error).message}.`,
        hint: 'Grant it: grant create on database <name> to <user>; for tables of another user, their rights as well.',
        cause: error,
      },
    );
  }
  if (code === '3D000') {
    return new ExpectedError('database-unknown', `There is no database ${server}.`, {
      why: 'The server answers, but has no database of this name.',
      hint: 'Create it (createdb), or correct the name at the end of DATABASE_URL.',
      cause: error,
    });
  }
  if (BUSY.test(code)) {
    return new ExpectedError('database-busy', `The database ${server} could not do this now.`, {
      why: `It is in conflict with other work or out of connections (SQLSTATE ${code}).`,
      hint: 'Nothing was changed; it will be tried again.',
      retryable: true,
      cause: error,
    });
  }
  if (LOST.test(code) || (error instanceof Error && LOST_MESSAGE.test(error.message))) {
    return new ExpectedError('database-unreachable', `The database ${server} does not answer.`, {
      why:
        code === 'ENOTFOUND' ? 'No machine of this name was found.' : 'The connection could not be made or was lost.',
      hint: 'Check that the server runs and that the address in DATABASE_URL is right.',
      retryable: true,
      cause: error,
    });
  }
  return error;
}

function diskFull(message: string, cause: unknown): ExpectedError {
  return new ExpectedError('disk-full', message, {
    why: 'There is no room for what was to be stored; everything stored before is kept.',
    hint: 'Free some space, then run the same command again.',
    cause,
  });
}

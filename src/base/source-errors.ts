// What can be wrong with a file or folder that somebody wants read, in three lines.
import { asError, ExpectedError, isExpected, systemCode } from './errors.ts';

export function unreadableSource(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (isExpected(error) || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ExpectedError('source-not-found', `There is no ${path}`, {
      why: 'No file or folder has this name.',
      hint: 'Check the path; a name with spaces needs quotes.',
      cause: error,
    });
  }
  return new ExpectedError('source-not-readable', `Cannot read ${path}`, {
    why: code === 'EACCES' || code === 'EPERM' ? 'This user may not read it.' : `The system answered ${code}.`,
    hint: code === 'ENOSPC' ? 'Free some disk space.' : 'Check its permissions and that the disk is connected.',
    cause: error,
  });
}

export function damagedSource(name: string, error: unknown): unknown {
  if (isExpected(error)) return error;
  const { message } = asError(error);
  if (/encrypt/.test(message)) return encryptedSource(name);
  const isCut = /End of central directory|unexpected end|unexpected EOF|overflows file bounds|not enough bytes/i.test(
    message,
  );
  return new ExpectedError('source-damaged', `Cannot read all of ${name}`, {
    why: isCut ? 'It is cut short: an unfinished download or copy.' : `It is damaged (${message}).`,
    hint: 'Download or copy it again.',
    cause: error,
  });
}

export function encryptedSource(name: string): ExpectedError {
  return new ExpectedError('source-encrypted', `Cannot read ${name}`, {
    why: 'It is encrypted with a password.',
    hint: 'Unpack it with its password and pass the folder.',
  });
}

export function emptySource(path: string, why: string): ExpectedError {
  return new ExpectedError('source-empty', `There is nothing to read in ${path}`, {
    why: `${why}.`,
    hint: 'Check that the download or copy was finished, and that this is the right path.',
  });
}

import { ExpectedError, isExpected, systemCode } from './errors.ts';

/**
 * A write that failed, in three lines where the disk or its rights caused it: ExpectedError `disk-full` (retryable), or
 * `code` for anything else the system answers. What is no answer of the system comes back unchanged.
 */
export function asWriteFailure(error: unknown, code: string, folder: string): unknown {
  const answer = systemCode(error);
  if (isExpected(error) || answer === undefined || !/^E[A-Z]+$/.test(answer)) return error;
  const isFull = answer === 'ENOSPC' || answer === 'EDQUOT';
  const isForbidden = answer === 'EACCES' || answer === 'EPERM' || answer === 'EROFS';
  return new ExpectedError(isFull ? 'disk-full' : code, `Cannot write to ${folder}.`, {
    why: isFull
      ? 'The disk is full.'
      : isForbidden
        ? 'This user may not write there.'
        : `The system answered ${answer}.`,
    hint: isFull
      ? 'Free some space, or move the data folder with SEGUE_DATA_DIR, and run it again; nothing that was stored is lost.'
      : 'Check the data folder in the settings and its permissions, then run it again.',
    retryable: isFull,
    cause: error,
  });
}

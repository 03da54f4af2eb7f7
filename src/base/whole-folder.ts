import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';
import { makeUnfinishedFolder } from './unfinished-folder.ts';
import { asWriteFailure } from './write-failure.ts';

/**
 * Makes a folder that appears under its name whole or not at all: `fill` writes and fsyncs its files in another one, which then
 * takes the place of an older one of that name. Returns what `fill` returns. Throws ExpectedError `disk-full` (retryable) or
 * `code`, and what `fill` throws.
 */
export async function writeWholeFolder<T>(
  directory: string,
  code: string,
  fill: (partial: string) => Promise<T>,
): Promise<T> {
  const parent = dirname(directory);
  try {
    const partial = await makeUnfinishedFolder(parent);
    try {
      const result = await fill(partial);
      await syncFolder(partial);
      await rm(directory, { recursive: true, force: true });
      await rename(partial, directory);
      await syncFolder(parent);
      return result;
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw asWriteFailure(error, code, parent);
  }
}

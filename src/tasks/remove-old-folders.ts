import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import type { TaskContext } from '../base/task.ts';

// The newest is in use; the one before may still be, by a task that began earlier. Each can be made again.
const KEPT = 2;

/**
 * Removes the folders of training corpora or models (`path` relative to the data folder, newest first) that nothing uses any
 * more: a schedule makes new ones every week, of up to a gigabyte each. Their rows stay, for what was made with them.
 * `made`: the one made just now, which stays even where a clock that is wrong makes others look newer.
 */
export async function removeOldFolders(
  dataDir: string,
  rows: readonly { readonly path: string }[],
  made: string,
  { log }: Pick<TaskContext, 'log'>,
): Promise<void> {
  for (const { path } of rows.slice(KEPT)) {
    if (path === made) continue;
    try {
      await rm(join(dataDir, path), { recursive: true, force: true });
    } catch (error) {
      // Somebody looks into it, or it lies on another machine's disk: the next run tries again.
      log.warn('an old folder could not be removed', { path, code: systemCode(error) });
    }
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import type { TaskContext } from '../base/task.ts';
import { findChampion } from '../store/blends.ts';
import type { Store } from '../store/connect.ts';
import { listModels } from '../store/models.ts';

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

/** The same of models; the champion's stays, however many newer ones were no better. */
export async function removeOldModels(
  { db }: Store,
  dataDir: string,
  made: string,
  context: Pick<TaskContext, 'log'>,
): Promise<void> {
  const champion = await findChampion(db);
  const others = (await listModels(db)).filter(({ path }) => path !== champion?.modelPath);
  await removeOldFolders(dataDir, others, made, context);
}

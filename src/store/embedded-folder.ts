import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { lockDirectory } from './directory-lock.ts';
import { DatabaseError, EmbeddedDatabase } from './embedded.ts';
import { folderError } from './store-errors.ts';

/** The embedded database of a data folder together with the folder's lock. */
export interface EmbeddedFolder {
  readonly database: EmbeddedDatabase;
  close(): Promise<void>;
}

/**
 * Locks `dataDir` (made when missing, readable by its owner only) and opens the database in `db/` below it; making one
 * takes 4 to 13 s, opening it 0.3 to 0.9 s.
 */
export async function openEmbeddedFolder(dataDir: string, schema: string, clock: Clock): Promise<EmbeddedFolder> {
  const explain = (error: unknown) => folderError(error, dataDir);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const lock = await lockDirectory(dataDir, clock.now());
    try {
      const directory = join(dataDir, 'db');
      if (!existsSync(directory)) await createDatabase(dataDir, directory, schema);
      const database = await EmbeddedDatabase.open({ directory, schema, explain });
      return {
        database,
        async close() {
          try {
            await database.close();
          } finally {
            await lock.release();
          }
        },
      };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw explain(error);
  }
}

/**
 * Makes the embedded database of a data folder where there is none, and leaves it closed: for whoever wants to have that
 * behind before it needs memory itself.
 */
export async function prepareEmbeddedFolder(dataDir: string, schema: string, clock: Clock): Promise<void> {
  if (existsSync(join(dataDir, 'db'))) return;
  const folder = await openEmbeddedFolder(dataDir, schema, clock);
  await folder.close();
}

/**
 * Makes the database beside its place and moves it there when it is whole, so that a killed start leaves no half of one. It
 * happens in a process of its own that compiles WebAssembly without optimising: 650 MB of memory at the most for 3 s, and
 * all of it given back, where this process would take 1,060 MB and keep some.
 */
async function createDatabase(dataDir: string, directory: string, schema: string): Promise<void> {
  const unfinished = join(dataDir, 'db.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const child = fork(new URL('./create-database.ts', import.meta.url), [unfinished, schema], {
    execArgv: ['--liftoff-only', '--disable-warning=ExperimentalWarning'],
  });
  let failure: DatabaseError | undefined;
  child.on('message', (message) => {
    failure = new DatabaseError(message as Record<string, unknown>);
  });
  const [code, signal] = await once(child, 'exit');
  if (failure) throw failure;
  if (code !== 0) throw new Error(`making the embedded database ended with ${signal ?? `exit code ${code}`}`);
  await rename(unfinished, directory);
}

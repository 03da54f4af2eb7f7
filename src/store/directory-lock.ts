import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ExpectedError, systemCode } from '../base/errors.ts';

/** Where a service that holds the folder answers, and the secret it wants to hear. */
export interface ServiceAddress {
  readonly url: string;
  readonly token: string;
}

/** Who holds a data folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
  /** What tells this process from a later one with the same pid (boot and start time); null where /proc is missing. */
  readonly started: string | null;
  /** Names this one holding of the lock. */
  readonly nonce: string;
  readonly service?: ServiceAddress;
}

export interface DirectoryLock {
  release(): Promise<void>;
}

const lockPath = (dataDir: string): string => join(dataDir, 'lock');

/**
 * Takes the folder for this process: PGlite has no lock of its own, and two processes on one directory lose rows without
 * an error. A lock whose process is gone is taken over, one whose process lives never is. Throws ExpectedError
 * `store-locked`, whose text names the holder's service; `readDirectoryLock` gives the address with its token.
 */
export async function lockDirectory(dataDir: string, now: Date): Promise<DirectoryLock> {
  const path = lockPath(dataDir);
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    since: now.toISOString(),
    started: await processStart(process.pid),
    nonce: randomUUID(),
  };
  const holder = await take(path, own);
  if (holder) throw lockedError(dataDir, holder);
  return {
    async release() {
      if ((await readHolder(path))?.nonce === own.nonce) await rm(path, { force: true });
    },
  };
}

/** The living holder of the folder, or undefined when it is free. */
export async function readDirectoryLock(dataDir: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(lockPath(dataDir));
  return holder && (await isAlive(holder)) ? holder : undefined;
}

/** Writes into this process's lock where its service answers, so that other commands can go through it. */
export async function announceService(dataDir: string, service: ServiceAddress): Promise<void> {
  const path = lockPath(dataDir);
  const holder = await readHolder(path);
  if (holder?.pid !== process.pid || holder.host !== hostname()) throw new Error(`${path} is not held by this process`);
  await rename(await writeBeside(path, { ...holder, service }), path);
}

/**
 * Creates the lock file, complete at once (a link to a finished file). Where a dead process left one, only who holds the
 * claim on that very lock (`lock.<nonce>`, taken by the same rule) may replace it: of two that find it dead, the later
 * one sees another nonce and starts over. Returns the living holder, or undefined when the lock is ours.
 */
async function take(path: string, own: LockHolder): Promise<LockHolder | undefined> {
  const finished = await writeBeside(path, own);
  try {
    for (;;) {
      try {
        await link(finished, path);
        return undefined;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
      const holder = await readHolder(path);
      if (!holder) continue;
      if (await isAlive(holder)) return holder;
      const claim = `${path}.${holder.nonce}`;
      const rival = await take(claim, own);
      if (rival) return rival;
      try {
        if ((await readHolder(path))?.nonce !== holder.nonce) continue;
        await rename(finished, path);
        return undefined;
      } finally {
        await unlink(claim);
      }
    }
  } finally {
    await rm(finished, { force: true });
  }
}

async function writeBeside(path: string, holder: LockHolder): Promise<string> {
  const beside = `${path}.${randomUUID()}.new`;
  await writeFile(beside, `${JSON.stringify(holder)}\n`, { mode: 0o600, flag: 'wx' });
  return beside;
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // ENOTDIR: a file stands where the folder should be, which whoever wants to make it will say.
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as LockHolder;
  } catch (error) {
    // Ours are never half written; after a power cut an empty file may stand here.
    throw new ExpectedError('store-locked', `The lock ${path} cannot be read.`, {
      why: 'It does not hold what Segue writes there, perhaps because of a power cut.',
      hint: 'Make sure that no other Segue uses this folder, then delete the file.',
      cause: error,
    });
  }
}

async function isAlive(holder: LockHolder): Promise<boolean> {
  // A process of another machine (a shared disk, another container) cannot be looked at from here.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (systemCode(error) === 'ESRCH') return false;
  }
  const started = await processStart(holder.pid);
  return holder.started === null || started === null || started === holder.started;
}

/** Boot id and start time in clock ticks of a process; 'dead' for a zombie, null where there is no /proc to ask. */
async function processStart(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // proc(5): the name in brackets may hold spaces; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

function lockedError(dataDir: string, holder: LockHolder): ExpectedError {
  const elsewhere = holder.host === hostname() ? '' : ` on ${holder.host}`;
  const serving = holder.service ? ` and serves ${holder.service.url}` : '';
  return new ExpectedError('store-locked', `The data folder ${dataDir} is in use by another Segue.`, {
    why: `Process ${holder.pid}${elsewhere} has held it since ${holder.since}${serving}; the embedded database admits one process.`,
    hint: elsewhere
      ? `Stop it; if that machine no longer runs it, delete ${lockPath(dataDir)}. For several processes set DATABASE_URL.`
      : 'Stop it, or use its service; for several processes at once set DATABASE_URL to a PostgreSQL server.',
  });
}

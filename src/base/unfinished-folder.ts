import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode } from './errors.ts';

const NAME = /^\.unfinished-(\d+)@(.*)-\w{6}$/;
// No piece of work takes as long; what another machine left can only be told by its age.
const ABANDONED_MS = 24 * 3_600_000;

/**
 * A new, empty folder below `parent` (made when missing) for something that must appear whole: whoever gets it fills it and
 * moves it, or what is in it, to its place, or removes it. Several processes may be at work below one parent, each in a
 * folder of its own; what killed ones left is removed.
 */
export async function makeUnfinishedFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    if (await isAbandoned(parent, name)) await rm(join(parent, name), { recursive: true, force: true });
  }
  return await mkdtemp(join(parent, `.unfinished-${process.pid}@${hostname()}-`));
}

async function isAbandoned(parent: string, name: string): Promise<boolean> {
  const [, pid, host] = NAME.exec(name) ?? [];
  if (pid === undefined) return false;
  if (host === hostname()) return !isRunning(Number(pid));
  const info = await stat(join(parent, name)).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > ABANDONED_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

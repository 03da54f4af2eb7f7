import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceService, lockDirectory, readDirectoryLock } from '../../src/store/directory-lock.ts';
import { makeDataDir } from '../store-fixture.ts';

const HOLDER = fileURLToPath(new URL('./holder.ts', import.meta.url));
const now = new Date('2026-11-22T12:00:00Z');
const hasProc = process.platform === 'linux';

describe('the lock of a data folder', () => {
  let dataDir: string;
  let lockFile: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    dataDir = await makeDataDir();
    lockFile = join(dataDir, 'lock');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await rm(dataDir, { recursive: true, force: true });
  });

  async function startHolder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [HOLDER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout!, 'data');
    return child;
  }

  async function pretend(changes: object): Promise<void> {
    const lock = await lockDirectory(dataDir, now);
    const holder = JSON.parse(await readFile(lockFile, 'utf8'));
    await lock.release();
    await writeFile(lockFile, JSON.stringify({ ...holder, ...changes }), { mode: 0o600 });
  }

  it('is readable by its owner only, and gone after release', async () => {
    const lock = await lockDirectory(dataDir, now);
    expect((await stat(lockFile)).mode & 0o777).toBe(0o600);
    expect(await readDirectoryLock(dataDir)).toMatchObject({ pid: process.pid, since: now.toISOString() });
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
    expect(await readDirectoryLock(dataDir)).toBeUndefined();
  });

  it('tells a second comer in three lines who holds it and where it serves, without the token', async () => {
    const lock = await lockDirectory(dataDir, now);
    const service = { url: 'http://127.0.0.1:8080', token: 'very-secret' };
    await announceService(dataDir, service);
    expect((await readDirectoryLock(dataDir))?.service).toEqual(service);
    expect((await stat(lockFile)).mode & 0o777).toBe(0o600);
    const error = await lockDirectory(dataDir, now).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'store-locked', retryable: false });
    expect(error.lines).toEqual([
      `The data folder ${dataDir} is in use by another Segue.`,
      `Process ${process.pid} has held it since 2026-11-22T12:00:00.000Z and serves http://127.0.0.1:8080; the embedded database admits one process.`,
      expect.stringMatching(/DATABASE_URL/),
    ]);
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('is never taken from a living process, and passes on when that is killed', async () => {
    const holder = await startHolder();
    await expect(lockDirectory(dataDir, now)).rejects.toMatchObject({ code: 'store-locked' });
    expect((await readDirectoryLock(dataDir))?.pid).toBe(holder.pid);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await readDirectoryLock(dataDir)).toBeUndefined();
    const lock = await lockDirectory(dataDir, now);
    expect((await readDirectoryLock(dataDir))?.pid).toBe(process.pid);
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it.runIf(hasProc)('does not take a later process with the same pid for the holder', async () => {
    await pretend({ pid: process.pid, started: 'another boot 12345' });
    expect(await readDirectoryLock(dataDir)).toBeUndefined();
    await (await lockDirectory(dataDir, now)).release();
  });

  it('trusts a lock of another machine, which cannot be looked at, and says how to remove it', async () => {
    await pretend({ host: `not-${hostname()}`, pid: 1 });
    const error = await lockDirectory(dataDir, now).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'store-locked', hint: expect.stringContaining(lockFile) });
  });

  it('goes to exactly one of many that find a dead one', async () => {
    for (let round = 0; round < 20; round++) {
      await pretend({ pid: 2 ** 30 });
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(dataDir, now)));
      const won = tries.filter((each) => each.status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const each of tries) {
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'store-locked' });
      }
      await won[0]!.value.release();
      expect(await readdir(dataDir)).toEqual([]);
    }
  });

  it('is not guessed at when it cannot be read', async () => {
    await writeFile(lockFile, '');
    await expect(lockDirectory(dataDir, now)).rejects.toMatchObject({ code: 'store-locked' });
  });
});

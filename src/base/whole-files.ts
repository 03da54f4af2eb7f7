import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ExpectedError, isExpected, systemCode } from './errors.ts';
import { syncFolder } from './sync-folder.ts';
import { makeUnfinishedFolder } from './unfinished-folder.ts';

/** A file to be: a name that ends in .gz packs it. */
export interface NewFile {
  readonly name: string;
  readonly parts: Iterable<Uint8Array>;
}

/**
 * Writes files for somebody into a folder (made when missing): each has its name only when all are whole and on the
 * disk. Stops between two parts when the signal is aborted, and leaves nothing. Returns their bytes on the disk. Throws
 * ExpectedError `file-exists` where a name is taken and `replace` is not asked for, `disk-full` and `file-not-writable`.
 */
export async function writeWholeFiles(
  folder: string,
  files: readonly NewFile[],
  { signal, replace }: { readonly signal: AbortSignal; readonly replace: boolean },
): Promise<number> {
  try {
    for (const { name } of files) await refuseTaken(join(folder, name), replace);
    await mkdir(folder, { recursive: true });
    const unfinished = await makeUnfinishedFolder(folder);
    try {
      let bytes = 0;
      for (const { name, parts } of files) bytes += await writeParts(join(unfinished, name), parts, signal);
      for (const { name } of files) await rename(join(unfinished, name), join(folder, name));
      await syncFolder(folder);
      return bytes;
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  } catch (error) {
    throw asOutputFailure(error, folder);
  }
}

async function refuseTaken(path: string, replace: boolean): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || (replace && !info.isDirectory())) return;
  throw new ExpectedError('file-exists', `Nothing was written to ${path}`, {
    why: info.isDirectory() ? 'A folder has this name.' : 'A file has this name.',
    hint: info.isDirectory() ? 'Name a file.' : 'Choose another name, or say --replace.',
  });
}

async function writeParts(path: string, parts: Iterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx');
  try {
    const write = async (chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        await writeAll(file, chunk);
      }
    };
    if (path.endsWith('.gz')) await pipeline(Readable.from(parts), createGzip(), write);
    else await write(parts);
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

function asOutputFailure(error: unknown, folder: string): unknown {
  const code = systemCode(error);
  if (isExpected(error) || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new ExpectedError(isFull ? 'disk-full' : 'file-not-writable', `Cannot write to ${folder}`, {
    why: isFull ? 'The disk is full.' : `The system answered ${code}.`,
    hint: isFull
      ? 'Free some space, or name a folder on another disk; nothing unfinished was left.'
      : 'Name another folder, or check this one’s permissions.',
    cause: error,
  });
}

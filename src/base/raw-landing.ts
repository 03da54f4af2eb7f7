import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { appendLines, makeFolder } from './append-lines.ts';
import { asError, ExpectedError, isExpected, systemCode } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { syncFolder } from './sync-folder.ts';
import type { Json } from './task.ts';
import { makeUnfinishedFolder } from './unfinished-folder.ts';
import { asWriteFailure } from './write-failure.ts';

// The raw landing: whatever a source gives is on the disk (fsync, file and folder) before anything is made of it, one
// JSON value a line under `<dataDir>/raw/<kind>/`. The database can be made again from it.

/**
 * Appends `rows` to `raw/<kind>/<name>.ndjson` and returns its path once they would survive a power cut. A line that an
 * earlier power cut tore is closed first, so that it spoils nothing but itself.
 */
export async function landRaw(dataDir: string, kind: string, name: string, rows: readonly Json[]): Promise<string> {
  const path = join(rawFolder(dataDir, kind), `${checkedName(name)}.ndjson`);
  if (rows.length === 0) return path;
  return onDisk(path, async () => {
    await appendLines(path, rows);
    return path;
  });
}

/** A whole new raw file (gzip) that exists either completely, under the fingerprint of its contents, or not at all. */
export interface RawFile {
  /** Takes lines (JSON without line break); resolves when more may come. */
  write(lines: readonly string[]): Promise<void>;
  /** Makes the file permanent. The same contents land in the same file. `fingerprint`: SHA-256 of the lines, 32 hex digits. */
  finish(): Promise<{ path: string; fingerprint: string }>;
  /** Removes what was written; does nothing after `finish`. */
  discard(): Promise<void>;
}

export async function createRawFile(dataDir: string, kind: string): Promise<RawFile> {
  const folder = rawFolder(dataDir, kind);
  await onDisk(folder, () => makeFolder(folder));
  const workshop = await onDisk(folder, () => makeUnfinishedFolder(folder));
  const unfinished = join(workshop, 'rows.ndjson.gz');
  const hash = createHash('sha256');
  // Level 1 takes a third of the time of the default for a file a fifth larger.
  const gzip = createGzip({ level: 1 });
  const written = pipeline(gzip, createWriteStream(unfinished, { mode: 0o600, flush: true }));
  written.catch(() => {}); // Heard in `write` and `finish`.
  const drained = () => new Promise<void>((resolve) => gzip.once('drain', resolve));
  return {
    write: (lines) =>
      onDisk(unfinished, async () => {
        if (lines.length === 0) return;
        const text = `${lines.join('\n')}\n`;
        hash.update(text);
        if (!gzip.write(text)) await Promise.race([drained(), written]);
      }),
    finish: () =>
      onDisk(unfinished, async () => {
        gzip.end();
        await written;
        const fingerprint = hash.digest('hex').slice(0, 32);
        const path = join(folder, `${fingerprint}.ndjson.gz`);
        await rename(unfinished, path);
        await rm(workshop, { recursive: true, force: true });
        await syncFolder(folder);
        return { path, fingerprint };
      }),
    async discard() {
      gzip.destroy();
      await written.catch(() => {});
      await rm(workshop, { recursive: true, force: true });
    },
  };
}

/** The raw files of a kind, oldest name first; none when nothing has landed. */
export async function listRaw(dataDir: string, kind: string): Promise<string[]> {
  const folder = rawFolder(dataDir, kind);
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /^[^.].*\.ndjson(\.gz)?$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The rows of one raw file in batches of about two megabytes. `onTorn` hears of each line that a power cut left
 * unfinished; all others are given. Throws ExpectedError `raw-damaged`, after the rows before the damage.
 */
export async function* readRaw(path: string, onTorn: () => void = () => {}): AsyncGenerator<unknown[]> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    yield* readJsonLines(path.endsWith('.gz') ? unzipped(file) : file, onTorn);
  } catch (error) {
    if (systemCode(error) === undefined || isExpected(error)) throw error;
    throw new ExpectedError('raw-damaged', `Cannot read all of ${path}`, {
      why: `The file is damaged (${asError(error).message}).`,
      hint: 'Bring it back from a backup; or remove it and import its source again.',
      cause: error,
    });
  }
}

async function* unzipped(file: Readable): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const fed = pipeline(file, gunzip).catch(() => {}); // The reader of `gunzip` gets the error.
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    gunzip.destroy();
    await fed;
  }
}

function rawFolder(dataDir: string, kind: string): string {
  return join(dataDir, 'raw', checkedName(kind));
}

function checkedName(name: string): string {
  if (!/^[\w-][\w.-]*$/.test(name)) throw new Error(`not a name for a raw file: ${JSON.stringify(name)}`);
  return name;
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asWriteFailure(error, 'raw-not-written', dirname(path));
  }
}

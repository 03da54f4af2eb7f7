import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * SHA-256 (32 hex digits) over the files as they lie on the disk, packed or not, with their names: tells whether a
 * source has changed since it was read, several times faster than reading its playlists again. `salt`: what else must be
 * equal, such as the version of the readers. The path must exist; files that cannot be read count by name.
 */
export async function fingerprintSource(path: string, salt: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256').update(salt);
  await addPath(hash, path, '', signal);
  return hash.digest('hex').slice(0, 32);
}

async function addPath(hash: Hash, path: string, inside: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const info = await stat(path);
  if (!info.isDirectory()) {
    hash.update(`\0${inside}\0`);
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
        hash.update(chunk as Buffer);
    } catch {
      signal.throwIfAborted();
    }
    return;
  }
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names) {
    const child = join(path, name);
    if (await stat(child).catch(() => undefined)) await addPath(hash, child, `${inside}/${name}`, signal);
  }
}

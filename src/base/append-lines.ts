import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';
import type { Json } from './task.ts';

/**
 * Appends `rows` to a file of one JSON value a line, made with its folder where missing, and returns once they would
 * survive a power cut. A line that an earlier power cut tore is closed first, so that it spoils nothing but itself.
 */
export async function appendLines(path: string, rows: readonly Json[]): Promise<void> {
  if (rows.length === 0) return;
  await makeFolder(dirname(path));
  const file = await open(path, 'a+', 0o600);
  let isNew = false;
  try {
    const { size } = await file.stat();
    isNew = size === 0;
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await file.appendFile(size > 0 && last[0] !== 0x0a ? `\n${lines}` : lines);
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncFolder(dirname(path));
}

/** Makes a folder and those above it, each on the disk in its parent. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let made = folder; first !== undefined; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) break;
  }
}

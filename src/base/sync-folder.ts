import { open } from 'node:fs/promises';

/** A name made or moved in a folder survives a power cut only when the folder itself is on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no handle for a folder; NTFS journals the entry itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

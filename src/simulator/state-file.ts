import { readFile, rename, writeFile } from 'node:fs/promises';
import { systemCode } from '../base/errors.ts';
import type { SimulatorState } from './state.ts';

const FORMAT = 'segue local Spotify, version 1';

/** The state kept in a file; undefined where there is none, or one that another version wrote or that was cut short. */
export async function readStateFile(path: string): Promise<SimulatorState | undefined> {
  try {
    const { format, state } = JSON.parse(await readFile(path, 'utf8')) as { format: string; state: SimulatorState };
    return format === FORMAT ? state : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes the whole state beside the file and renames it over it. */
export async function writeStateFile(path: string, state: SimulatorState): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, JSON.stringify({ format: FORMAT, state }), { mode: 0o600 });
  await rename(beside, path);
}

import { strToU8, zipSync } from 'fflate';

/** A zip of the named texts. Level 1: exports are made in tests, where time counts more than bytes. */
export function writeZip(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  return zipSync(Object.fromEntries(entries), { level: 1, mtime: new Date(Date.UTC(2026, 0, 1)) });
}

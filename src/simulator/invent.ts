import { hash } from 'node:crypto';

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A repeatable invented id in Spotify's form: `length` base-62 characters, at most 32, the same for the same parts. */
export function inventId(length: number, ...parts: readonly (string | number)[]): string {
  const digest = hash('sha256', parts.join('\u0000'), 'buffer');
  let id = '';
  for (let i = 0; i < length; i++) id += BASE_62[digest[i]! % 62];
  return id;
}

/** A repeatable whole number in [0, below) that depends on nothing but the parts. */
export function inventNumber(below: number, ...parts: readonly (string | number)[]): number {
  return hash('sha256', parts.join('\u0000'), 'buffer').readUInt32LE(0) % below;
}

/** Lower-case hexadecimal characters, at most 64, the same for the same parts. */
export function inventHex(length: number, ...parts: readonly (string | number)[]): string {
  return hash('sha256', parts.join('\u0000'), 'hex').slice(0, length);
}

import { timingSafeEqual } from 'node:crypto';

/** Compares in constant time, so that the token cannot be guessed character by character. */
export function isToken(given: string | undefined, token: string): boolean {
  const expected = Buffer.from(`Bearer ${token}`);
  const actual = Buffer.from(given ?? '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

import { type Answer, parseJson } from './http.ts';
import { WireError } from './wire.ts';

/**
 * What a 429 means. `short` is the limit of a rolling 30 s: wait and go on. `long` is a refusal of minutes to a day:
 * nothing may be sent until it is over.
 */
export type RateLimit =
  | { readonly kind: 'short'; readonly waitMs: number | undefined }
  | { readonly kind: 'long'; readonly block: 'rate-limit' | 'quota'; readonly waitMs: number };

/** Longest Retry-After that is waited for; 1 to 4 s were seen for the short limit, 13,749 s and more for the long one. */
export const SHORT_WAIT_MS = 30_000;

// Spotify's quota is counted over about 24 h; a header that asks for more than two days is taken for a mistake.
const LONGEST_WAIT_MS = 48 * 3_600_000;

// A quota refusal without Retry-After: an hour is long enough not to make it worse and short enough to notice its end.
const UNKNOWN_QUOTA_WAIT_MS = 3_600_000;

/** Reads a 429: the body's `reason` and the Retry-After header, both of which may be missing. */
export function readRateLimit(answer: Answer, now: Date): RateLimit {
  const waitMs = readRetryAfter(answer.headers.get('retry-after'), now);
  const quota = isQuota(answer.text);
  if (quota || (waitMs ?? 0) > SHORT_WAIT_MS) {
    return { kind: 'long', block: quota ? 'quota' : 'rate-limit', waitMs: waitMs ?? UNKNOWN_QUOTA_WAIT_MS };
  }
  return { kind: 'short', waitMs };
}

/** Retry-After in milliseconds from now: whole seconds or an HTTP date; undefined when missing or senseless. */
export function readRetryAfter(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}

/**
 * How much longer than asked to stay silent after a long refusal: a quarter of it, at most 30 minutes. A probe right
 * at the end was refused again for hours (SoulSync's report, which led it from 5 to 30 minutes).
 */
export function safetyMargin(waitMs: number): number {
  return Math.min(waitMs / 4, 30 * 60_000);
}

function isQuota(text: string): boolean {
  return WireError.safeParse(parseJson(text)).data?.error.reason === 'QUOTA_EXCEEDED';
}

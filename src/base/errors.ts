/** What a person sees of an expected failure: what failed (`message`), why, and what to do. */
export interface ExpectedErrorDetails {
  /** Why it failed, one sentence. */
  readonly why: string;
  /** What the person can do about it, one sentence. */
  readonly hint: string;
  /** Whether the same call may succeed later without anybody changing anything. Default: no. */
  readonly retryable?: boolean;
  /** The earliest time, in milliseconds from now, at which a retry makes sense (for example Retry-After). */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * A failure that a person, a disk, a network or Spotify can cause. Everything else that is thrown is a bug and keeps
 * its stack. Whether to retry is a property of the error, never of the call site.
 */
export class ExpectedError extends Error {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, details: ExpectedErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ExpectedError';
    this.code = code;
    this.why = details.why;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The three lines: what failed, why, what to do. */
  get lines(): [string, string, string] {
    return [this.message, this.why, this.hint];
  }
}

export function isExpected(error: unknown): error is ExpectedError {
  return error instanceof ExpectedError;
}

/** `error.code` of Node's file and network errors (ENOENT, ECONNREFUSED…), undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Anything thrown, as an Error with a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

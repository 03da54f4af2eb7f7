import { ExpectedError, isExpected } from '../base/errors.ts';

/** An expected failure on its way from one thread to another, which errors of a class of ours do not survive. */
export interface ThreadFailure {
  readonly code: string;
  readonly message: string;
  readonly why: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** What to send of an expected failure; anything else is a bug and thrown as it is, which ends the thread. */
export function failureToSend(error: unknown): ThreadFailure {
  if (!isExpected(error)) throw error;
  const { code, message, why, hint, retryable } = error;
  return { code, message, why, hint, retryable };
}

export function failureReceived({ code, message, why, hint, retryable }: ThreadFailure): ExpectedError {
  return new ExpectedError(code, message, { why, hint, retryable });
}

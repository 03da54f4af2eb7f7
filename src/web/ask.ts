import type { FailureView } from '../api/contract.ts';

// A service that is busy training still answers within a second or two; after this long it counts as gone.
const PATIENCE_MS = 20_000;

/** The service answered, but not with what was asked: the three lines say why. */
export class Refusal extends Error {
  readonly lines: readonly string[];

  constructor({ error }: FailureView) {
    super(error.message);
    this.lines = [error.message, error.why, error.hint];
  }
}

/** Asks the JSON API; with `body` it is a POST. Throws Refusal, or anything else when the service cannot be reached. */
export async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, {
    ...(body === undefined ? {} : post),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

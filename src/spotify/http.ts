import { ExpectedError, systemCode } from '../base/errors.ts';

/** One request as it goes out. `url` and `headers` may hold secrets: neither is ever put into an error or a log. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
}

/** What came back, read to the end as text: bodies are often empty and errors are not always JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface HttpEffects {
  readonly fetch?: typeof fetch | undefined;
  /** Longest time from sending to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Failures before anything was sent: the same request can be made again, whatever it does. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends one request and reads the whole answer, whatever its status. Throws ExpectedError `spotify-unreachable` where
 * nothing can have happened or nothing was to be changed, `outcome-unknown` where a write may or may not have been
 * done, and the signal's own reason when the caller gave up.
 */
export async function exchange(request: HttpRequest, effects: HttpEffects): Promise<Answer> {
  const timeout = AbortSignal.timeout(effects.timeoutMs);
  const signal = effects.signal ? AbortSignal.any([effects.signal, timeout]) : timeout;
  try {
    const response = await (effects.fetch ?? fetch)(request.url, {
      method: request.method,
      headers: request.headers,
      // A redirect could carry the token to another host, and Spotify's API has none.
      redirect: 'error',
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (effects.signal?.aborted) throw effects.signal.reason;
    const code = systemCode((error as Error).cause) ?? systemCode(error);
    const why = timeout.aborted
      ? `There was no complete answer from ${request.url.host} within ${effects.timeoutMs / 1000} s.`
      : `The connection to ${request.url.host} failed${code ? ` (${code})` : ''}.`;
    if (request.method === 'GET' || (code !== undefined && NEVER_SENT.has(code))) throw unreachable(why, error);
    throw outcomeUnknown(`${request.method} ${request.url.pathname}`, why, error);
  }
}

export function unreachable(why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('spotify-unreachable', 'Spotify could not be reached.', {
    why,
    hint: 'Check the network; it is tried again by itself.',
    retryable: true,
    cause,
  });
}

/** A write whose answer was lost. Retryable, but only after looking at what Spotify holds now. */
export function outcomeUnknown(call: string, why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('outcome-unknown', `It is not known whether Spotify did this: ${call}.`, {
    why,
    hint: 'The next attempt looks at what Spotify holds before it writes anything.',
    retryable: true,
    cause,
  });
}

/** True for 127.0.0.0/8, ::1 and localhost: where a local Spotify may be spoken to without TLS. */
export function isLoopback(url: URL): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname);
}

/** A body as JSON; undefined when it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A stranger's words, fit for one line of a terminal: no control characters, at most 200 characters. */
export function printable(words: string): string {
  return words
    .replace(/[^\p{L}\p{N}\p{P}\p{Zs}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

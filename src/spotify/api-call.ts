import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { ExpectedError, isExpected } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { type RetryPolicy, retry } from '../base/retry.ts';
import { explainFailure } from './api-errors.ts';
import { type Answer, exchange, type HttpRequest, isLoopback, outcomeUnknown, parseJson } from './http.ts';
import type { Priority, RequestQueue } from './request-queue.ts';
import type { SpotifySession } from './session.ts';

export interface ApiConnection {
  readonly session: SpotifySession;
  readonly queue: RequestQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log | undefined;
  /** Default: Spotify's. Plain http on loopback only. */
  readonly apiUrl?: string | undefined;
  /** Longest time of one call from sending to the last byte; default 30 s. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `background`. */
  readonly priority?: Priority | undefined;
}

export interface ApiCall {
  readonly method: HttpRequest['method'];
  /** Path under the API's address, ids already encoded. */
  readonly path: string;
  readonly query?: Record<string, string | number | undefined>;
  /** Sent as JSON; a string is sent as it is, as `image/jpeg`. */
  readonly body?: object | string;
  readonly scopes: readonly string[];
}

const RETRIES: RetryPolicy = { maxAttempts: 4, firstDelayMs: 1_000, maxDelayMs: 30_000 };

/**
 * Makes one call and gives the body as parsed JSON, undefined when it is empty. Reads are repeated on 5xx and network
 * failures with growing pauses; 401 fetches a new token once and repeats once. Throws the ExpectedErrors of
 * http.ts, api-errors.ts, request-queue.ts and session.ts, and `odd-answer` for a body that is not JSON.
 */
export async function callSpotify(
  connection: ApiConnection,
  call: ApiCall,
  { signal, priority }: CallOptions = {},
): Promise<unknown> {
  const { clock, random, queue, log = silentLog } = connection;
  const reads = call.method === 'GET';
  const attempt = async (): Promise<{ body: unknown } | { error: unknown }> => {
    try {
      const answer = await queue.send(() => authorized(connection, call, signal), { priority, signal });
      return { body: readBody(answer, call) };
    } catch (error) {
      // A write is repeated by itself only where nothing was sent; all else goes to the caller, who can look first.
      if (reads || (isExpected(error) && error.code === 'spotify-unreachable')) throw error;
      return { error };
    }
  };
  const outcome = await retry(attempt, RETRIES, {
    clock,
    random,
    signal,
    onRetry: (error, number, delayMs) =>
      log.info('a call to Spotify is tried again', { path: call.path, code: error.code, attempt: number, delayMs }),
  });
  if ('error' in outcome) throw outcome.error;
  return outcome.body;
}

/** `schema` applied to a body; a mismatch is an ExpectedError that names the place and never the value. */
export function readShape<T extends z.ZodType>(
  schema: T,
  body: unknown,
  call: Pick<ApiCall, 'method' | 'path'>,
): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw new ExpectedError('odd-answer', `Spotify's answer to ${call.method} ${call.path} has an unknown shape.`, {
    why: `At ${first?.path.join('.') || 'its top'}: ${first?.code === 'invalid_type' ? `expected ${first.expected}` : (first?.code ?? 'unreadable')}.`,
    hint: 'Spotify may have changed its API: update Segue, or report these three lines.',
  });
}

/** One trip with a token, and a second one with a new token after 401, unless a scope is missing. */
async function authorized(connection: ApiConnection, call: ApiCall, signal: AbortSignal | undefined): Promise<Answer> {
  const tokens = await orAborted(connection.session.tokens(), signal);
  const answer = await trip(connection, call, tokens.accessToken, signal);
  if (answer.status < 400 || answer.status === 429) return answer;
  const failed = { method: call.method, path: call.path, scopes: call.scopes, granted: tokens.scopes };
  if (answer.status !== 401) throw explainFailure(answer, failed);
  if (call.scopes.some((scope) => !tokens.scopes.includes(scope))) throw explainFailure(answer, failed);
  const renewed = await orAborted(connection.session.renew(tokens.accessToken), signal);
  const second = await trip(connection, call, renewed.accessToken, signal);
  if (second.status < 400 || second.status === 429) return second;
  throw explainFailure(second, { ...failed, granted: renewed.scopes });
}

async function trip(
  connection: ApiConnection,
  call: ApiCall,
  accessToken: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const url = new URL((connection.apiUrl ?? 'https://api.spotify.com/v1').replace(/\/+$/, '') + call.path);
  if (url.protocol !== 'https:' && !isLoopback(url)) {
    throw new ExpectedError('insecure-api-url', `Tokens are not sent to ${url.origin}.`, {
      why: 'Without https anyone on the way could read them; plain http is for a local Spotify on 127.0.0.1 only.',
      hint: 'Set SPOTIFY_API_URL to an https address or to http://127.0.0.1:<port>.',
    });
  }
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const picture = typeof call.body === 'string';
  const started = connection.clock.now().getTime();
  const answer = await exchange(
    {
      method: call.method,
      url,
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': picture ? 'image/jpeg' : 'application/json' }),
      },
      body: picture ? (call.body as string) : call.body && JSON.stringify(call.body),
    },
    { fetch: connection.fetch, timeoutMs: connection.timeoutMs ?? 30_000, signal },
  );
  connection.log?.debug('called Spotify', {
    method: call.method,
    path: call.path,
    status: answer.status,
    ms: connection.clock.now().getTime() - started,
  });
  return answer;
}

function readBody(answer: Answer, call: ApiCall): unknown {
  if (answer.text.trim() === '') return undefined;
  const body = parseJson(answer.text);
  if (body !== undefined) return body;
  const why = `Its answer (status ${answer.status}, ${answer.text.length} characters) is not JSON or was cut off.`;
  if (call.method !== 'GET') throw outcomeUnknown(`${call.method} ${call.path}`, why);
  throw new ExpectedError('odd-answer', `Spotify's answer to ${call.method} ${call.path} could not be read.`, {
    why,
    hint: 'It is tried again; if it stays, a proxy or sign-in page of the network may stand in between.',
    retryable: true,
  });
}

/** `work` goes on, for the others who wait for it; this caller stops waiting. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

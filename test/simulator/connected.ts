import { createHash } from 'node:crypto';
import { ManualClock } from '../../src/base/clock.ts';
import { DEMO_CLIENT_ID } from '../../src/simulator/apps.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

export const START = new Date('2026-11-22T12:00:00.000Z');
export const REDIRECT = 'http://127.0.0.1:4711/callback';
export const VERIFIER = 'v'.repeat(64);
export const ALL_SCOPES =
  'user-read-recently-played user-top-read user-library-read user-library-modify playlist-read-private playlist-read-collaborative playlist-modify-private playlist-modify-public ugc-image-upload user-read-currently-playing';

export interface TestSimulator extends Simulator {
  readonly clock: ManualClock;
}

/** A simulator on a clock that stands still, consent given at once. Bodies are recorded. */
export async function startTestSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const clock = new ManualClock(START);
  const settings = { consent: 'approve', ...options.settings } as const;
  return (await startSimulator({ recordBodies: true, clock, ...options, settings })) as TestSimulator;
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** What /authorize is asked, with changes; a value of undefined leaves the parameter out. */
export function authorizeUrl(simulator: Simulator, changes: Record<string, string | undefined> = {}): string {
  const query = {
    client_id: DEMO_CLIENT_ID,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: ALL_SCOPES,
    state: 'state 1',
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${simulator.accountsUrl}/authorize?${new URLSearchParams(given)}`;
}

export async function getCode(simulator: Simulator, changes: Record<string, string | undefined> = {}): Promise<string> {
  const response = await fetch(authorizeUrl(simulator, changes), { redirect: 'manual' });
  return new URL(response.headers.get('location')!).searchParams.get('code')!;
}

export function postToken(simulator: Simulator, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${simulator.accountsUrl}/api/token`, { method: 'POST', body: new URLSearchParams(form), headers });
}

/** A code against tokens, with PKCE. */
export async function connect(simulator: Simulator, changes: Record<string, string | undefined> = {}) {
  const code = await getCode(simulator, changes);
  const response = await postToken(simulator, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: changes.redirect_uri ?? REDIRECT,
    client_id: changes.client_id ?? DEMO_CLIENT_ID,
    code_verifier: VERIFIER,
  });
  return (await response.json()) as { access_token: string; refresh_token: string; scope: string; expires_in: number };
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

/** Calls of the Web API with a token; `body` is JSON unless it is a text. The answer's body is undefined where it is no JSON. */
export function caller(simulator: Simulator, token: string) {
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is checked against the wire schemas.
  return async <Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> => {
    const url = path.startsWith('http') ? path : `${simulator.apiUrl}${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : undefined) as Body,
      text,
      headers: response.headers,
    };
  };
}

/** A connected simulator and its caller. */
export async function startConnected(options: SimulatorOptions = {}) {
  const simulator = await startTestSimulator(options);
  const { access_token } = await connect(simulator);
  return { simulator, call: caller(simulator, access_token) };
}

import { Buffer } from 'node:buffer';
import * as oauth from 'oauth4webapi';
import { addCalendarMonths, type Clock } from '../base/clock.ts';
import { ExpectedError } from '../base/errors.ts';
import { type Answer, isLoopback, printable, unreachable } from './http.ts';
import { type GrantedTokens, readTokens } from './token-answer.ts';

/** What Segue asks for. Both playlist-modify scopes, because `public: false` may be ignored at creation. */
export const SCOPES = [
  'user-read-recently-played',
  'user-top-read',
  'user-library-read',
  'playlist-read-private',
  'playlist-read-collaborative',
  'playlist-modify-private',
  'playlist-modify-public',
  'ugc-image-upload',
] as const;

/** The owner's app in Spotify's developer dashboard. With PKCE a secret is not needed; one that is given is used. */
export interface SpotifyApp {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** Accounts service; plain http is accepted on loopback only (a local Spotify). */
  readonly accountsUrl?: string | undefined;
}

/** A sign-in that has been started and not yet come back. `state` and `codeVerifier` are secrets and used once. */
export interface Authorization {
  /** Where the person's browser has to go. */
  readonly url: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
}

export interface OauthEffects {
  readonly clock: Clock;
  readonly fetch?: typeof fetch | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts authorization code with PKCE S256 (RFC 7636). `redirectUri` must be registered in the dashboard, where the
 * port of a loopback address may be left out. `showDialog` shows the consent page even where consent was given, so
 * that another account can be chosen.
 */
export async function startAuthorization(
  app: SpotifyApp,
  redirectUri: string,
  { scopes = SCOPES, showDialog = false }: { scopes?: readonly string[]; showDialog?: boolean } = {},
): Promise<Authorization> {
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const url = new URL(accounts(app).authorization_endpoint!);
  url.search = new URLSearchParams({
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    ...(showDialog ? { show_dialog: 'true' } : {}),
  }).toString();
  return { url: url.href, redirectUri, state, codeVerifier };
}

/**
 * Trades the address the browser came back to (from the listener, or pasted by hand) for tokens. Throws ExpectedError
 * `not-a-callback`, `state-mismatch`, `access-denied`, `code-refused`, `client-refused` or `spotify-unreachable`.
 */
export async function finishAuthorization(
  app: SpotifyApp,
  authorization: Authorization,
  address: string,
  effects: OauthEffects,
): Promise<GrantedTokens> {
  const server = accounts(app);
  const parameters = readCallback(server, app, authorization, address);
  const answer = await ask(app, effects, (options) =>
    oauth.authorizationCodeGrantRequest(
      server,
      { client_id: app.clientId },
      authentication(app),
      parameters,
      authorization.redirectUri,
      authorization.codeVerifier,
      options,
    ),
  );
  return readTokens(answer, effects.clock.now(), 'code-refused');
}

/**
 * Asks for a new access token. Throws ExpectedError `invalid-grant` when the refresh token is expired or revoked (a
 * person must sign in again), `client-refused` when the app's id or secret is wrong, and the retryable
 * `spotify-unreachable` for 5xx, 429, time-outs and network failures, which say nothing about the token.
 */
export async function refreshTokens(
  app: SpotifyApp,
  refreshToken: string,
  effects: OauthEffects,
): Promise<GrantedTokens> {
  const server = accounts(app);
  const answer = await ask(app, effects, (options) =>
    oauth.refreshTokenGrantRequest(server, { client_id: app.clientId }, authentication(app), refreshToken, options),
  );
  return readTokens(answer, effects.clock.now(), 'invalid-grant');
}

/**
 * When a refresh token dies: six calendar months after the person's consent. Spotify never says the date, and
 * refreshing does not move it (developer blog, 18 June 2026).
 */
export function refreshExpiresAt(authorizedAt: Date): Date {
  return addCalendarMonths(authorizedAt, 6);
}

/** Scopes that are wanted and were not granted. */
export function missingScopes(granted: readonly string[], wanted: readonly string[] = SCOPES): string[] {
  return wanted.filter((scope) => !granted.includes(scope));
}

/** The query of a callback address, checked against the sign-in it must belong to. Accepts line breaks that a terminal put in. */
function readCallback(
  server: oauth.AuthorizationServer,
  app: SpotifyApp,
  { redirectUri, state }: Authorization,
  address: string,
): URLSearchParams {
  const compact = address.replace(/[\s"'<>]+/g, '');
  const query = compact.slice(compact.indexOf('?') + 1).replace(/#.*$/, '');
  const parameters = new URLSearchParams(query);
  if (!parameters.has('state') || !(parameters.has('code') || parameters.has('error'))) {
    throw new ExpectedError('not-a-callback', 'This is not the address the browser ended on.', {
      why: 'It carries no code and state from Spotify.',
      hint: `Paste the whole address, which begins with ${redirectUri}?code=`,
    });
  }
  try {
    return oauth.validateAuthResponse(server, { client_id: app.clientId }, parameters, state);
  } catch (error) {
    // The library's errors carry the parameters, the code among them: they go no further.
    if (!(error instanceof oauth.AuthorizationResponseError)) throw stateMismatch();
    throw new ExpectedError('access-denied', 'Spotify was not connected.', {
      why:
        error.error === 'access_denied'
          ? 'Access was refused on the consent page.'
          : `Spotify answered "${printable(error.error)}".`,
      hint: 'Run `segue connect` again and agree on the page.',
    });
  }
}

function stateMismatch(): ExpectedError {
  return new ExpectedError('state-mismatch', 'This answer does not belong to this sign-in.', {
    why: 'Its state differs from the one that was sent: it comes from an earlier attempt or from somebody else.',
    hint: 'Run `segue connect` again and use the address it prints.',
  });
}

function accounts(app: SpotifyApp): oauth.AuthorizationServer {
  const issuer = (app.accountsUrl ?? 'https://accounts.spotify.com').replace(/\/+$/, '');
  return { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/api/token` };
}

function authentication({ clientId, clientSecret }: SpotifyApp): oauth.ClientAuth {
  if (!clientSecret) return oauth.None();
  // Spotify documents base64(id:secret) as they are; the library would percent-encode both first (RFC 6749, 2.3.1).
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${basic}`);
}

/** Sends a token request and reads the answer as text. Nothing is known of the token unless an answer came. */
async function ask(
  app: SpotifyApp,
  effects: OauthEffects,
  send: (options: oauth.TokenEndpointRequestOptions) => Promise<Response>,
): Promise<Answer> {
  const url = new URL(accounts(app).token_endpoint!);
  if (url.protocol !== 'https:' && !isLoopback(url)) {
    throw new ExpectedError('insecure-accounts-url', `Tokens are not sent to ${url.origin}.`, {
      why: 'Without https anyone on the way could read them; plain http is for a local Spotify on 127.0.0.1 only.',
      hint: 'Set SPOTIFY_ACCOUNTS_URL to an https address or to http://127.0.0.1:<port>.',
    });
  }
  const timeoutMs = effects.timeoutMs ?? 30_000;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send({
      signal: effects.signal ? AbortSignal.any([effects.signal, timeout]) : timeout,
      [oauth.allowInsecureRequests]: isLoopback(url),
      ...(effects.fetch ? { [oauth.customFetch]: effects.fetch } : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (effects.signal?.aborted) throw effects.signal.reason;
    throw unreachable(
      timeout.aborted
        ? `${url.host} did not answer within ${timeoutMs / 1000} s.`
        : `The connection to ${url.host} failed.`,
      error,
    );
  }
}

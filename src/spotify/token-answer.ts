import { ExpectedError } from '../base/errors.ts';
import { type Answer, parseJson, printable, unreachable } from './http.ts';
import { readRetryAfter } from './rate-limit.ts';
import { WireToken, WireTokenError } from './wire.ts';

/** What a sign-in or a refresh gives. `refreshToken` is undefined where none came: the old one stays good. */
export interface GrantedTokens {
  readonly accessToken: string;
  readonly accessExpiresAt: Date;
  readonly refreshToken: string | undefined;
  /** Granted scopes; undefined where the answer does not say. */
  readonly scopes: readonly string[] | undefined;
}

/**
 * Reads what the token endpoint answered at `now`. Throws `onInvalidGrant`, `client-refused`, `token-request-refused`,
 * `odd-token-answer`, or the retryable `spotify-unreachable` for 5xx and 429, which say nothing about the token.
 */
export function readTokens(answer: Answer, now: Date, onInvalidGrant: 'code-refused' | 'invalid-grant'): GrantedTokens {
  const body = parseJson(answer.text);
  const token = answer.status === 200 ? WireToken.safeParse(body).data : undefined;
  if (token) {
    return {
      accessToken: token.access_token,
      accessExpiresAt: new Date(now.getTime() + token.expires_in * 1000),
      // "" was seen in place of none.
      refreshToken: token.refresh_token || undefined,
      scopes: token.scope?.split(' ').filter((scope) => scope !== ''),
    };
  }
  const refusal = WireTokenError.safeParse(body).data;
  if (refusal && answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    throw refused(refusal, onInvalidGrant);
  }
  if (answer.status === 429 || answer.status >= 500) {
    const failure = unreachable(`The accounts service answered with status ${answer.status}.`);
    const retryAfterMs = readRetryAfter(answer.headers.get('retry-after'), now);
    if (retryAfterMs === undefined) throw failure;
    throw new ExpectedError(failure.code, failure.message, {
      why: failure.why,
      hint: failure.hint,
      retryable: true,
      retryAfterMs,
    });
  }
  // The body is left out on purpose: half a token answer is still half a secret.
  throw new ExpectedError('odd-token-answer', "The accounts service's answer could not be read.", {
    why: `Status ${answer.status} with ${answer.text.length} characters that are no token answer.`,
    hint: 'Try again in a few minutes; a proxy or a sign-in page of the network may stand in between.',
    retryable: answer.status === 200,
  });
}

function refused(refusal: WireTokenError, onInvalidGrant: 'code-refused' | 'invalid-grant'): ExpectedError {
  const said = printable(refusal.error_description || refusal.error);
  if (refusal.error === 'invalid_grant') {
    return onInvalidGrant === 'code-refused'
      ? new ExpectedError('code-refused', 'Spotify did not accept the sign-in.', {
          why: `It says "${said}": a code works once, for a few minutes, and only for the address it was sent to.`,
          hint: 'Run `segue connect` again and finish within a few minutes.',
        })
      : new ExpectedError('invalid-grant', 'The connection to Spotify has ended.', {
          why: `Spotify says "${said}"; a connection lasts six months and ends earlier when the app is removed from the account.`,
          hint: 'Run `segue connect` to connect again; everything collected is kept.',
        });
  }
  if (refusal.error === 'invalid_client') {
    return new ExpectedError('client-refused', "Spotify does not accept the app's id or secret.", {
      why: `It says "${said}".`,
      hint: 'Compare SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET with the developer dashboard.',
    });
  }
  return new ExpectedError('token-request-refused', 'Spotify refused the token request.', {
    why: `It says "${said}" (${printable(refusal.error)}).`,
    hint: "Check the app's redirect URI and id in the developer dashboard, then run `segue connect` again.",
  });
}

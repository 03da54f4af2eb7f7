import { ExpectedError } from '../base/errors.ts';
import { type Answer, outcomeUnknown, parseJson, printable } from './http.ts';
import { missingScopes } from './oauth.ts';
import { WireError } from './wire.ts';

/** The call an answer belongs to, as far as an error needs it. */
export interface FailedCall {
  readonly method: string;
  /** Path without the query, for example `/playlists/37i9dQ/items`. */
  readonly path: string;
  /** Scopes the call needs; with several alternatives, those that Segue asks for. */
  readonly scopes: readonly string[];
  /** Scopes that were granted. */
  readonly granted: readonly string[];
}

/**
 * The cause behind a refused call, in three lines. Bodies are JSON, plain text or empty: the plain-text 403s of
 * Development Mode and the wording of scope errors were taken from recorded answers. Status 429 is the queue's affair.
 */
export function explainFailure(answer: Answer, call: FailedCall): ExpectedError {
  const said = readMessage(answer.text);
  const missing = missingScopes(call.granted, call.scopes);
  const what = `${call.method} ${call.path}`;
  switch (answer.status) {
    case 400:
      return new ExpectedError('request-refused', `Spotify refused ${what} as malformed.`, {
        why: said ? `It says "${said}".` : 'It gives no reason.',
        hint: 'This is a fault in Segue or a change at Spotify: please report these three lines.',
      });
    case 401:
      if (missing.length > 0) return missingScope(what, missing);
      return new ExpectedError('access-refused', `Spotify does not accept the access token for ${what}.`, {
        why: said ? `It says "${said}", also after a new token was fetched.` : 'A new token did not help.',
        hint: 'Run `segue connect` again and agree to everything on the page.',
      });
    case 403:
      return explainForbidden(what, call, said, missing);
    case 404:
      return new ExpectedError('not-found', `Spotify knows nothing at ${what}.`, {
        why: "The id does not exist, was deleted, or is one of Spotify's own playlists, which apps may not read.",
        hint: 'Check the id; leave out playlists made by Spotify.',
      });
    case 413:
      return new ExpectedError('cover-too-large', 'The cover is too large for Spotify.', {
        why: 'Its limit of 256 KB counts the base64 text: a JPEG may have about 180 KB.',
        hint: 'Use a smaller or more compressed JPEG.',
      });
    default:
      break;
  }
  if (answer.status >= 500) {
    if (call.method !== 'GET') return outcomeUnknown(what, `Spotify answered with status ${answer.status}.`);
    return new ExpectedError('spotify-down', `Spotify could not answer ${what}.`, {
      why: `It answered with status ${answer.status}${said ? ` and "${said}"` : ''}.`,
      hint: 'Nothing needs doing: it is tried again.',
      retryable: true,
    });
  }
  return new ExpectedError('odd-answer', `Spotify's answer to ${what} makes no sense to Segue.`, {
    why: `Status ${answer.status}${said ? ` and "${said}"` : ''}.`,
    hint: 'A proxy may stand in between; otherwise please report these three lines.',
  });
}

function explainForbidden(what: string, call: FailedCall, said: string, missing: string[]): ExpectedError {
  if (/premium/i.test(said)) {
    return new ExpectedError(
      'owner-without-premium',
      "Spotify has switched the app off: its owner's Premium has ended.",
      {
        why: `It says "${said}".`,
        hint: 'Renew Premium for the account that owns the app in the developer dashboard; it can take hours until calls work again.',
      },
    );
  }
  if (/not (?:be )?registered|developer dashboard/i.test(said)) {
    return new ExpectedError('not-on-allow-list', 'This Spotify account may not use the app.', {
      why: `It says "${said}": an app in Development Mode serves only the people its owner has listed.`,
      hint: 'In the developer dashboard open the app, User Management, and add the name and e-mail of this account.',
    });
  }
  if (missing.length > 0 || /scope|permission/i.test(said)) return missingScope(what, missing);
  if (call.method === 'GET' && /^\/playlists\//.test(call.path)) {
    return new ExpectedError(
      'playlist-not-readable',
      `Spotify does not show what is in this playlist (${call.path}).`,
      {
        why: 'Since February 2026 apps may read only playlists that the account owns or collaborates on.',
        hint: 'Copy the songs into a playlist of your own, or leave it out.',
      },
    );
  }
  if (/^\/playlists\//.test(call.path)) {
    return new ExpectedError(
      'playlist-not-yours',
      `Spotify does not let this account change the playlist (${call.path}).`,
      {
        why: 'Only its owner and collaborators may.',
        hint: 'Let Segue make a playlist of its own.',
      },
    );
  }
  return new ExpectedError('endpoint-closed', `Spotify does not allow ${what} for this app.`, {
    why: `It says "${said || 'Forbidden'}"; many calls were closed to apps in Development Mode in 2024 and 2026.`,
    hint: 'Update Segue; if it is up to date, please report these three lines.',
  });
}

function missingScope(what: string, missing: readonly string[]): ExpectedError {
  return new ExpectedError('missing-scope', `Spotify was not given leave for ${what}.`, {
    why: missing.length > 0 ? `Not granted: ${missing.join(', ')}.` : 'A permission was not granted or was withdrawn.',
    hint: 'Run `segue connect` again and agree to everything on the page.',
  });
}

/** Spotify's own words, JSON or not, fit for one line; "" when there are none or they are a web page. */
function readMessage(text: string): string {
  const body = parseJson(text);
  if (body !== undefined) return printable(WireError.safeParse(body).data?.error.message ?? '');
  return /^\s*</.test(text) ? '' : printable(text);
}

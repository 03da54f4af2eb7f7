import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../src/spotify/api-errors.ts';
import { SCOPES } from '../../src/spotify/oauth.ts';
import { recorded } from './recorded.ts';

const PREMIUM =
  'Active premium subscription required for the owner of the app. When the subscription status changes, it can take a few hours before requests are allowed again.';
const json = (status: number, message: string) => JSON.stringify({ error: { status, message } });

interface Row {
  status: number;
  body: string;
  method?: string;
  path?: string;
  scopes?: string[];
  granted?: readonly string[];
  code: string;
  retryable?: boolean;
}

const TABLE: Record<string, Row> = {
  'the owner lost Premium': { status: 403, body: PREMIUM, code: 'owner-without-premium' },
  'not on the allow-list': {
    status: 403,
    body: 'User not registered in the Developer Dashboard',
    code: 'not-on-allow-list',
  },
  "somebody else's playlist, read": {
    status: 403,
    body: json(403, 'Forbidden'),
    path: '/playlists/x/items',
    code: 'playlist-not-readable',
  },
  "somebody else's playlist, changed": {
    status: 403,
    body: json(403, 'Forbidden'),
    method: 'PUT',
    path: '/playlists/x/items',
    code: 'playlist-not-yours',
  },
  'a closed endpoint': {
    status: 403,
    body: json(403, 'Forbidden'),
    path: '/audio-features',
    code: 'endpoint-closed',
  },
  'a closed endpoint without a word': { status: 403, body: '', path: '/recommendations', code: 'endpoint-closed' },
  'a missing scope, by name': { status: 403, body: json(403, 'Insufficient client scope'), code: 'missing-scope' },
  'a missing scope, by comparison': {
    status: 403,
    body: json(403, 'Forbidden'),
    path: '/playlists/x/items',
    scopes: ['playlist-read-private'],
    granted: ['user-top-read'],
    code: 'missing-scope',
  },
  'a missing scope as 401': {
    status: 401,
    body: json(401, 'Unauthorized.'),
    method: 'PUT',
    path: '/playlists/x/images',
    scopes: ['ugc-image-upload'],
    granted: [],
    code: 'missing-scope',
  },
  'a token that is refused for good': {
    status: 401,
    body: json(401, 'The access token expired'),
    code: 'access-refused',
  },
  'an unknown id': {
    status: 404,
    body: JSON.stringify(recorded('python-spotify-2026-03/playlist_not_found.json')),
    code: 'not-found',
  },
  'a large cover': { status: 413, body: '', method: 'PUT', path: '/playlists/x/images', code: 'cover-too-large' },
  'a malformed request': { status: 400, body: json(400, 'Missing required field: uris'), code: 'request-refused' },
  'a broken Spotify, reading': { status: 502, body: '<html>Bad gateway</html>', code: 'spotify-down', retryable: true },
  'a broken Spotify, writing': {
    status: 503,
    body: '',
    method: 'POST',
    path: '/me/playlists',
    code: 'outcome-unknown',
    retryable: true,
  },
  'something else': { status: 418, body: '', code: 'odd-answer' },
};

describe('explainFailure', () => {
  it.each(Object.entries(TABLE))('%s', (_name, row) => {
    const error = explainFailure(
      { status: row.status, headers: new Headers(), text: row.body },
      {
        method: row.method ?? 'GET',
        path: row.path ?? '/me/tracks',
        scopes: row.scopes ?? [],
        granted: row.granted ?? SCOPES,
      },
    );
    expect({ code: error.code, retryable: error.retryable }).toEqual({
      code: row.code,
      retryable: row.retryable ?? false,
    });
    for (const line of error.lines) {
      expect(line).toMatch(/^\S.*[.:]$/);
      expect(line).not.toMatch(/[<>{}\n]/);
    }
  });

  it("quotes Spotify's words on one line and at bounded length", () => {
    const text = `Denied\u001b[31m\r\n${'x'.repeat(5_000)}`;
    const { why } = explainFailure(
      { status: 400, headers: new Headers(), text },
      { method: 'GET', path: '/me', scopes: [], granted: [] },
    );
    expect(why).toMatch(/^It says "Denied \[31m x+"\.$/);
    expect(why.length).toBeLessThan(220);
  });
});

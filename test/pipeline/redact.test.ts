import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactFields, redactText } from '../../src/pipeline/redact.ts';

const secret = 'BQDx7_s3cr3t-t0k3n';

describe('a secret does not get through', () => {
  test.each([
    `https://accounts.spotify.com/callback?code=${secret}&state=1`,
    `grant_type=refresh_token&refresh_token=${secret}`,
    `{"access_token":"${secret}","expires_in":3600}`,
    `{ "client_secret" : "${secret}" }`,
    `Authorization: Bearer ${secret}`,
    `authorization: Basic ${secret}==`,
    `postgres://me:${secret}@localhost:5432/segue`,
  ])('in text: %s', (text) => {
    expect(redactText(text)).not.toContain(secret);
  });

  test.each(['access_token', 'refreshToken', 'client_secret', 'Authorization', 'code', 'code_verifier', 'password'])(
    'under the key %s, however deep',
    (key) => {
      fc.assert(
        fc.property(fc.array(fc.constantFrom('in', 'list')), (path) => {
          const fields = path.reduce<unknown>((inner, step) => (step === 'in' ? { inner } : [inner]), {
            [key]: secret,
          });
          expect(JSON.stringify(redactFields(fields))).not.toContain(secret);
        }),
      );
    },
  );

  test('in an error', () => {
    const error = new Error(`GET https://x/?access_token=${secret}`);
    expect(JSON.stringify(redactFields({ error }))).not.toContain(secret);
  });
});

test('everything else stays as it is', () => {
  const fields = {
    plays: 50,
    newest: new Date('2026-11-22T10:00:00Z'),
    name: 'code red',
    none: undefined,
    list: [1, 'a'],
  };
  expect(redactFields(fields)).toEqual({
    plays: 50,
    newest: '2026-11-22T10:00:00.000Z',
    name: 'code red',
    list: [1, 'a'],
  });
  expect(redactText('read 50 plays, bearer of news')).toBe('read 50 plays, bearer of news');
});

test('an error code is not a secret', () => {
  expect(redactFields({ code: 'rate-limited', other: { code: 'ECONNRESET' } })).toEqual({
    code: 'rate-limited',
    other: { code: 'ECONNRESET' },
  });
});

test('a circle ends', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(JSON.stringify(redactFields(circle))).toContain('[…]');
});

import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretBox } from '../../src/base/secret-box.ts';
import { loadSecretKey, parseKey } from '../../src/base/secret-key.ts';

const key = Buffer.alloc(32, 7);
const unreadable = expect.objectContaining({ code: 'secret-unreadable' });

describe('secretBox', () => {
  const box = secretBox(key);

  it('opens what it sealed, and seals the same text differently each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        const sealed = box.seal(text, place);
        expect(box.open(sealed, place)).toBe(text);
        expect(box.seal(text, place)).not.toBe(sealed);
      }),
    );
  });

  it('refuses a text of which any one bit was changed', () => {
    const body = Buffer.from(box.seal('refresh token', 'account_token/1').slice(3), 'base64url');
    for (let bit = 0; bit < body.length * 8; bit++) {
      const changed = Buffer.from(body);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => box.open(`v1.${changed.toString('base64url')}`, 'account_token/1')).toThrow(unreadable);
    }
  });

  it('refuses another row, another key, another version and what is cut short', () => {
    const sealed = box.seal('refresh token', 'account_token/1');
    expect(() => box.open(sealed, 'account_token/2')).toThrow(unreadable);
    expect(() => secretBox(Buffer.alloc(32, 8)).open(sealed, 'account_token/1')).toThrow(unreadable);
    for (const other of [sealed.replace('v1.', 'v2.'), `${sealed}.x`, sealed.slice(0, 20), '', 'v1.'])
      expect(() => box.open(other, 'account_token/1')).toThrow(unreadable);
  });

  // Written by version 1: it must be readable for ever.
  it('opens what an earlier version sealed', () => {
    const sealed = 'v1.5oEqvW7HV2ArB6waZU8NP_2tYNvORDLxWSi6oaiovUVysGspY-ESsWLx-g';
    expect(box.open(sealed, 'account_token/1')).toBe('a refresh token');
  });
});

describe('the key', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'segue-key-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('is made once, for its owner only, by however many start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKey(dataDir)));
    expect(new Set(keys.map((each) => Buffer.from(each).toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    const file = join(dataDir, 'key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(parseKey(await readFile(file, 'utf8'))).toEqual(keys[0]);
  });

  it('is refused when others can read it', async () => {
    await loadSecretKey(dataDir);
    await chmod(join(dataDir, 'key'), 0o640);
    await expect(loadSecretKey(dataDir)).rejects.toMatchObject({ code: 'key-not-private', why: /640/ });
  });

  it('is refused when it is not a key, without being shown', async () => {
    await writeFile(join(dataDir, 'key'), 'hunter2', { mode: 0o600 });
    await expect(loadSecretKey(dataDir)).rejects.toMatchObject({ code: 'bad-key' });
    const error = await loadSecretKey(dataDir, 'hunter2').catch((thrown) => thrown);
    expect(error.code).toBe('bad-key');
    expect(error.lines.join('\n')).not.toContain('hunter2');
  });

  it('is taken from the environment in base64 or hex', async () => {
    for (const text of [
      key.toString('hex'),
      key.toString('base64'),
      key.toString('base64url'),
      ` ${key.toString('base64')}\n`,
    ])
      expect(Buffer.from(await loadSecretKey(dataDir, text))).toEqual(key);
  });
});

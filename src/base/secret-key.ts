import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError, systemCode } from './errors.ts';
import { KEY_BYTES } from './secret-box.ts';

/**
 * The key that seals secrets: `given` (32 bytes in base64 or hex, from the environment), else the file `key` in the data
 * folder, which is made at first use and must be readable by its owner only. Throws ExpectedError `bad-key`,
 * `key-not-private`.
 */
export async function loadSecretKey(dataDir: string, given?: string): Promise<Uint8Array> {
  if (given !== undefined) {
    const key = parseKey(given);
    if (key) return key;
    throw new ExpectedError('bad-key', 'The key in SEGUE_KEY cannot be used.', {
      why: `It is not ${KEY_BYTES} bytes in base64 or hex.`,
      hint: 'Make one with: openssl rand -base64 32',
    });
  }
  const path = join(dataDir, 'key');
  return (await readKeyFile(path)) ?? (await makeKeyFile(dataDir, path));
}

/** Undefined unless the text is 32 bytes in hex (64 digits) or base64 (with or without padding, either alphabet). */
export function parseKey(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[0-9a-z+/_-]{43}=?$/i.test(trimmed)) return undefined;
  return Buffer.from(trimmed, 'base64');
}

async function readKeyFile(path: string): Promise<Uint8Array | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  // Windows has no such rights; its folders are private to the user by default.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new ExpectedError('key-not-private', `The key ${path} is open to other users.`, {
      why: `Its rights are ${(mode & 0o777).toString(8)}: whoever read it can read the tokens.`,
      hint: `Run: chmod 600 ${path}; if others use this machine, connect the account again with a new key.`,
    });
  }
  const key = parseKey(text);
  if (key) return key;
  throw new ExpectedError('bad-key', `The key ${path} cannot be used.`, {
    why: `It does not hold ${KEY_BYTES} bytes in base64.`,
    hint: 'Bring it back from a backup, or delete it and connect the account again.',
  });
}

async function makeKeyFile(dataDir: string, path: string): Promise<Uint8Array> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomUUID()}.new`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    // A key lost in a power cut would take the tokens with it.
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(beside, path);
  } catch (error) {
    // Another process was quicker, and its key counts.
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(beside);
  }
  return (await readKeyFile(path))!;
}

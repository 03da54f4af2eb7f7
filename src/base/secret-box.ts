import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ExpectedError } from './errors.ts';

/** Seals texts so that only who has the key can read them, and only in the place they were sealed for. */
export interface SecretBox {
  /** `place` names the row that will hold the text, for example `account_token/1`; it is bound to it, not hidden in it. */
  seal(text: string, place: string): string;
  /** Throws ExpectedError `secret-unreadable` for another key, another place, or a changed text. */
  open(sealed: string, place: string): string;
}

export const KEY_BYTES = 32;
// NIST SP 800-38D: 12 bytes of nonce, drawn at random for each text (safe for 2^32 texts under one key), 16 of tag.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** AES-256-GCM under `key`. Sealed text: `v1.` and base64url of nonce, tag and ciphertext. */
export function secretBox(key: Uint8Array): SecretBox {
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bind(place));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url')}`;
    },
    open(sealed, place) {
      const [version, body = '', ...rest] = sealed.split('.');
      if (version !== VERSION || rest.length > 0)
        throw unreadable('It was sealed in a way this version does not know.');
      const bytes = Buffer.from(body, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('It is cut short.');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(bind(place)).setAuthTag(tag);
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
        return text.toString('utf8');
      } catch {
        // Node's own error says no more than that the tag does not fit.
        throw unreadable('The key is another one than it was sealed with, or the text was changed or moved.');
      }
    },
  };
}

function bind(place: string): Buffer {
  return Buffer.from(`segue ${VERSION} ${place}`);
}

function unreadable(why: string): ExpectedError {
  return new ExpectedError('secret-unreadable', 'A stored secret cannot be read.', {
    why,
    hint: 'Bring back the key (SEGUE_KEY, or the file "key" in the data folder), or connect the account again.',
  });
}

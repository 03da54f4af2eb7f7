import type { Json } from '../base/task.ts';

const HIDDEN = '[hidden]';
const SECRET_NAMES = 'access_?token|refresh_?token|client_?secret|authorization|code_?verifier|code|password|cookie';
const SECRET_KEY = new RegExp(`^(?:${SECRET_NAMES})$`, 'i');
const SECRET_PARAMETER = new RegExp(`\\b(${SECRET_NAMES})=[^&\\s"']+`, 'gi');
const SECRET_MEMBER = new RegExp(`("(?:${SECRET_NAMES})"\\s*:\\s*")[^"]*`, 'gi');
const SCHEME = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;
// An OAuth code and an error's code share a key; ours are kebab words, Node's and PostgreSQL's capitals (ECONNRESET, 40P01).
const ERROR_CODE = /^(?:[a-z]+(?:-[a-z]+)*|[A-Z_]+|[0-9A-Z]{5})$/;
const URL_PASSWORD = /(\b[a-z][a-z+]*:\/\/[^\s:/@]+:)[^\s@/]+@/gi;
// Deeper than any log field of ours; also ends circles.
const DEEPEST = 6;

/** Free text without what looks like a credential: URL parameters, JSON members, Authorization headers, URL passwords. */
export function redactText(text: string): string {
  return text
    .replace(SCHEME, `$1 ${HIDDEN}`)
    .replace(SECRET_PARAMETER, `$1=${HIDDEN}`)
    .replace(SECRET_MEMBER, `$1${HIDDEN}`)
    .replace(URL_PASSWORD, `$1${HIDDEN}@`);
}

/** Log fields as JSON, secrets hidden by their key at any depth; errors become name, message and stack. */
export function redactFields(value: unknown, depth = 0): Json {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Error) {
    return { name: value.name, message: redactText(value.message), stack: redactText(value.stack ?? '') };
  }
  if (typeof value !== 'object') return String(value);
  if (depth >= DEEPEST) return '[…]';
  if (Array.isArray(value)) return value.map((each) => redactFields(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, isSecret(key, each) ? HIDDEN : redactFields(each, depth + 1)]),
  );
}

function isSecret(key: string, value: unknown): boolean {
  if (!SECRET_KEY.test(key)) return false;
  return key !== 'code' || (typeof value === 'string' && !ERROR_CODE.test(value));
}

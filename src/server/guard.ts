import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import type { FailureView } from '../api/contract.ts';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/**
 * A browser page of another site can reach 127.0.0.1 too, so requests must name our own host (against DNS rebinding) and
 * writing ones must come from our own page; programs send no Origin. `host`: the address the service listens on.
 */
export function guard(host: string): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req;
    const refusal = refuse(method, context.req.header('host') ?? '', context.req.header('origin'), host);
    if (refusal) context.res = context.json({ error: { code: 'forbidden', ...refusal } } satisfies FailureView, 403);
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (path.startsWith('/api/')) context.header('cache-control', 'no-store');
  };
}

type Refusal = Omit<FailureView['error'], 'code'>;

function refuse(method: string, asked: string, origin: string | undefined, host: string): Refusal | undefined {
  const name = asked
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (!isOurs(name, host))
    return {
      message: 'This address does not belong to the service.',
      why: 'The request names another host.',
      hint: 'Open it by the address that segue serve prints; a reverse proxy must pass on that address as the Host.',
    };
  const writes = method !== 'GET' && method !== 'HEAD';
  if (writes && origin !== undefined && origin !== `http://${asked}` && origin !== `https://${asked}`)
    return {
      message: 'Another site may not ask for this.',
      why: 'The request comes from a page of another origin.',
      hint: "Use the service's own page or the command line.",
    };
  return undefined;
}

function isOurs(name: string, host: string): boolean {
  if ([host, '127.0.0.1', 'localhost', '::1'].includes(name)) return true;
  const open = host === '0.0.0.0' || host === '::';
  if (!open || name === '') return false;
  // Nobody can point an address, a name without a dot, or one that no public server resolves at this machine from afar.
  return isIP(name) !== 0 || !name.includes('.') || /\.(local|internal|home\.arpa)$/.test(name);
}

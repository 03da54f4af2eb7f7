import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { App } from '../app.ts';
import { ExpectedError, isExpected, systemCode } from '../base/errors.ts';
import { addAnswers } from './answers.ts';
import { addCommandRoute, type RunCommandLine } from './command-route.ts';
import { addPage } from './page-files.ts';

export interface ServiceOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** What the command line must show to have its commands run here. */
  readonly token: string;
  readonly runCommandLine: RunCommandLine;
}

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves the JSON API of `api/contract.ts` and the page. Throws ExpectedError `port-in-use` or `address-unavailable`.
 * A browser page of another site can reach 127.0.0.1 too, so requests must name our own host (against DNS rebinding)
 * and writing ones must come from our own page or carry the token.
 */
export async function startService(app: App, options: ServiceOptions): Promise<Service> {
  const hono = new Hono();
  hono.use(async (context, next) => {
    const refusal = refuse(context, options);
    if (refusal) return context.json({ error: { code: 'forbidden', ...refusal } }, 403);
    await next();
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
    context.header('x-frame-options', 'DENY');
    context.header(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'",
    );
  });
  hono.onError((error, context) => {
    if (isExpected(error)) {
      const [message, why, hint] = error.lines;
      return context.json({ error: { code: error.code, message, why, hint } }, error.code === 'not-found' ? 404 : 400);
    }
    app.log.error('a request failed', { path: context.req.path, error: error.stack ?? error.message });
    const bug = {
      code: 'bug',
      message: 'The service failed on this request.',
      why: 'This is a bug.',
      hint: 'Its log has the details.',
    };
    return context.json({ error: bug }, 500);
  });
  hono.notFound((context) =>
    context.json(
      {
        error: {
          code: 'not-found',
          message: 'There is nothing at this address.',
          why: `${context.req.path} is not one of the service's addresses.`,
          hint: 'Open / for the page, or see src/api/contract.ts for the JSON API.',
        },
      },
      404,
    ),
  );
  addAnswers(hono, app);
  addCommandRoute(hono, app, { token: options.token, runCommandLine: options.runCommandLine });
  await addPage(hono);
  return listen(hono, options);
}

function listen(hono: Hono, { host, port }: ServiceOptions): Promise<Service> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: hono.fetch, hostname: host, port }, (address) => {
      const name = host.includes(':') ? `[${host}]` : host;
      resolve({
        url: `http://${name}:${address.port}`,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            // Pages keep their connections open; without this, stopping waits for them.
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.on('error', (error) => reject(translateListenError(error, host, port)));
  });
}

function translateListenError(error: Error, host: string, port: number): Error {
  const code = systemCode(error);
  if (code === 'EADDRINUSE')
    return new ExpectedError('port-in-use', `Port ${port} on ${host} is in use.`, {
      why: 'Another program, perhaps another Segue, listens there.',
      hint: `Stop it, or choose another port: SEGUE_PORT=${port + 1} or --port ${port + 1}.`,
      cause: error,
    });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES')
    return new ExpectedError('address-unavailable', `The service cannot listen on ${host}, port ${port}.`, {
      why: code === 'EACCES' ? 'This user may not open that port.' : 'This machine has no such address.',
      hint: 'Set SEGUE_HOST to 127.0.0.1 and SEGUE_PORT to a number above 1023.',
      cause: error,
    });
  return error;
}

function refuse(context: Context, options: ServiceOptions): { message: string; why: string; hint: string } | undefined {
  const host = context.req.header('host') ?? '';
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const open = options.host === '0.0.0.0' || options.host === '::';
  if (!open && ![options.host, '127.0.0.1', 'localhost', '::1'].includes(name))
    return {
      message: 'This address does not belong to the service.',
      why: 'The request names another host.',
      hint: `Open http://${options.host}:${options.port} instead.`,
    };
  const origin = context.req.header('origin');
  const writes = context.req.method !== 'GET' && context.req.method !== 'HEAD';
  if (writes && origin !== undefined && origin !== `http://${host}`)
    return {
      message: 'Another site may not ask for this.',
      why: 'The request comes from a page of another origin.',
      hint: "Use the service's own page or the command line.",
    };
  return undefined;
}

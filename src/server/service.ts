import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { App } from '../app.ts';
import { ExpectedError, systemCode } from '../base/errors.ts';
import { addAnswers } from './answers.ts';
import { addCommandRoute, type RunCommandLine } from './command-route.ts';
import { addFailures } from './failures.ts';
import { guard } from './guard.ts';
import { addPage } from './page-files.ts';
import { watchProgress } from './progress-board.ts';

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

/** Serves the JSON API of `api/contract.ts` and the page. Throws ExpectedError `port-in-use` or `address-unavailable`. */
export async function startService(app: App, options: ServiceOptions): Promise<Service> {
  const hono = new Hono();
  hono.use(guard(options.host));
  addFailures(hono, app.log);
  const progress = watchProgress(app.engine);
  addAnswers(hono, app, progress.progressOf);
  const commands = addCommandRoute(hono, app, { token: options.token, runCommandLine: options.runCommandLine });
  await addPage(hono);
  const { url, stop } = await listen(hono, options);
  return {
    url,
    async stop() {
      progress.stop();
      await commands.stop();
      await stop();
    },
  };
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

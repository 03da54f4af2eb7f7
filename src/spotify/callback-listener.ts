import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExpectedError, systemCode } from '../base/errors.ts';

/** Waits on this machine for the browser to come back from Spotify's consent page. */
export interface CallbackListener {
  /** `http://127.0.0.1:<port>/callback`, to be sent as redirect_uri. */
  readonly redirectUri: string;
  /** The address the browser came back to, with this state; visits with another one are turned away and waited past. */
  waitFor(state: string, signal?: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 only; `port` 0 takes a free one (Spotify lets the port of a registered loopback address vary).
 * Throws ExpectedError `port-in-use`.
 */
export async function listenForCallback(port: number): Promise<CallbackListener> {
  let expected: { state: string; resolve: (address: string) => void } | undefined;
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '/', redirectUri);
    if (request.method !== 'GET' || url?.pathname !== '/callback') return answer(response, 404, 'Nothing here.');
    if (!expected || url.searchParams.get('state') !== expected.state) {
      return answer(response, 400, 'This answer belongs to another sign-in. Go back to the terminal and start again.');
    }
    const denied = url.searchParams.has('error');
    answer(
      response,
      200,
      denied
        ? 'Spotify was not connected. You can close this page and go back to the terminal.'
        : 'Segue has heard from Spotify. You can close this page and go back to the terminal.',
    );
    expected.resolve(url.href);
    expected = undefined;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(port, error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;

  return {
    redirectUri,
    waitFor: (state, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        expected = { state, resolve };
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    // The address holds the code; it must not travel on as a referrer.
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Segue</title>` +
      `<style>body{font:1.2rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}` +
      `@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}</style><h1>Segue</h1><p>${words}</p></html>`,
  );
}

function cannotListen(port: number, error: Error): ExpectedError {
  const inUse = systemCode(error) === 'EADDRINUSE';
  return new ExpectedError(inUse ? 'port-in-use' : 'cannot-listen', `Cannot listen on 127.0.0.1:${port}.`, {
    why: inUse ? 'Another program uses this port.' : `The system refuses it (${systemCode(error) ?? 'unknown cause'}).`,
    hint: 'Set SPOTIFY_REDIRECT_PORT to another port, or to 0 for any free one.',
    cause: error,
  });
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import { silentLog } from '../../src/base/log.ts';
import { connectAccount } from '../../src/cli/connect-account.ts';
import { readConfig } from '../../src/config.ts';
import { runToEnd } from '../../src/pipeline/run-to-end.ts';
import { readRuns } from '../../src/server/run-views.ts';
import { startService } from '../../src/server/service.ts';
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from '../../src/simulator/apps.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { makeDataDir } from '../store-fixture.ts';

const TOKEN = 'a-token-that-nobody-may-read';

it('no answer holds a token, a code, a client secret or the key, neither after success nor after failures', async () => {
  await using stack = new AsyncDisposableStack();
  const simulator = await startSimulator({ settings: { consent: 'approve' } });
  stack.defer(() => simulator.stop());
  const dataDir = await makeDataDir(true);
  const app = await openApp(
    readConfig({
      SEGUE_DATA_DIR: dataDir,
      SPOTIFY_CLIENT_ID: DEMO_CLIENT_ID,
      SPOTIFY_CLIENT_SECRET: DEMO_CLIENT_SECRET,
      SPOTIFY_ACCOUNTS_URL: simulator.accountsUrl,
      SPOTIFY_API_URL: simulator.apiUrl,
      SPOTIFY_REDIRECT_PORT: '0',
    }),
    { log: silentLog },
  );
  stack.defer(() => app.close());
  const service = await startService(app, {
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    runCommandLine: async () => ({ exitCode: 0, json: undefined }),
  });
  stack.defer(() => service.stop());

  await connectAccount(app, {
    visit: async (url) => void (await fetch(url)),
    signal: new AbortController().signal,
  });
  const good = await runToEnd(app.engine, 'collect');
  expect(good.status).toBe('succeeded');
  // The consent is withdrawn and the access token runs out: refreshing fails, and the failure is stored and shown.
  for (const id of Object.keys(simulator.state.listeners)) simulator.revoke(id);
  for (const token of Object.keys(simulator.state.accessTokens)) {
    simulator.state.accessTokens[token] = { ...simulator.state.accessTokens[token]!, expiresAt: 0 };
  }
  const bad = await runToEnd(app.engine, 'collect');
  expect(bad.status).toBe('failed');

  const runs = await readRuns(app.store, {});
  const attempts = runs.flatMap(({ tasks }) => tasks.flatMap((task) => task.attempts.map(({ id }) => id)));
  const paths = [
    '/api/health',
    '/api/state',
    '/api/runs',
    ...runs.map(({ id }) => `/api/runs/${id}`),
    ...attempts.map((id) => `/api/attempts/${id}/log`),
    '/api/editions',
    '/api/editions/1',
    '/api/command',
    '/',
  ];
  const texts = await Promise.all(paths.map(async (path) => await (await fetch(new URL(path, service.url))).text()));
  const answered = texts.join('\n');
  expect(answered).toContain('reauth_required');

  const { accessTokens, refreshTokens, codes } = simulator.state;
  const secrets = [
    ...Object.keys({ ...accessTokens, ...refreshTokens, ...codes }),
    DEMO_CLIENT_SECRET,
    TOKEN,
    (await readFile(join(dataDir, 'key'), 'utf8')).trim(),
  ];
  expect(secrets.length).toBeGreaterThan(5);
  expect(secrets.filter((secret) => answered.includes(secret))).toEqual([]);
});

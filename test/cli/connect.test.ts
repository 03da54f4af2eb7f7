import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openApp } from '../../src/app.ts';
import { silentLog } from '../../src/base/log.ts';
import { landRaw, listRaw } from '../../src/base/raw-landing.ts';
import { readConfig } from '../../src/config.ts';
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from '../../src/simulator/apps.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { browser, speak } from './speak.ts';

let world: SmallWorld;
let app: App;

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

const connect = (...more: string[]) => speak(app, ['connect', '--json', ...more], browser);
const status = async () => (await speak(app, ['status', '--json'])).json.account;

/** The address in what `connect` printed. */
function addressIn(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).find((line) => line.includes('/authorize?'))!;
}

/** Where the browser ends up, without anybody listening to it. */
async function whereItEnds(url: string): Promise<string> {
  const { headers } = await fetch(url, { redirect: 'manual' });
  return headers.get('location')!;
}

describe('before any account', () => {
  test('segue alone says so and what to do', async () => {
    const { exitCode, said } = await speak(app, []);
    expect(exitCode).toBe(0);
    expect(said.join('\n')).toContain('none connected');
    expect(said.at(-1)).toMatch(/^Next: segue connect /);
  });

  test.each([['sync-plays'], ['sync-library'], ['disconnect']])('%s is three lines', async (name) => {
    const { exitCode, json, noted, said } = await speak(app, [name, '--json']);
    expect({ exitCode, said, noted: noted.length }).toEqual({ exitCode: 1, said: [], noted: 3 });
    expect(json.error).toMatchObject({ code: 'not-connected', hint: expect.stringContaining('segue connect') });
  });
});

describe('before anything is collected', () => {
  test.each([
    [['runs'], 'Nothing has run yet.', 'segue run weekly'],
    [['logs'], 'Nothing has run yet.', 'segue run weekly'],
    [['editions'], 'There is no edition yet.', 'segue run weekly'],
    [['corpus'], 'There are no playlists to learn from yet.', 'segue import-playlists'],
  ])('segue %s says so and what to do', async (words, line, next) => {
    // What the tests above ran stands in the history.
    await app.store.exec('truncate run cascade');
    expect(await speak(app, words)).toMatchObject({ exitCode: 0, said: [line, '', `Next: ${next}`], noted: [] });
  });

  test.each([
    [['build-corpus'], 99],
    [['publish'], 99],
    [['train-vectors'], 1],
    [['recommend'], 1],
    [['similar', 'anything'], 1],
  ])('segue %s ends with %i and a hint', async (words, exitCode) => {
    const spoken = await speak(app, words);
    expect(spoken.exitCode).toBe(exitCode);
    expect([...spoken.said, ...spoken.noted].join(' ')).toContain('segue ');
  });

  test('rebuild of nothing is nothing', async () => {
    expect(await speak(app, ['rebuild'])).toMatchObject({ exitCode: 0, noted: [] });
  });
});

describe('connecting', () => {
  test('a refusal on the page stores nothing', async () => {
    world.simulator.change({ consent: 'deny' });
    const { exitCode, json, noted } = await connect();
    world.simulator.change({ consent: 'approve' });
    expect({ exitCode, noted: noted.length }).toEqual({ exitCode: 1, noted: 3 });
    expect(json.error).toMatchObject({ code: 'access-denied', why: 'Access was refused on the consent page.' });
    expect(await status()).toBeNull();
  });

  test('an address of another sign-in is refused when pasted', async () => {
    const { exitCode, json } = await speak(app, ['connect', '--no-browser', '--json'], {
      answer: async () => 'http://127.0.0.1:8888/callback?code=AQabc&state=of-another-sign-in',
    });
    expect({ exitCode, code: json.error.code }).toEqual({ exitCode: 1, code: 'state-mismatch' });
    expect(await status()).toBeNull();
  });

  test('something else pasted is told apart from an address', async () => {
    const { json } = await speak(app, ['connect', '--no-browser', '--json'], { answer: async () => 'yes' });
    expect(json.error).toMatchObject({ code: 'not-a-callback', hint: expect.stringContaining('/callback?code=') });
  });

  test('a wrong secret is refused without being shown', async () => {
    const config = readConfig({ ...world.env, SPOTIFY_CLIENT_SECRET: 'a-wrong-secret-of-mine' });
    const wrong: App = {
      ...app,
      config,
      spotifyApp: async () => ({ ...config.spotify, clientId: DEMO_CLIENT_ID }),
    };
    const { exitCode, json, noted } = await speak(wrong, ['connect', '--json'], browser);
    expect({ exitCode, code: json.error.code }).toEqual({ exitCode: 1, code: 'client-refused' });
    expect(JSON.stringify([json, noted])).not.toContain('a-wrong-secret-of-mine');
    expect(await status()).toBeNull();
  });

  test('the address pasted back from a browser elsewhere connects, line breaks of a terminal and all', async () => {
    const said: string[] = [];
    const { exitCode, json, asked } = await speak(app, ['connect', '--no-browser', '--json'], {
      onSay: (line) => void said.push(line),
      answer: async () => {
        const address = await whereItEnds(addressIn(said));
        return `  ${address.slice(0, 60)}\r\n${address.slice(60)} `;
      },
    });
    expect(exitCode).toBe(0);
    expect(asked).toEqual([expect.stringContaining('paste the address')]);
    expect(json).toMatchObject({ name: 'KUFX (radio station, June 2014)', again: false, missingScopes: [] });
    expect(await status()).toMatchObject({ status: 'connected', expiresAt: json.expiresAt });
  });

  test('the browser that comes back by itself takes the question back', async () => {
    let withdrawn = false;
    const { exitCode, json } = await speak(app, ['connect', '--no-browser', '--json'], {
      ...browser,
      answer: (_question, signal) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener('abort', () => {
            withdrawn = true;
            reject(signal!.reason);
          });
        }),
    });
    expect({ exitCode, again: json.again, withdrawn }).toEqual({ exitCode: 0, again: true, withdrawn: true });
  });

  test('a secret is used where there is one', async () => {
    const config = readConfig({ ...world.env, SPOTIFY_CLIENT_SECRET: DEMO_CLIENT_SECRET });
    const withSecret: App = {
      ...app,
      config,
      spotifyApp: async () => ({ ...config.spotify, clientId: DEMO_CLIENT_ID }),
    };
    const { exitCode } = await speak(withSecret, ['connect'], browser);
    expect(exitCode).toBe(0);
    const sent = world.simulator.requests.entries.filter(({ path }) => path === '/api/token').at(-1);
    expect(sent).toMatchObject({ method: 'POST' });
  });

  test('says in words who it is, until when, and what next', async () => {
    const { said } = await speak(app, ['connect'], browser);
    const text = said.slice(2).join('\n');
    expect(text).toMatch(/Connected as KUFX \(radio station, June 2014\), the same account as before\./);
    expect(text).toMatch(/lasts? until \w{3} \d+ \w{3} \d{4}/);
    expect(said.at(-1)).toMatch(/^Next: segue /);
    const { rows } = await app.store.exec('select sealed from account_token');
    const tokens = Object.keys(world.simulator.state.refreshTokens);
    expect(tokens.length).toBeGreaterThan(0);
    for (const token of tokens) expect(JSON.stringify([said, rows])).not.toContain(token);
  });

  test('another account is refused, and the one before stays', async () => {
    world.simulator.change({ loggedInAs: 'kgb-radio' });
    const { exitCode, json, noted } = await connect('--switch');
    world.simulator.change({ loggedInAs: 'kufx-radio' });
    expect({ exitCode, code: json.error.code, lines: noted.length }).toEqual({
      exitCode: 1,
      code: 'other-account',
      lines: 3,
    });
    expect(await status()).toMatchObject({ name: 'KUFX (radio station, June 2014)', status: 'connected' });
    expect((await speak(app, ['sync-plays', '--json'])).exitCode).toBe(0);
  });

  test('an account that nobody put on the list is told what to do', async () => {
    world.simulator.change({ loggedInAs: 'wxgl-radio' });
    const { exitCode, json } = await connect('--switch');
    world.simulator.change({ loggedInAs: 'kufx-radio' });
    expect(exitCode).toBe(1);
    expect(json.error.hint).toContain('User Management');
  });

  test('Ctrl-C while waiting for the browser ends it', async () => {
    const controller = new AbortController();
    const { exitCode, noted } = await speak(app, ['connect'], {
      signal: controller.signal,
      onSay: (line) => void (line.includes('/authorize?') && controller.abort(new Error('Ctrl-C'))),
    });
    expect({ exitCode, noted }).toEqual({ exitCode: 130, noted: [expect.stringMatching(/^Stopped\./)] });
  });

  test('a client ID that is not known is asked for, in words', async () => {
    const unknown: App = {
      ...app,
      spotifyApp: async () => {
        throw new Error('no client ID');
      },
    };
    const answers = [DEMO_CLIENT_ID, ''];
    const { exitCode, asked, said } = await speak(unknown, ['connect', '--no-browser'], {
      ...browser,
      answer: async (_question, signal) =>
        answers.shift() || new Promise((_, reject) => signal!.addEventListener('abort', reject)),
    });
    expect({ exitCode, asked: asked[0] }).toEqual({ exitCode: 0, asked: 'Client ID of the app: ' });
    expect(said.join('\n')).toContain('https://developer.spotify.com/dashboard');
  });
});

describe('the end of a connection', () => {
  test('a revoked permission is shown with how to go on; nothing is lost, and connecting again goes on', async () => {
    const before = (await speak(app, ['status', '--json'])).json.plays.total;
    world.simulator.revoke('kufx-radio');
    // An access token lives on for its hour.
    world.simulator.clock.advance(2 * 3_600_000);
    const failed = await speak(app, ['sync-plays', '--json']);
    expect({ exitCode: failed.exitCode, code: failed.json.error.code }).toEqual({
      exitCode: 1,
      code: 'reauth-required',
    });
    expect(failed.noted).toHaveLength(3);

    const { said } = await speak(app, []);
    expect(said.find((line) => line.startsWith('account'))).toContain('revoked');
    expect(said.at(-1)).toMatch(/^Next: segue connect /);
    const { json } = await speak(app, ['status', '--json']);
    expect(json.account.status).toBe('reauth_required');
    expect(json.plays.total).toBe(before);

    expect((await connect()).json).toMatchObject({ again: true });
    expect((await speak(app, ['sync-plays', '--json'])).exitCode).toBe(0);
  });

  test('Spotify being away is no revocation', async () => {
    world.simulator.clock.advance(2 * 3_600_000);
    const fault = world.simulator.faults.add({ kind: 'status', status: 503, match: { host: 'accounts' }, times: 2 });
    expect((await speak(app, ['sync-plays', '--json'])).exitCode).toBe(0);
    world.simulator.faults.remove(fault);
    expect(await status()).toMatchObject({ status: 'connected' });
  });

  test('disconnect --forget deletes what came from the Web API, and keeps what was imported', async () => {
    const file = world.simulator.exportHistory({ quirks: 'none' });
    const path = join(world.files, file.name);
    await writeFile(path, file.bytes);
    const { json } = await speak(app, ['import-history', path, '--json']);
    const imported = json.output.plays.stored + json.output.plays.mergedWithPolled;
    await landRaw(world.dataDir, 'plays', 'somebody-else-2026-11', [{ kept: true }]);
    expect(await listRaw(world.dataDir, 'plays')).toHaveLength(2);

    const gone = await speak(app, ['disconnect', '--forget']);
    expect(gone.exitCode).toBe(0);
    expect(gone.said.at(-1)).toBe('Next: segue connect');
    expect((await listRaw(world.dataDir, 'plays')).map((path) => basename(path))).toEqual([
      'somebody-else-2026-11.ndjson',
    ]);
    expect(existsSync(join(world.dataDir, 'raw', 'history'))).toBe(true);
    const { rows } = await app.store.exec(
      'select (select count(*) from play) as plays, (select count(*) from account_token) as tokens',
    );
    expect(rows).toEqual([{ plays: imported, tokens: 0 }]);
    expect(await status()).toMatchObject({ status: 'disconnected' });
    expect((await speak(app, [])).said.at(-1)).toMatch(/^Next: segue connect /);
    expect((await speak(app, ['sync-plays'])).exitCode).toBe(1);
  });

  test('after that another account may be connected', async () => {
    world.simulator.change({ loggedInAs: 'kgb-radio' });
    const { exitCode, json, noted } = await connect();
    world.simulator.change({ loggedInAs: 'kufx-radio' });
    expect({ exitCode, noted }).toEqual({ exitCode: 0, noted: [] });
    expect(json.name).toContain('KGB');
  });
});

test('the key of the tokens is for its owner only', async () => {
  expect((await readFile(join(world.dataDir, 'key'), 'utf8')).trim()).toMatch(/^[0-9a-zA-Z+/]{43}=$/);
  await expect(openApp(readConfig(world.env), { log: silentLog })).rejects.toMatchObject({ code: 'store-locked' });
});

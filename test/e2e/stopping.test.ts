import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type SegueProcess, segue, startSegue } from '../cli/segue-process.ts';
import { browser, speak } from '../cli/speak.ts';
import { hasServer } from '../store-fixture.ts';
import { openSmallWorld, type SmallWorld } from './small-world.ts';

vi.setConfig({ testTimeout: 180_000 });

/** A world with a connected account, and nobody holding its data folder. */
async function connectedWorld(kind: 'embedded' | 'server' = 'embedded'): Promise<SmallWorld> {
  const world = await openSmallWorld(kind);
  const app = await world.open();
  await speak(app, ['connect'], browser);
  await app.close();
  return world;
}

// One for all tests on the embedded database: each leaves it with nobody holding it. Making one takes seconds.
let shared: SmallWorld;
beforeAll(async () => {
  shared = await connectedWorld();
});
afterEach(() => shared.simulator.faults.clear());
afterAll(() => shared[Symbol.asyncDispose]());

/** Ends a process as Ctrl-C does, and says how it ended. */
async function interrupt(process: SegueProcess, signal: NodeJS.Signals = 'SIGINT') {
  process.child.kill(signal);
  const ended = await process.ended;
  expect(ended.stderr).not.toContain('    at ');
  return ended;
}

// Little to learn, and quickly: the pipeline is not about the model here.
const WEEKLY = ['run', 'weekly', '--input', '{"train-vectors": {"epochs": 2, "dimensions": 16}}'];

const held = (world: SmallWorld) => existsSync(join(world.dataDir, 'lock'));
const attemptsOf = (run: { tasks: { task: string; attempts: { status: string }[] }[] }) =>
  Object.fromEntries(run.tasks.map(({ task, attempts }) => [task, attempts.map(({ status }) => status)]));

describe.each(['embedded', 'server'] as const)('a process that is killed in the third task, %s', (kind) => {
  test.skipIf(kind === 'server' && !hasServer())('goes on there when it is started again', async () => {
    await using own = kind === 'server' ? await connectedWorld(kind) : undefined;
    const world = own ?? shared;
    // The library is read third, and its last page never comes.
    const fault = world.simulator.faults.add({ kind: 'timeout', match: { path: '/me/top/artists' }, always: true });
    const first = startSegue(WEEKLY, world.env);
    await Promise.all([first.line(/✓ sync-plays/), first.line(/✓ import-playlists/)]);
    await expect.poll(() => world.simulator.faults.list()[0]!.applied, { timeout: 30_000 }).toBeGreaterThan(0);
    first.child.kill('SIGKILL');
    expect((await first.ended).exitCode).toBe(137);
    world.simulator.faults.remove(fault);

    const again = await segue(['run', 'weekly', '--json'], world.env);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stderr).toContain(`Run ${again.json.id} had not ended; it goes on where it stopped.`);
    expect(again.stderr).not.toMatch(/✓ (sync-plays|import-playlists)/);
    expect(again.json.status).toBe('succeeded');
    expect(attemptsOf(again.json)).toMatchObject({
      'sync-plays': ['succeeded'],
      'import-playlists': ['succeeded'],
      'sync-library': ['lost', 'succeeded'],
      recommend: ['succeeded'],
      publish: ['succeeded'],
    });
    expect(Object.values(world.simulator.state.playlists).filter(({ name }) => name === 'Segue Weekly')).toHaveLength(
      1,
    );
  });
});

describe('Ctrl-C', () => {
  test('in a running pipeline: code 130, no lock; the same command goes on', async () => {
    const world = shared;
    const fault = world.simulator.faults.add({ kind: 'timeout', match: { path: '/me/top/artists' }, always: true });
    const running = startSegue(WEEKLY, world.env);
    await expect.poll(() => world.simulator.faults.list()[0]!.applied, { timeout: 30_000 }).toBeGreaterThan(0);
    const stopped = await interrupt(running);
    expect(stopped).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('Stopped. What was finished is kept;'),
    });
    expect(held(world)).toBe(false);
    world.simulator.faults.remove(fault);
    const again = await segue(['run', 'weekly', '--json'], world.env);
    expect(again).toMatchObject({ exitCode: 0, json: { status: 'succeeded' } });
    expect(again.stderr).toContain(`Run ${again.json.id} had not ended; it goes on where it stopped.`);
    expect(attemptsOf(again.json)).toMatchObject({
      'sync-plays': ['succeeded'],
      'sync-library': ['lost', 'succeeded'],
    });
  });

  test('in training: code 130, no lock, no half of a model, and --resume goes on', async () => {
    const world = shared;
    const before = await readdir(join(world.dataDir, 'models'));
    // Far more work than anybody waits for.
    const training = startSegue(
      ['train-vectors', '--epochs', '1000', '--dimensions', '512', '--negatives', '100'],
      world.env,
    );
    // Progress is told by a line every five seconds where there is no terminal.
    const tokens = (line: string) => Number(/([\d,]+) of [\d,]+ tokens/.exec(line)![1]!.replaceAll(',', ''));
    const toldBefore = tokens(await training.line(/of [\d,]+ tokens/));
    expect((await interrupt(training)).exitCode).toBe(130);
    expect(held(world)).toBe(false);
    expect(await readdir(join(world.dataDir, 'models'))).toEqual([...before, 'unfinished']);
    const resumed = startSegue(['train-vectors', '--resume'], world.env);
    expect(tokens(await resumed.line(/of [\d,]+ tokens/))).toBeGreaterThanOrEqual(toldBefore);
    expect((await interrupt(resumed)).exitCode).toBe(130);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('while serving (%s): code %i, no lock', async (signal, exitCode) => {
    const world = shared;
    const service = startSegue(['serve'], world.env);
    await service.line(/is at http/);
    expect(held(world)).toBe(true);
    const ended = await interrupt(service, signal);
    expect(ended).toMatchObject({ exitCode, stdout: expect.stringContaining('Stopped. What was running is taken up') });
    expect(held(world)).toBe(false);
  });
});

test('the local Spotify alone runs until Ctrl-C', async () => {
  const running = startSegue(['simulator', '--port', '0', '--approve'], {});
  const url = (await running.line(/Web API/)).match(/http:\S+/)![0];
  expect((await fetch(`${url}/me`)).status).toBe(401);
  expect((await interrupt(running)).exitCode).toBe(130);
});

describe('while the service runs', () => {
  test('commands of other processes go through it; a second service does not start', async () => {
    const world = shared;
    const service = startSegue(['serve'], world.env);
    const url = (await service.line(/is at http/)).match(/http:\S+/)![0];

    const synced = await segue(['sync-plays', '--json'], world.env);
    expect(synced).toMatchObject({ exitCode: 0, json: { status: 'succeeded', output: { fetched: 50 } } });
    expect(synced.stdout.trimEnd().split('\n')).toHaveLength(1);
    const words = await segue(['runs'], world.env);
    expect(words).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/sync-plays +succeeded/) });
    expect((await segue(['runs', '99'], world.env)).exitCode).toBe(2);
    // Help needs no service.
    expect((await segue(['runs', '--help'], world.env)).exitCode).toBe(0);

    const second = await segue(['serve', '--json'], world.env);
    expect(second).toMatchObject({ exitCode: 1, json: { error: { code: 'store-locked' } } });
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(second.stderr).toContain(url);
    expect((await interrupt(service)).exitCode).toBe(130);
  });

  test('that was killed, its lock is taken over', async () => {
    const world = shared;
    const service = startSegue(['serve'], world.env);
    await service.line(/is at http/);
    service.child.kill('SIGKILL');
    await service.ended;
    expect(held(world)).toBe(true);
    expect((await segue(['runs'], world.env)).exitCode).toBe(0);
    expect(held(world)).toBe(false);
  });

  test('and stops by itself in the middle of a command, the command says so', async () => {
    const world = shared;
    const service = startSegue(['serve'], world.env);
    await service.line(/is at http/);
    world.simulator.faults.add({ kind: 'timeout', match: { path: '/me/player/recently-played' }, always: true });
    const command = startSegue(['sync-plays', '--json'], world.env);
    await expect.poll(() => world.simulator.faults.list()[0]!.applied, { timeout: 30_000 }).toBeGreaterThan(0);
    service.child.kill('SIGKILL');
    const ended = await command.ended;
    expect(ended).toMatchObject({ exitCode: 1, json: { error: { code: 'service-unreachable' } } });
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(3);
  });

  test.skipIf(!hasServer())(
    'on a PostgreSQL server, nothing is forwarded: several processes work side by side',
    async () => {
      await using world = await connectedWorld('server');
      const service = startSegue(['serve'], world.env);
      const url = (await service.line(/is at http/)).match(/http:\S+/)![0];
      const beside = startSegue(['serve'], world.env);
      expect((await beside.line(/is at http/)).match(/http:\S+/)![0]).not.toBe(url);
      expect(await segue(['sync-plays'], world.env)).toMatchObject({ exitCode: 0 });
      const taken = await segue(['serve', '--port', new URL(url).port, '--json'], world.env);
      expect(taken).toMatchObject({ exitCode: 1, json: { error: { code: 'port-in-use' } } });
      expect(taken.stderr.trimEnd().split('\n')).toHaveLength(3);
      expect((await interrupt(service)).exitCode).toBe(130);
      expect((await interrupt(beside)).exitCode).toBe(130);
    },
  );
});

test('another command holds the data folder: three lines', async () => {
  const world = shared;
  const app = await world.open();
  try {
    const { exitCode, stderr, json } = await segue(['runs', '--json'], world.env);
    expect({ exitCode, code: json.error.code, lines: stderr.trimEnd().split('\n').length }).toEqual({
      exitCode: 1,
      code: 'store-locked',
      lines: 3,
    });
  } finally {
    await app.close();
  }
});

test('a schedule that makes no sense ends the service in three lines', async () => {
  const world = shared;
  const env = { ...world.env, SEGUE_WEEKLY_CRON: 'mondays' };
  const { exitCode, stderr } = await segue(['serve'], env);
  expect(exitCode).toBe(2);
  expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  expect(held(world)).toBe(false);
});

test('a changed schedule counts from the next start, a pause stays', async () => {
  const world = shared;
  const start = async (env: Record<string, string>) => {
    const service = startSegue(['serve'], { ...world.env, ...env });
    await service.line(/is at http/);
    await interrupt(service);
  };
  await start({});
  await segue(['pause', 'weekly'], world.env);
  await start({ SEGUE_WEEKLY_CRON: '0 7 * * 2', SEGUE_TIME_ZONE: 'America/Chicago' });
  const { json } = await segue(
    ['query', 'select cron, time_zone, paused from schedule order by pipeline', '--json'],
    world.env,
  );
  expect(json.rows).toEqual([
    { cron: '*/15 * * * *', time_zone: 'America/Chicago', paused: false },
    { cron: '0 7 * * 2', time_zone: 'America/Chicago', paused: true },
  ]);
});

test('segue alone in an empty folder makes what it needs and says what to do', async () => {
  await using world = await openSmallWorld();
  const { exitCode, stdout, stderr } = await segue([], world.env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^Segue \d/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Next: segue connect /);
});

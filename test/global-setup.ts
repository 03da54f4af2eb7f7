import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import manifest from '../package.json' with { type: 'json' };
import { openStore } from '../src/store/connect.ts';
import { readMigrations } from '../src/store/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Data folder with a migrated, empty embedded database, closed: every test copies it. */
    storeTemplate: string;
    /** A server that tests may make databases on, with a migrated, empty one to clone; null where there is none. */
    testServer: { url: string; template: string } | null;
  }
}

let stop: () => Promise<void> = async () => {};

/** Makes, once per test run, what every test's database is copied from. */
export async function setup(project: TestProject): Promise<void> {
  const [storeTemplate, server] = await Promise.all([embeddedTemplate(), startServer()]);
  project.provide('storeTemplate', storeTemplate);
  if (!server) {
    project.provide('testServer', null);
    process.stderr.write('Tests on a PostgreSQL server are skipped: set SEGUE_TEST_DATABASE_URL, or install one.\n');
    return;
  }
  const template = `segue_template_${process.pid}`;
  stop = async () => {
    await administer(server.url, `alter database ${template} is_template false`);
    await administer(server.url, `drop database ${template}`);
    await server.stop();
  };
  await makeTemplate(server.url, template);
  project.provide('testServer', { url: server.url, template });
}

export async function teardown(): Promise<void> {
  await stop();
}

/** Kept between runs, since making one takes 5 s, under a name that changes with what goes into it. */
async function embeddedTemplate(): Promise<string> {
  const migrations = await readMigrations();
  const parts = [manifest.dependencies['@electric-sql/pglite'], ...migrations.map(({ checksum }) => checksum)];
  const name = createHash('sha256').update(parts.join()).digest('hex').slice(0, 16);
  const cache = fileURLToPath(new URL('../node_modules/.cache/segue-tests/', import.meta.url));
  const template = join(cache, name);
  if (!existsSync(template)) {
    await mkdir(cache, { recursive: true });
    const unfinished = await mkdtemp(join(cache, 'unfinished-'));
    const store = await openStore({ dataDir: unfinished });
    await store.close();
    try {
      await rename(unfinished, template);
    } catch (error) {
      // Another run was quicker.
      if (!existsSync(template)) throw error;
      await rm(unfinished, { recursive: true });
    }
  }
  return template;
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function startServer(): Promise<Server | undefined> {
  const url = process.env.SEGUE_TEST_DATABASE_URL ?? process.env.DATABASE_URL;
  if (url) return { url, stop: async () => {} };
  const bin = await findServerPrograms();
  return bin === undefined ? undefined : await startCluster(bin);
}

async function findServerPrograms(): Promise<string | undefined> {
  const installed = '/usr/lib/postgresql';
  const versions = existsSync(installed) ? (await readdir(installed)).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(installed, version, 'bin')),
  ];
  return candidates.find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')));
}

/** A cluster of its own on a spare port of the loopback interface, without durability, gone at the end. */
async function startCluster(bin: string): Promise<Server | undefined> {
  const owner = serverUser();
  if (owner === null) return undefined;
  const home = await mkdtemp(join(tmpdir(), 'segue-server-'));
  if (owner) await chown(home, owner.uid, owner.gid);
  const as = { ...owner, cwd: home, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } };
  const data = join(home, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'segue', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    { ...as, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
  const port = await sparePort();
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', home, ...settings.flatMap((each) => ['-c', each])],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres ended: ${log}`)));
    server.once('error', reject);
  });
  return {
    url: `postgres://segue@127.0.0.1:${port}/postgres`,
    async stop() {
      // SIGINT: fast shutdown, which does not wait for clients.
      server.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root. Undefined: whoever runs the tests will do; null: root, and nobody else to be. */
function serverUser(): { uid: number; gid: number } | undefined | null {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout || NaN),
    );
    if (Number.isInteger(uid) && Number.isInteger(gid)) return { uid: uid!, gid: gid! };
  }
  return null;
}

async function sparePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

async function makeTemplate(url: string, name: string): Promise<void> {
  await administer(url, `create database ${name}`);
  const databaseUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const store = await openStore({ dataDir: tmpdir(), databaseUrl });
  await store.close();
  await administer(url, `alter database ${name} is_template true`);
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { type Ended, segue } from '../cli/segue-process.ts';
import { makeHistory } from '../export/make-export.ts';
import { cloneDatabase, hasServer, makeDataDir } from '../store-fixture.ts';

const SECRET = 'a-password-nobody-may-see';
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

vi.setConfig({ testTimeout: 180_000 });

/** A folder that is gone after the test. */
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'segue-hostile-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** Three lines on stderr, one object on stdout, no stack and no secret. */
function expectThreeLines({ exitCode, stdout, stderr, json }: Ended, code: string, exit = 1): string[] {
  expect({ exitCode, stderr: exitCode === exit ? '' : stderr }).toEqual({ exitCode: exit, stderr: '' });
  // How far it is is told every five seconds: on a slow machine a line of that comes first.
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !/\d of [\d,]+ rows/.test(line));
  expect(lines, stderr).toHaveLength(3);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(json.error).toMatchObject({ code, message: lines[0], why: lines[1], hint: lines[2] });
  expect(stdout + stderr).not.toContain(SECRET);
  return lines;
}

/** A listener on a port of its own that does what `answer` says. */
async function listen(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    answer(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const databaseUrl = (port: number) => `postgres://segue:${SECRET}@127.0.0.1:${port}/music`;

/** A message of PostgreSQL's protocol: a letter, the length, the body. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** What a server answers to a start that it refuses. */
function refusal(code: string, text: string): Buffer {
  const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${text}`].map((field) => `${field}\0`).join('');
  return message('E', Buffer.from(`${fields}\0`));
}

test('DATABASE_URL where nobody listens', async () => {
  const port = await listen(() => {});
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const free = (closed.address() as AddressInfo).port;
  closed.close();
  await once(closed, 'close');
  expect(port).not.toBe(free);
  const env = { SEGUE_DATA_DIR: await folder(), DATABASE_URL: databaseUrl(free) };
  const lines = expectThreeLines(await segue(['status', '--json'], env), 'database-unreachable');
  expect(lines[0]).toContain(`music at 127.0.0.1:${free}`);
});

test('DATABASE_URL that takes the call and never answers', async () => {
  const env = { SEGUE_DATA_DIR: await folder(), DATABASE_URL: databaseUrl(await listen(() => {})) };
  expectThreeLines(await segue(['status', '--json'], env), 'database-unreachable');
});

test('DATABASE_URL of a machine that does not exist', async () => {
  const env = {
    SEGUE_DATA_DIR: await folder(),
    DATABASE_URL: `postgres://segue:${SECRET}@no-such-machine.invalid/music`,
  };
  expectThreeLines(await segue(['status', '--json'], env), 'database-unreachable');
});

test.each([
  ['28P01', 'password authentication failed for user "segue"', 'database-refused'],
  ['28000', 'no pg_hba.conf entry for host', 'database-refused'],
  ['3D000', 'database "music" does not exist', 'database-unknown'],
  ['53300', 'sorry, too many clients already', 'database-busy'],
  ['57P03', 'the database system is starting up', 'database-unreachable'],
])('DATABASE_URL whose server answers %s (%s)', async (code, text, expected) => {
  const port = await listen((socket) => void socket.once('data', () => socket.end(refusal(code, text))));
  const env = { SEGUE_DATA_DIR: await folder(), DATABASE_URL: databaseUrl(port) };
  expectThreeLines(await segue(['status', '--json'], env), expected);
});

test('DATABASE_URL without the password that the server wants', async () => {
  // AuthenticationSASL (10) with the one mechanism that PostgreSQL has, and AuthenticationSASLContinue (11) to its nonce.
  const wanted = message('R', Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('SCRAM-SHA-256\0\0')]));
  const port = await listen((socket) => {
    socket.once('data', () => {
      socket.write(wanted);
      socket.once('data', (answer) => {
        const nonce = /r=([^,]+)/.exec(answer.toString('latin1'))![1];
        const text = `r=${nonce}more,s=${Buffer.from('salt').toString('base64')},i=4096`;
        socket.write(message('R', Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from(text)])));
      });
    });
  });
  const env = { SEGUE_DATA_DIR: await folder(), DATABASE_URL: `postgres://segue@127.0.0.1:${port}/music` };
  expectThreeLines(await segue(['status', '--json'], env), 'database-refused');
});

test.skipIf(!hasServer())('DATABASE_URL of a database that does not exist, on a real server', async () => {
  const { url } = inject('testServer')!;
  const env = {
    SEGUE_DATA_DIR: await folder(),
    DATABASE_URL: Object.assign(new URL(url), { pathname: '/no_such_database' }).href,
  };
  expectThreeLines(await segue(['status', '--json'], env), 'database-unknown');
});

test.skipIf(!hasServer())('DATABASE_URL of a database in which this user may make nothing', async () => {
  const database = await cloneDatabase();
  onTestFinished(() => database.drop());
  const role = `reader_${process.pid}`;
  const admin = { SEGUE_DATA_DIR: await folder(), DATABASE_URL: database.url };
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(`create role ${role} login`);
    const url = Object.assign(new URL(database.url), { username: role });
    const env = { ...admin, DATABASE_URL: url.href, SEGUE_SCHEMA: 'elsewhere' };
    expectThreeLines(await segue(['status', '--json'], env), 'database-refused');
  } finally {
    await client.query(`drop role ${role}`);
    await client.end();
  }
});

test.each([
  ['DATABASE_URL', `mysql://segue:${SECRET}@127.0.0.1/music`],
  ['SEGUE_PLAYLIST_MODE', SECRET],
])('the setting %s=%s is named, its value is not', async (name, value) => {
  const env = { SEGUE_DATA_DIR: await folder(), [name]: value };
  const lines = expectThreeLines(await segue(['status', '--json'], env), 'bad-setting', 2);
  expect(lines[0]).toContain(name);
  expect((await segue(['--help'], env)).exitCode).toBe(0);
});

test('SEGUE_KEY that is no key is not shown', async () => {
  const env = { SEGUE_DATA_DIR: await makeDataDir(true), SEGUE_KEY: SECRET };
  onTestFinished(() => rm(env.SEGUE_DATA_DIR, { recursive: true, force: true }));
  expectThreeLines(await segue(['status', '--json'], env), 'bad-key');
});

test('a port that is in use', async () => {
  const port = await listen(() => {});
  const dataDir = await makeDataDir(true);
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const env = { SEGUE_DATA_DIR: dataDir, SPOTIFY_CLIENT_ID: 'mine', SPOTIFY_REDIRECT_PORT: String(port) };
  const served = expectThreeLines(await segue(['serve', '--port', String(port), '--json'], env), 'port-in-use');
  expect(served[2]).toContain('--port');
  expectThreeLines(await segue(['simulator', '--port', String(port), '--json'], env), 'port-in-use');
  const connected = expectThreeLines(await segue(['connect', '--json'], env), 'port-in-use');
  expect(connected[2]).toContain('SPOTIFY_REDIRECT_PORT');
  expect(await readdir(dataDir)).not.toContain('lock');
});

test('a file where the data folder should be', async () => {
  const file = join(await folder(), 'taken');
  await writeFile(file, '');
  expectThreeLines(await segue(['status', '--json'], { SEGUE_DATA_DIR: file }), 'directory-not-writable');
  expectThreeLines(
    await segue(['status', '--json'], { SEGUE_DATA_DIR: join(file, 'below') }),
    'directory-not-writable',
  );
  expectThreeLines(await segue(['demo', '--once', '--json'], { SEGUE_DATA_DIR: file }), 'directory-not-writable');
});

// Root may write everywhere, so a process of somebody else has to try; who is not root tries as themselves.
test.skipIf(process.platform === 'win32')('a folder that may not be written', async () => {
  const place = await folder();
  const readOnly = join(place, 'read-only');
  await mkdir(readOnly);
  await chmod(place, 0o755);
  await chmod(readOnly, 0o555);
  onTestFinished(() => chmod(readOnly, 0o755));
  const as = isRoot ? nobody : {};
  const lines = expectThreeLines(
    await segue(['status', '--json'], { SEGUE_DATA_DIR: join(readOnly, 'data'), HOME: place }, as),
    'directory-not-writable',
  );
  expect(lines[2]).toContain('SEGUE_DATA_DIR');
  expectThreeLines(
    await segue(['demo', '--once', '--json'], { SEGUE_DATA_DIR: readOnly, HOME: place }, as),
    'directory-not-writable',
  );
});

test.skipIf(!isRoot)('a database of another user', async () => {
  const place = await folder();
  await chmod(place, 0o755);
  await cp(inject('storeTemplate'), join(place, 'data'), { recursive: true });
  await chown(join(place, 'data'), nobody.uid, nobody.gid);
  await chmod(join(place, 'data', 'db'), 0o700);
  const env = { SEGUE_DATA_DIR: join(place, 'data'), HOME: place };
  expectThreeLines(await segue(['status', '--json'], env, nobody), 'directory-not-writable');
});

/** A file system of so many megabytes, where the machine lets us make one. */
async function smallDisk(megabytes: number): Promise<string | undefined> {
  const place = await folder();
  if (!isRoot || spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', place]).status !== 0)
    return undefined;
  onTestFinished(() => void spawnSync('umount', ['-l', place]));
  return place;
}

test('a disk too full for a database', async ({ skip }) => {
  const place = await smallDisk(20);
  if (place === undefined) return skip('only root can make a small disk, where mounting is allowed');
  expectThreeLines(await segue(['status', '--json'], { SEGUE_DATA_DIR: join(place, 'data') }), 'disk-full');
  expect(await readdir(join(place, 'data'))).not.toContain('lock');
});

test('a disk that fills up during an import: nothing that was stored is lost, and it goes on when there is room', async ({
  skip,
}) => {
  const place = await smallDisk(120);
  if (place === undefined) return skip('only root can make a small disk, where mounting is allowed');
  const dataDir = join(place, 'data');
  await cp(inject('storeTemplate'), dataDir, { recursive: true });
  const files = await folder();
  const [few, many] = [join(files, 'few.json'), join(files, 'many.json')];
  await writeFile(few, JSON.stringify(makeHistory(200, 1)));
  await writeFile(many, JSON.stringify(makeHistory(25_000, 2)));
  const env = { SEGUE_DATA_DIR: dataDir };
  expect((await segue(['import-history', few], env)).exitCode).toBe(0);
  const count = async () => {
    const { exitCode, json, stderr } = await segue(['query', 'select count(*) as plays from play', '--json'], env);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return json.rows[0].plays as number;
  };
  const before = await count();
  expectThreeLines(await segue(['import-history', many, '--json'], env), 'disk-full');
  spawnSync('mount', ['-o', 'remount,size=400m', place]);
  expect(await count()).toBeGreaterThanOrEqual(before);
  const again = await segue(['import-history', many, '--json'], env);
  expect(again.exitCode, again.stderr).toBe(0);
  const { read, stored, alreadyThere, skipped } = again.json.output.plays;
  const left = Object.values(skipped as Record<string, number>).reduce((sum, number) => sum + number, 0);
  expect(stored + alreadyThere + left).toBe(read);
});

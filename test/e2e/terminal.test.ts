import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NODE } from '../cli/segue-process.ts';
import { openSmallWorld } from './small-world.ts';

vi.setConfig({ testTimeout: 180_000 });

// util-linux's `script` gives a process a terminal and answers with its exit code.
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** `segue …` as somebody sees it who sits at a terminal; what they type goes to stdin. */
function atTerminal(words: readonly string[], env: Record<string, string>) {
  const command = [process.execPath, ...NODE, ...words].map((word) => `'${word}'`).join(' ');
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  const look = new Set<() => void>();
  child.stdout!.on('data', (chunk: Buffer) => {
    screen += chunk;
    for (const each of look) each();
  });
  const ended = once(child, 'close').then(([code]) => ({ exitCode: code as number, screen }));
  return {
    ended,
    type: (text: string) => void child.stdin!.write(text),
    async shows(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = pattern.exec(screen)?.[0];
        if (found !== undefined) return found;
        const more = Promise.withResolvers<void>();
        look.add(more.resolve);
        const over = await Promise.race([more.promise.then(() => false), ended.then(() => true)]);
        look.delete(more.resolve);
        if (over && !pattern.test(screen)) throw new Error(`it ended without ${pattern}:\n${screen}`);
      }
    },
  };
}

test.skipIf(!hasScript)(
  'connect at a terminal: pasted back, by the browser itself, and Ctrl-C; colours unless NO_COLOR is set',
  async () => {
    await using world = await openSmallWorld();
    const connect = () => atTerminal(['connect', '--no-browser'], world.env);
    const ADDRESS = /http:\S+\/authorize\?\S+/;

    const pasted = connect();
    const address = await pasted.shows(ADDRESS);
    await pasted.shows(/paste the address/);
    const { headers } = await fetch(address, { redirect: 'manual' });
    pasted.type(`${headers.get('location')}\r`);
    expect(await pasted.ended).toMatchObject({ exitCode: 0, screen: expect.stringContaining('Connected as KUFX') });

    const visited = connect();
    await visited.shows(/paste the address/);
    await fetch(await visited.shows(ADDRESS));
    expect(await visited.ended).toMatchObject({
      exitCode: 0,
      screen: expect.stringContaining('the same account as before'),
    });

    const coloured = await atTerminal(['status'], world.env).ended;
    expect(coloured.screen).toContain('\u001b[1mSegue\u001b[22m');
    const plain = await atTerminal(['status'], { ...world.env, NO_COLOR: '1' }).ended;
    expect(plain.screen).not.toContain('\u001b[1m');

    const stopped = connect();
    await stopped.shows(/paste the address/);
    stopped.type('\u0003');
    expect(await stopped.ended).toMatchObject({ exitCode: 130, screen: expect.stringContaining('Stopped.') });
  },
);

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
// What the launcher (bin/prepare.mjs) starts Node with.
export const NODE = ['--disable-warning=ExperimentalWarning', main];

export interface Ended {
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly json: any;
}

export interface SegueProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first line of stdout or stderr that fits, whenever it comes; rejects with all there was when the process ends without. */
  line(pattern: RegExp): Promise<string>;
}

/** `segue …` as a process of its own; what still runs when the test ends is killed. Nothing of the tests' environment reaches it. */
export function startSegue(
  words: readonly string[],
  env: Record<string, string>,
  options: { uid?: number; gid?: number; cwd?: string } = {},
): SegueProcess {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, [...NODE, ...words], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), NO_COLOR: '1', ...env },
  });
  const text = { stdout: '', stderr: '' };
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk;
    });
    createInterface({ input: child[name] }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    const exitCode = (code as number | null) ?? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[String(signal)] ?? 0);
    return { exitCode, ...text, json: lastJson(text.stdout) };
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    ended,
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        const next = Promise.withResolvers<void>();
        waiting.add(next.resolve);
        const done = await Promise.race([next.promise.then(() => false), ended.then(() => true)]);
        waiting.delete(next.resolve);
        if (done && !lines.some((line) => pattern.test(line)))
          throw new Error(`segue ${words.join(' ')} ended without ${pattern}:\n${text.stdout}\n${text.stderr}`);
      }
    },
  };
}

/** Runs `segue …` to its end. */
export async function segue(
  words: readonly string[],
  env: Record<string, string>,
  options: { uid?: number; gid?: number; cwd?: string } = {},
): Promise<Ended> {
  return await startSegue(words, env, options).ended;
}

function lastJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

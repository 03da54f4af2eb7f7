import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** gensim and numpy in a process of their own, with a number of BLAS threads; answers are timed over there. */
export interface SearchPeer {
  readonly versions: string;
  readonly methods: readonly string[];
  search(method: string, queries: readonly ArrayLike<number>[], k: number): Promise<{ ms: number; rows: number[][] }>;
  close(): void;
}

/** bench/peers/set-up.sh puts Python into <SEGUE_BENCH_PEERS>/venv; else any python3 that has numpy. Undefined: there is none. */
export function findPython(): string | undefined {
  const folder = process.env.SEGUE_BENCH_PEERS;
  const own = folder === undefined ? [] : [join(folder, 'venv/bin/python'), join(folder, 'bin/python')];
  const candidates = [...own.filter((path) => existsSync(path)), 'python3'];
  return candidates.find((python) => spawnSync(python, ['-c', 'import numpy']).status === 0);
}

export async function startPeer(
  python: string,
  file: string,
  dimensions: number,
  threads: number,
): Promise<SearchPeer> {
  const blas = { OPENBLAS_NUM_THREADS: `${threads}`, OMP_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}` };
  const child = spawn(python, [join(import.meta.dirname, 'peer.py'), file, String(dimensions)], {
    env: { ...process.env, ...blas },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The peer ended.');
    return JSON.parse(value);
  };
  const { versions, methods } = await next();
  return {
    versions,
    methods,
    async search(method, queries, k) {
      child.stdin.write(`${JSON.stringify({ method, k, queries: queries.map((query) => Array.from(query)) })}\n`);
      return await next();
    },
    close: () => void child.stdin.end(),
  };
}

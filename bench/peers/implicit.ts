import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EvaluationCase } from '../../src/recommend/evaluate-recommenders.ts';
import type { PlaylistMatrix } from '../../src/recommend/playlist-matrix.ts';

/** One of implicit's recommenders, in its own words. */
export interface ImplicitModel {
  readonly model: string;
  readonly params: { readonly [name: string]: number };
}

export interface ImplicitAnswers {
  readonly seconds: number;
  /** Of each question. */
  readonly ms: number[];
  /** Rows found for each case, best first. */
  readonly found: number[][];
}

const folder = process.env.SEGUE_BENCH_PEERS;
const python = folder === undefined ? undefined : join(folder, 'venv/bin/python');

export function hasImplicit(): boolean {
  return existsSync(python ?? '') && spawnSync(python!, ['-c', 'import implicit']).status === 0;
}

/** Fits each model on the playlists and asks it for every case. */
export async function askImplicit(
  playlists: PlaylistMatrix,
  cases: readonly EvaluationCase[],
  models: readonly ImplicitModel[],
  { threads, depth }: { readonly threads: number; readonly depth: number },
): Promise<ImplicitAnswers[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'segue-bench-implicit-'));
  try {
    const write = (name: string, values: Uint32Array) => writeFileSync(join(scratch, name), Uint32Array.from(values));
    write('starts.u32', playlists.starts);
    write('rows.u32', playlists.rows);
    const ends = [0];
    for (const { seeds } of cases) ends.push(ends.at(-1)! + seeds.length);
    write('case-starts.u32', Uint32Array.from(ends));
    write('case-rows.u32', Uint32Array.from(cases.flatMap(({ seeds }) => seeds.map(({ row }) => row))));
    const job = { folder: scratch, tracks: playlists.tracks, threads, depth, models };
    const lines = (await run(JSON.stringify(job), threads)).trim().split('\n');
    return lines.map((line) => {
      const { seconds, ms, answers } = JSON.parse(line) as { seconds: number; ms: number[]; answers: string };
      const rows = new Int32Array(new Uint8Array(readFileSync(join(scratch, answers))).buffer);
      const found = cases.map((_, at) =>
        Array.from(rows.subarray(at * depth, (at + 1) * depth)).filter((row) => row >= 0),
      );
      return { seconds, ms, found };
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function run(job: string, threads: number): Promise<string> {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: `${threads}` };
  const script = fileURLToPath(new URL('implicit_recommend.py', import.meta.url));
  const child = spawn(python!, [script, job], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`implicit ended with code ${code}.`);
  return Buffer.concat(chunks).toString();
}

// How long the demo takes from a fresh folder and again on the same one, and how much memory it needs at the most.
// node bench/demo.ts [rounds]     DATABASE_URL: also on that server (schema segue_demo, which is emptied)
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '../src/config.ts';

interface Pass {
  readonly seconds: number;
  /** Sum over the demo's processes, sampled four times a second; undefined where there is no /proc. */
  readonly peakMb: number | undefined;
  readonly tasks: Record<string, number>;
  readonly plays: number;
  readonly verified: boolean;
}

const rounds = Number(process.argv[2] ?? 3);
const server = process.env.DATABASE_URL;
console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}`);
for (const database of server === undefined ? [undefined] : [undefined, server]) {
  const fresh: Pass[] = [];
  const again: Pass[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'segue-bench-'));
    if (database !== undefined) await emptyServer(database);
    fresh.push(await runDemo(folder, database));
    again.push(await runDemo(folder, database));
    await rm(folder, { recursive: true });
  }
  console.log(`\n${database === undefined ? 'embedded database' : 'PostgreSQL server'}, ${rounds} rounds`);
  for (const [name, passes] of [
    ['fresh folder', fresh],
    ['again', again],
  ] as const) {
    const memory = passes.map(({ peakMb }) => peakMb).filter((mb) => mb !== undefined);
    console.log(
      `${name.padEnd(14)} median ${median(passes.map(({ seconds }) => seconds)).toFixed(1)} s` +
        (memory.length > 0 ? `, peak memory ${Math.max(...memory).toFixed(0)} MB` : '') +
        `, verified ${passes.filter(({ verified }) => verified).length} of ${passes.length}, plays ${passes.map(({ plays }) => plays).join(', ')}`,
    );
    const tasks = Object.keys(passes[0]!.tasks);
    console.log(
      tasks.map((task) => `  ${task} ${median(passes.map((pass) => pass.tasks[task] ?? 0)).toFixed(1)} s`).join('\n'),
    );
  }
}

async function runDemo(folder: string, databaseUrl: string | undefined): Promise<Pass> {
  const { DATABASE_URL: _, ...env } = process.env;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'demo', '--once', '--json'],
    {
      cwd: projectRoot,
      env: { ...env, SEGUE_DATA_DIR: folder, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let peakMb: number | undefined;
  const sampling = setInterval(() => {
    const mb = treeMb(child.pid!);
    if (mb !== undefined) peakMb = Math.max(peakMb ?? 0, mb);
  }, 250);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  clearInterval(sampling);
  const seconds = (performance.now() - startedAt) / 1000;
  const last = Buffer.concat(chunks).toString().trim().split('\n').at(-1)!;
  return { seconds, peakMb, ...JSON.parse(last) };
}

/** Resident memory of a process and its children, in MB. */
function treeMb(pid: number): number | undefined {
  try {
    const children = readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '))
      .filter((child) => child !== '');
    const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    return own + children.reduce((sum, child) => sum + (treeMb(Number(child)) ?? 0), 0);
  } catch {
    // The process ended between two looks, or this is no Linux.
    return undefined;
  }
}

async function emptyServer(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('drop schema if exists segue_demo cascade');
  await client.query('drop schema if exists segue_demo_jobs cascade');
  await client.end();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

// Compiles kernel/assembly/<module>.ts to kernel/<module>.wasm, which are kept in git so that nobody needs the compiler
// to use Segue. `npm run kernel` builds, `npm run kernel -- --check` says whether the kept files are what the sources give.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULES = ['train', 'search', 'scan', 'dense', 'factors'];

/**
 * The memory comes from outside, is shared between threads and may grow to the 4 GiB that 32 bits address; no runtime,
 * since the kernel allocates nothing.
 */
const FLAGS = [
  '-O3',
  '--noAssert',
  ...['--runtime', 'stub'],
  '--importMemory',
  '--sharedMemory',
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd,threads'],
];

const folder = import.meta.dirname;
const compiler = join(folder, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
const isCheck = process.argv.includes('--check');

if (!existsSync(compiler)) {
  process.stderr.write('Installing the AssemblyScript compiler (once)…\n');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'segue-kernel-'));
let failed = 0;
try {
  for (const name of MODULES) {
    const built = join(scratch, `${name}.wasm`);
    const { status } = spawnSync(
      process.execPath,
      [compiler, join('assembly', `${name}.ts`), ...FLAGS, '--outFile', built],
      { cwd: folder, stdio: 'inherit' },
    );
    const kept = join(folder, `${name}.wasm`);
    if (status !== 0) failed++;
    else if (!isCheck) writeFileSync(kept, readFileSync(built));
    else if (!existsSync(kept) || !readFileSync(kept).equals(readFileSync(built))) {
      failed++;
      process.stderr.write(`kernel/${name}.wasm is not what kernel/assembly/ gives; build it with: npm run kernel\n`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../src/config.ts';

// `npm run check` runs all of these, `npm run check -- types` one.
const CHECKS: Record<string, readonly string[]> = {
  types: ['node_modules/typescript/bin/tsc', '-p', '.'],
  'web-types': ['node_modules/typescript/bin/tsc', '-p', 'src/web'],
  lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  'dead-code': ['node_modules/knip/bin/knip.js', '--no-progress'],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no check called ${unknown.join(', ')}.\nThe checks are ${Object.keys(CHECKS).join(', ')}.\nName one of them, or none for all.\n`,
  );
  process.exit(2);
}
let failed = 0;
for (const name of asked.length > 0 ? asked : Object.keys(CHECKS)) {
  const [script, ...args] = CHECKS[name]!;
  const { status } = spawnSync(process.execPath, [join(projectRoot, script!), ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  process.stderr.write(`${name}: ${status === 0 ? 'fine' : 'FAILED'}\n`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);

#!/usr/bin/env node
// Makes `npm run demo` and `npm test` work in a fresh clone: brings Node 24 where this one is older, installs the locked
// packages when the lock has changed, then runs the given script. Plain JavaScript that Node 18 understands.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEWEST_TESTED_MAJOR = 24;

/** Stops with the three lines every failure of Segue has. */
function stop(what, why, hint) {
  process.stderr.write(`${what}\n${why}\n${hint}\n`);
  process.exit(1);
}

/** Installs a folder's locked packages unless its stamp says that exactly this lock is already installed. */
function install(folder, node) {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(folder, 'node_modules', '.segue-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write(`Installing ${folder === root ? "Segue's packages" : 'Node 24'} (once)…\n`);
  const npmCli = process.env.npm_execpath ?? findNpm();
  const [command, args] = npmCli ? [node, [npmCli]] : ['npm', []];
  const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}`, npm_config_loglevel: 'error' },
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && !npmCli,
  });
  if (result.status !== 0)
    stop(
      `The packages in ${folder} could not be installed.`,
      result.error
        ? result.error.message
        : `npm ci ended with exit code ${result.status}; its own message stands above.`,
      'Check the connection to the npm registry and the free disk space, then run the same command again.',
    );
  writeFileSync(stamp, wanted);
}

/** npm's own script beside this Node, for when we were started without npm. */
function findNpm() {
  const beside = [
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  return beside.find((path) => existsSync(path));
}

function nodeToUse() {
  if (Number(process.versions.node.split('.')[0]) >= NEWEST_TESTED_MAJOR) return process.execPath;
  const runtime = join(root, 'runtime');
  install(runtime, process.execPath);
  const names = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8')).optionalDependencies;
  for (const name of Object.keys(names)) {
    const folder = join(runtime, 'node_modules', name, 'bin');
    const found = [join(folder, 'node'), join(folder, 'node.exe')].find((path) => existsSync(path));
    if (found) return found;
  }
  return stop(
    `Segue needs Node ${NEWEST_TESTED_MAJOR} or newer; this is Node ${process.versions.node}.`,
    `npm has no Node ${NEWEST_TESTED_MAJOR} package for ${process.platform} on ${process.arch}.`,
    `Install Node ${NEWEST_TESTED_MAJOR} from nodejs.org and run the same command again.`,
  );
}

const [script, ...args] = process.argv.slice(2);
const node = nodeToUse();
install(root, node);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', resolveScript(script), ...args], {
  stdio: 'inherit',
  env: {
    // Compiled code is kept between starts, of worker threads too: a command starts in 0.5 s instead of 0.9.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'segue'),
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal sends Ctrl-C to the child as well; only a signal meant for us alone has to be passed on.
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

function resolveScript(name) {
  const path = join(root, name);
  return process.platform === 'win32' ? pathToFileURL(path).href : path;
}

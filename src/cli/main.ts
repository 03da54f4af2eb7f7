#!/usr/bin/env node
import { openApp } from '../app.ts';
import { isExpected } from '../base/errors.ts';
import { type Config, readConfig } from '../config.ts';
import { readDirectoryLock } from '../store/directory-lock.ts';
import { type CommandContext, EXIT } from './command.ts';
import { commands } from './commands.ts';
import { forwardCommandLine } from './forward.ts';
import { findCommand, type Outcome, runCommandLine } from './program.ts';
import { processTerminal } from './terminal.ts';
import { terminalLog } from './terminal-log.ts';

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // The second Ctrl-C means it.
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error(`stopped by ${signal}`));
  });
// `segue runs | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const terminal = processTerminal({ json, signal: controller.signal });
const outcome = await run();
if (json && outcome.json !== undefined) process.stdout.write(`${JSON.stringify(outcome.json)}\n`);
process.exitCode = outcome.exitCode;

async function run(): Promise<Outcome> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!isExpected(error)) throw error;
    for (const line of error.lines) terminal.note(line);
    return { exitCode: EXIT.usedWrongly, json: { error: { code: error.code, message: error.message } } };
  }
  const service = findCommand(argv, commands)?.runs === 'app' ? await runningService(config) : undefined;
  if (service) return forwardCommandLine(service, argv, terminal);

  let app: ReturnType<typeof openApp> | undefined;
  const context: CommandContext = {
    terminal,
    config,
    json,
    app: () => {
      app ??= openApp(config, { log: terminalLog(terminal) });
      return app;
    },
    runLine: (line, caller, shared) =>
      runCommandLine(line, commands, {
        ...context,
        terminal: caller,
        json: line.includes('--json'),
        app: () => Promise.resolve(shared),
      }),
  };
  try {
    return await runCommandLine(argv, commands, context);
  } finally {
    // A store that never opened has nothing to close; its error was reported above.
    const opened = await app?.catch(() => undefined);
    await opened?.close();
  }
}

/** The service that holds the embedded database, which admits one process: commands then run inside it. */
async function runningService(config: Config): Promise<{ url: string; token: string } | undefined> {
  if (config.databaseUrl) return undefined;
  const lock = await readDirectoryLock(config.dataDir);
  return lock?.service;
}

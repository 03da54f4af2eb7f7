#!/usr/bin/env node
import { type App, openApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { readDirectoryLock, type ServiceAddress } from '../store/directory-lock.ts';
import { type CommandContext, usesStore } from './command.ts';
import { commands } from './commands.ts';
import { forwardCommandLine } from './forward.ts';
import { abortOnSignals } from './interrupt.ts';
import { findCommand, type Outcome, reportFailure, runCommandLine } from './program.ts';
import { runServedLine } from './served-line.ts';
import { processTerminal } from './terminal.ts';
import { terminalLog } from './terminal-log.ts';

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const signal = abortOnSignals();
// `segue runs | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const terminal = processTerminal({ json, signal });
const outcome = await run();
if (json && outcome.json !== undefined) process.stdout.write(`${JSON.stringify(outcome.json)}\n`);
// Everything of ours is closed. What a library leaves open must not keep the process (pg leaves its socket where a password
// is missing, which the server closes a minute later).
process.stdout.write('', () => process.stderr.write('', () => process.exit(outcome.exitCode)));

async function run(): Promise<Outcome> {
  let app: ReturnType<typeof openApp> | undefined;
  try {
    const command = findCommand(argv, commands);
    // Help must be had with whatever stands in the environment.
    const config = command ? readConfig() : readConfig({});
    const service = command && usesStore(command, argv) ? await runningService(config) : undefined;
    if (service) return await forwardCommandLine(service, argv, terminal);

    const context: CommandContext = {
      terminal,
      config,
      json,
      served: false,
      app: () => {
        app ??= openApp(config, { log: terminalLog(terminal) });
        return app;
      },
      runLine: runServedLine,
    };
    const outcome = await runCommandLine(argv, commands, context);
    await (await opened(app))?.close();
    return outcome;
  } catch (error) {
    await (await opened(app))?.close().catch(() => {});
    return reportFailure(error, terminal);
  }
}

/** A store that never opened has nothing to close; its error was reported. */
function opened(app: ReturnType<typeof openApp> | undefined): Promise<App | undefined> {
  return app?.catch(() => undefined) ?? Promise.resolve(undefined);
}

/** The service that holds the embedded database, which admits one process: commands then run inside it. */
async function runningService(config: Config): Promise<ServiceAddress | undefined> {
  if (config.databaseUrl) return undefined;
  const lock = await readDirectoryLock(config.dataDir);
  return lock?.service;
}

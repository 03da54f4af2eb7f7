import type { App } from '../app.ts';
import { usesStore } from './command.ts';
import { commands } from './commands.ts';
import { type Outcome, runCommandLine } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line for another process, inside the service and on its open app. Commands of their own are not had here. */
export function runServedLine(argv: readonly string[], terminal: Terminal, app: App): Promise<Outcome> {
  return runCommandLine(
    argv,
    commands.filter((command) => usesStore(command, argv)),
    {
      terminal,
      config: app.config,
      json: argv.includes('--json'),
      served: true,
      app: () => Promise.resolve(app),
      runLine: runServedLine,
    },
  );
}

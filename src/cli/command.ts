import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { Config } from '../config.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes, the same for every command: they are what cron, CI and Airflow see. */
export const EXIT = { done: 0, failed: 1, usedWrongly: 2, nothingToDo: 99, stopped: 130 } as const;

/** What a command gives back; `main` prints the lines for people, or with --json the object alone. */
export interface CommandResult {
  readonly json: Json;
  readonly lines: readonly string[];
  /** What failed although the command has something to show; it joins the object as `error` and sets the exit code. */
  readonly failure?: ExpectedError;
  /** The next useful command, printed last. */
  readonly next?: string;
  readonly exitCode?: number;
}

/** What every command is given. `app` is opened at the first call, so that `--help` and bad usage touch nothing. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly config: Config;
  readonly json: boolean;
  /** The command runs inside the service for somebody else: what it leaves undone, the service would go on with. */
  readonly served: boolean;
  app(): Promise<App>;
  /** Runs another command line against an app that is already open: how the service serves forwarded commands. */
  runLine(
    argv: readonly string[],
    caller: Terminal,
    shared: App,
  ): Promise<{ exitCode: number; json: Json | undefined }>;
}

/**
 * One word of the command line. `define` names arguments, options and examples on commander's command; `run` gets the
 * parsed values. Commands print nothing themselves except progress and questions: they return what there is to say.
 */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /**
   * `app`: uses the store; goes through the running service when one holds it.
   * `own`: opens what it needs itself (demo, serve, simulator) and is never forwarded.
   */
  readonly runs: 'app' | 'own';
  /** Of an `own` command: with which words it uses the store after all, and is forwarded as an `app` command is. */
  readonly usesStore?: (argv: readonly string[]) => boolean;
  readonly examples: readonly string[];
  /** The heading of --help under which it stands. */
  readonly group?: string;
  define(command: Command): void;
  run(values: CommandValues, context: CommandContext): Promise<CommandResult>;
}

/** Whether this command line uses the store, and goes through the service where one holds it. */
export function usesStore({ runs, usesStore: asked }: CliCommand, argv: readonly string[]): boolean {
  return runs === 'app' || asked?.(argv) === true;
}

export interface CommandValues {
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

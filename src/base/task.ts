import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Progress } from './progress.ts';
import type { Random } from './random.ts';

/** Any value that survives JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What a task run is given besides its input. Engines (pg-boss, the CLI, Airflow) fill it; task bodies see no engine. */
export interface TaskContext {
  /** Identifies the run: the same task with the same run key does its side effects once. */
  readonly runKey: string;
  readonly attempt: number;
  /** Aborted on Ctrl-C, cancel and time-out; long work must stop soon after. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly random: Random;
}

/** A task's output: counts and ids as JSON, or the reason why there was nothing to do (status `skipped`, exit code 99). */
export type TaskOutput = { readonly [key: string]: Json } | Skipped;

export interface Skipped {
  readonly skipped: string;
}

export function isSkipped(output: TaskOutput): output is Skipped {
  return typeof (output as Skipped).skipped === 'string';
}

/**
 * One node of the data flow. `Deps` is what the task needs from the composition root (store, Spotify, folders); the
 * graph binds it, so an engine only ever sees `Task<void>`-like functions of input and context.
 */
export interface Task<Input extends Json = Json> {
  /** File name = node of the pipeline = word of the command line = `task` column = label on screen. */
  readonly name: string;
  /** One sentence for `--help` and the UI. */
  readonly summary: string;
  /** Longest time one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Attempts after which a retryable failure is final. */
  readonly maxAttempts: number;
  run(input: Input, context: TaskContext): Promise<TaskOutput>;
}

/** A graph of tasks without circles, with an optional schedule. */
export interface Pipeline {
  readonly name: string;
  readonly summary: string;
  readonly nodes: readonly PipelineNode[];
  /** Five-field cron expression in the owner's time zone; absent: only by hand. */
  readonly cron?: string;
}

export interface PipelineNode {
  readonly task: string;
  /** Tasks of the same pipeline that must have succeeded or been skipped before this one starts. */
  readonly after: readonly string[];
  /** A node that may fail without stopping what comes after it (for example one of several sources). */
  readonly optional?: boolean;
}

import { randomUUID } from 'node:crypto';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import { isSkipped, type Json } from '../base/task.ts';
import { onProgress } from '../pipeline/engine.ts';
import { runTask, type SingleTaskResult } from '../pipeline/run-to-end.ts';
import { type CommandContext, type CommandResult, EXIT } from './command.ts';
import { exitCodeOf } from './interrupt.ts';
import { cancelWhenServed } from './served-run.ts';
import type { Facts } from './task-line.ts';
import { taskReport } from './task-report.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one task as a run of its own, kept in the history like any other. Without a `runKey` every call is new work; with
 * one, what is done already is not done again.
 */
export async function runOneTask(
  task: string,
  input: Json,
  context: CommandContext,
  options: { readonly next?: string | undefined; readonly runKey?: string | undefined } = {},
): Promise<CommandResult> {
  const { terminal } = context;
  const app = await context.app();
  const runKey = options.runKey ?? `${task}:${randomUUID()}`;
  let runId: number | undefined;
  const unwatch = [
    onProgress(app.engine, (each) => {
      if (each.runId === runId && each.task === task) terminal.progress(each.report);
    }),
    cancelWhenServed(app.engine, context, () => runId),
  ];
  try {
    const onRun = (id: number): void => {
      runId = id;
    };
    const result = await runTask(app.engine, task, { runKey, input, signal: terminal.signal, onRun });
    // A task may end well although it was stopped, with what it has found so far.
    if (!terminal.signal.aborted) return await showResult(task, result, app, terminal, options.next);
    if (result.status !== 'succeeded') throw terminal.signal.reason;
    return { ...(await showResult(task, result, app, terminal, options.next)), exitCode: exitCodeOf(terminal.signal) };
  } finally {
    for (const stop of unwatch) stop();
  }
}

async function showResult(
  task: string,
  result: SingleTaskResult,
  app: App,
  terminal: Terminal,
  next: string | undefined,
): Promise<CommandResult> {
  const { status, output, runId, stored } = result;
  const json = { task, status, run: runId };
  const goesOn = next === undefined ? {} : { next };
  if (output !== null && isSkipped(output)) {
    const { skipped } = output;
    return { json: { ...json, status: 'skipped', skipped }, lines: [skipped], exitCode: EXIT.nothingToDo, ...goesOn };
  }
  if (result.exitCode !== 0) {
    // A retry that lies far ahead (a day-long quota) leaves the task queued: the service goes on with it.
    const waits = status === 'queued';
    const [what, why, hint] = result.errorLines;
    const failure = new ExpectedError(result.errorCode ?? 'task-failed', what ?? `${task} did not finish.`, {
      why: why ?? `Its status is ${status}.`,
      hint: waits ? `The service (segue serve) tries again by itself. ${hint ?? ''}`.trim() : (hint ?? seeLog(runId)),
    });
    return { json, lines: [], failure };
  }
  const again = stored ? ['This run key was done before; nothing was done again.', ''] : [];
  const lines = [...again, ...(await taskReport(task, output as Facts, app, terminal))];
  return { json: { ...json, output }, lines, ...goesOn };
}

function seeLog(runId: number): string {
  return `segue logs ${runId} shows what it wrote.`;
}

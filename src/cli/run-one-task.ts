import { randomUUID } from 'node:crypto';
import { ExpectedError } from '../base/errors.ts';
import { isSkipped, type Json } from '../base/task.ts';
import { onProgress } from '../pipeline/engine.ts';
import { runTask, type SingleTaskResult } from '../pipeline/run-to-end.ts';
import { type CommandContext, type CommandResult, EXIT } from './command.ts';
import { formatNumber, table } from './format.ts';

/**
 * Runs one task as a run of its own, kept in the history like any other. Without a `runKey` every call is new work; with
 * one, what is done already is not done again.
 */
export async function runOneTask(
  task: string,
  input: Json,
  { app, terminal }: CommandContext,
  options: { readonly next?: string | undefined; readonly runKey?: string | undefined } = {},
): Promise<CommandResult> {
  const { engine } = await app();
  const runKey = options.runKey ?? `${task}:${randomUUID()}`;
  const unwatch = onProgress(engine, ({ report, task: running }) => running === task && terminal.progress(report));
  try {
    const result = await runTask(engine, task, { runKey, input, signal: terminal.signal });
    terminal.signal.throwIfAborted();
    return showResult(task, result, options.next);
  } finally {
    unwatch();
  }
}

function showResult(task: string, result: SingleTaskResult, next: string | undefined): CommandResult {
  const { status, output, runId } = result;
  if (output !== null && isSkipped(output))
    return {
      json: { task, status: 'skipped', run: runId, ...output },
      lines: [output.skipped],
      exitCode: EXIT.nothingToDo,
    };
  if (result.exitCode !== 0) {
    // A retry that lies far ahead (a day-long quota) leaves the task queued: the service goes on with it.
    const [what, why, hint] = result.errorLines;
    throw new ExpectedError(status === 'queued' ? 'retry-later' : 'task-failed', what ?? `${task} did not finish.`, {
      why: why ?? `Its status is ${status}.`,
      hint: hint ?? `segue logs ${runId} shows what it wrote.`,
    });
  }
  const stored = result.stored ? ['This run key was done before; nothing was done again.'] : [];
  return {
    json: { task, status, run: runId, output },
    lines: [...stored, ...showCounts(output as Json)],
    ...(next === undefined ? {} : { next }),
  };
}

/** A task's output as two columns, nested counts indented: "already there  50". */
export function showCounts(output: Json, indent = ''): string[] {
  if (output === null || typeof output !== 'object') return [];
  const rows: (readonly [string, string | number])[] = [];
  for (const [name, value] of Object.entries(output)) {
    const label = `${indent}${words(name)}`;
    if (Array.isArray(value)) {
      if (value.length > 0)
        rows.push(
          [label, ''],
          ...value.map(
            (entry) => ['', `${indent}  ${typeof entry === 'object' ? JSON.stringify(entry) : entry}`] as const,
          ),
        );
    } else if (value !== null && typeof value === 'object') {
      const inner = Object.entries(value);
      if (inner.length > 0)
        rows.push([label, ''], ...inner.map(([key, part]) => [`${indent}  ${words(key)}`, show(part)] as const));
    } else if (value !== null) rows.push([label, show(value)]);
  }
  return table(rows, Number.POSITIVE_INFINITY);
}

function show(value: Json): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `alreadyThere` as "already there". Names with other signs in them are names and stay. */
function words(name: string): string {
  return /^[a-z]+(?:[A-Z][a-z]+)+$/.test(name) ? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name;
}

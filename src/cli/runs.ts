import type { RunView } from '../api/contract.ts';
import { ExpectedError } from '../base/errors.ts';
import { SINGLE_TASKS } from '../pipeline/runs.ts';
import { readRun, readRuns } from '../server/run-views.ts';
import type { CliCommand } from './command.ts';
import { formatDuration, formatTime, paint, table } from './format.ts';
import { positiveNumber } from './option-values.ts';
import { taskLine } from './task-line.ts';
import type { Terminal } from './terminal.ts';

const COLOURS = {
  succeeded: 'green',
  failed: 'red',
  lost: 'red',
  running: 'yellow',
  queued: 'yellow',
  skipped: 'dim',
  cancelled: 'dim',
} as const;

/** A status in its colour. */
export function showStatus(terminal: Terminal, status: keyof typeof COLOURS): string {
  return paint(terminal, COLOURS[status], status);
}

/** How long a run or a task took, or has been taking. */
export function spent(of: { startedAt: string | null; finishedAt: string | null }, now: Date): string {
  if (!of.startedAt) return '';
  return formatDuration((of.finishedAt ? Date.parse(of.finishedAt) : now.getTime()) - Date.parse(of.startedAt));
}

export const runs: CliCommand = {
  name: 'runs',
  summary: 'List the last runs, or show one with its tasks and attempts.',
  runs: 'app',
  examples: ['runs', 'runs 12', 'runs --pipeline weekly --limit 5'],
  define: (command) =>
    command
      .argument('[run]', 'number of the run to show', positiveNumber)
      .option('--pipeline <name>', 'only runs of this pipeline')
      .option('--limit <n>', 'how many', positiveNumber, 20),
  async run({ args, options }, { app, terminal }) {
    const { store, config, clock } = await app();
    const time = (iso: string) => formatTime(new Date(iso), config.timeZone);
    if (args[0] !== undefined) {
      const run = await readRun(store, args[0] as number);
      if (!run) throw unknownRun(args[0] as number);
      return { json: run, lines: showRun(run, terminal, clock.now(), time), next: `segue logs ${run.id}` };
    }
    const found = await readRuns(store, {
      pipeline: options.pipeline as string | undefined,
      limit: options.limit as number,
    });
    const rows = found.map((run) => [
      String(run.id),
      nameOf(run),
      showStatus(terminal, run.status),
      time(run.createdAt),
      run.trigger,
      spent(run, clock.now()),
    ]);
    return {
      json: { runs: found },
      lines:
        found.length === 0
          ? ['Nothing has run yet.']
          : table([['run', 'pipeline or task', 'status', 'created', 'trigger', 'took'], ...rows], terminal.width),
      next: found.length === 0 ? 'segue run weekly' : `segue runs ${found[0]!.id}`,
    };
  },
};

function showRun(run: RunView, terminal: Terminal, now: Date, time: (iso: string) => string): string[] {
  const rows = run.tasks.map((task) => [
    task.task,
    showStatus(terminal, task.status),
    spent(task, now),
    task.attempts.length > 1 ? `${task.attempts.length} attempts` : '',
    taskLine(task.task, task.output),
  ]);
  const errors = run.tasks.flatMap((task) =>
    task.attempts
      .slice(-1)
      .flatMap((attempt) => (attempt.error ? [`${task.task}:`, ...attempt.error.map((line) => `  ${line}`)] : [])),
  );
  return [
    `Run ${run.id}, ${nameOf(run)}: ${showStatus(terminal, run.status)}, ${run.trigger}, ${time(run.createdAt)}, key ${run.runKey}`,
    ...table(rows, terminal.width),
    ...errors,
  ];
}

/** A run of single tasks goes by the names of its tasks. */
function nameOf({ pipeline, tasks }: RunView): string {
  return pipeline === SINGLE_TASKS ? tasks.map(({ task }) => task).join(', ') : pipeline;
}

/** The three lines for a run number that does not exist. */
export function unknownRun(id: number): ExpectedError {
  return new ExpectedError('not-found', `There is no run ${id}.`, {
    why: 'No run has this number.',
    hint: 'segue runs lists the last ones.',
  });
}

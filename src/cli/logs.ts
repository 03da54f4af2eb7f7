import { ExpectedError } from '../base/errors.ts';
import { readAttemptLog, readRun, readRuns } from '../server/run-views.ts';
import type { CliCommand } from './command.ts';
import { paint } from './format.ts';
import { positiveNumber } from './option-values.ts';
import { showStatus, unknownRun } from './runs.ts';
import { taskLine } from './task-line.ts';

export const logs: CliCommand = {
  name: 'logs',
  summary: 'Show what the attempts of a run wrote; without a number, of the last run.',
  runs: 'app',
  examples: ['logs', 'logs 12', 'logs 12 publish'],
  define: (command) =>
    command.argument('[run]', 'number of the run', positiveNumber).argument('[task]', 'only this task'),
  async run({ args }, { app, terminal }) {
    const { store, config } = await app();
    const clock = (iso: string) => new Date(iso).toLocaleTimeString('en-GB', { timeZone: config.timeZone });
    const [number, only] = args as [number?, string?];
    const run = number === undefined ? (await readRuns(store, { limit: 1 }))[0] : await readRun(store, number);
    if (!run) {
      if (number !== undefined) throw unknownRun(number);
      return { json: { attempts: [] }, lines: ['Nothing has run yet.'], next: 'segue run weekly' };
    }
    const chosen = run.tasks.filter((task) => only === undefined || task.task === only);
    if (chosen.length === 0)
      throw new ExpectedError('not-found', `Run ${run.id} has no task ${only}.`, {
        why: `Its tasks are ${run.tasks.map((task) => task.task).join(', ')}.`,
        hint: 'Name one of these, or none for all.',
      });
    const attempts = await Promise.all(
      chosen.flatMap((task) =>
        task.attempts.map(async (attempt) => ({
          task: task.task,
          number: attempt.number,
          status: attempt.status,
          error: attempt.error,
          lines: await readAttemptLog(store, attempt.id, 0),
        })),
      ),
    );
    return {
      json: { run: run.id, attempts },
      lines: attempts.flatMap((attempt) => [
        `${paint(terminal, 'bold', attempt.task)}, attempt ${attempt.number}: ${showStatus(terminal, attempt.status)}`,
        ...attempt.lines.map(({ at, level, message, fields }) => {
          // A task's last line carries its output, which has words of its own.
          const facts = message === 'done' ? `: ${taskLine(attempt.task, fields)}` : showFields(fields);
          return `  ${clock(at)} ${level.padEnd(5)} ${message}${paint(terminal, 'dim', facts)}`;
        }),
        ...(attempt.error ?? []).map((line) => `  ${paint(terminal, 'red', line)}`),
      ]),
    };
  },
};

/** Facts beside a log line, without those that say nothing: "  read 870, skipped (podcast 6)". */
function showFields(fields: unknown): string {
  const text = showFact(fields);
  return text === '' ? '' : `  ${text.replace(/^\((.*)\)$/, '$1')}`;
}

function showFact(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value)
    .map(([name, part]) => [name, showFact(part)] as const)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => (Array.isArray(value) ? text : `${name} ${text}`));
  return parts.length === 0 ? '' : `(${parts.join(', ')})`;
}

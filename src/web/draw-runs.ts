import type { RunView } from '../api/contract.ts';
import { drawOutput } from './draw-output.ts';
import { byId, element, patch } from './element.ts';
import { clockTime, duration, fromNow, moment, number } from './format.ts';
import { timeLeft } from './time-left.ts';

type TaskRun = RunView['tasks'][number];
type Attempt = TaskRun['attempts'][number];

const SIGNS: Readonly<Record<string, string>> = {
  succeeded: '✓',
  failed: '✕',
  lost: '✕',
  running: '●',
  queued: '○',
  skipped: '–',
  cancelled: '–',
};
const TRIGGERS = { schedule: 'by schedule', manual: 'by hand', backfill: 'backfill' } as const;

export function drawRuns(runs: readonly RunView[]): void {
  const nothing = element(
    'li',
    { class: 'empty', 'data-key': 'none' },
    'Nothing has run yet. Pipelines start by their schedule, or when you press “Run now”.',
  );
  patch(byId('runs'), runs.length === 0 ? [nothing] : runs.map(drawRun));
}

/** The pipeline's name, or the tasks' where they were run by themselves. */
export function nameOf(run: RunView): string {
  return run.pipeline === 'single-tasks' ? run.tasks.map(({ task }) => task).join(', ') : run.pipeline;
}

export function isActive({ status }: { status: string }): boolean {
  return status === 'running' || status === 'queued';
}

function drawRun(run: RunView): HTMLElement {
  const name = nameOf(run);
  const took = duration(run.startedAt, run.finishedAt);
  return element(
    'li',
    { 'data-key': `run ${run.id}`, class: 'sheet' },
    element('div', { class: 'row' }, element('h3', {}, name), status(run.status), button(run, name)),
    element(
      'p',
      { class: 'small quiet' },
      [moment(run.createdAt), TRIGGERS[run.trigger], run.finishedAt ? `took ${took}` : took && `${took} so far`]
        .filter(Boolean)
        .join(', '),
    ),
    element('ol', { class: 'tasks', 'aria-label': 'Tasks' }, ...run.tasks.map(drawPill)),
    ...run.tasks.map(drawProgress),
    ...run.tasks.map(drawTrouble),
    element(
      'details',
      { 'data-key': 'details' },
      element('summary', {}, 'Results, attempts and logs', element('span', { class: 'unseen' }, ` of run ${run.id}`)),
      element('ul', { class: 'plain' }, ...run.tasks.map(drawTask)),
      element(
        'p',
        { class: 'small quiet' },
        `Run ${run.id}, key ${run.runKey}${run.codeVersion ? `, Segue ${run.codeVersion}` : ''}`,
      ),
    ),
  );
}

function status(word: string): HTMLElement {
  return element(
    'span',
    { class: `status ${word}` },
    element('span', { 'aria-hidden': 'true' }, `${SIGNS[word] ?? ''} `),
    word,
  );
}

function button(run: RunView, name: string): HTMLElement | false {
  const offer = (label: string, data: string) =>
    element(
      'button',
      { type: 'button', class: 'soft end', [data]: String(run.id) },
      label,
      element('span', { class: 'unseen' }, ` ${name}, run ${run.id}`),
    );
  if (isActive(run)) return offer('Cancel', 'data-cancel-run');
  return (run.status === 'failed' || run.status === 'cancelled') && offer('Try again', 'data-retry-run');
}

function drawPill(task: TaskRun): HTMLElement {
  return element(
    'li',
    { 'data-key': task.task, class: task.status },
    element('span', { 'aria-hidden': 'true' }, `${SIGNS[task.status]} `),
    task.task,
    element('span', { class: 'unseen' }, ` ${task.status}`),
    task.startedAt && task.status !== 'skipped' ? ` ${duration(task.startedAt, task.finishedAt)}` : '',
  );
}

function drawProgress({ id, task, progress }: TaskRun): HTMLElement | false {
  if (!progress) return false;
  const { label, done, total, unit } = progress;
  const amount = `${number(done)}${total ? ` of ${number(total)}` : ''} ${unit}`;
  const bar = element('progress', {
    ...(total ? { max: String(total), value: String(done) } : {}),
    'aria-label': `${task}: ${label}`,
  });
  return element(
    'div',
    { 'data-key': `progress ${id}`, class: 'small progress' },
    element('span', {}, `${task}: ${label}`),
    bar,
    element('span', { class: 'quiet' }, [amount, timeLeft(`${id} ${label}`, done, total)].filter(Boolean).join(', ')),
  );
}

/** What its last attempt failed with, where the task has not got over it. */
function drawTrouble({ id, task, status, attempts }: TaskRun): HTMLElement | false {
  const last = attempts.at(-1);
  if (!last || (last.status !== 'failed' && last.status !== 'lost') || status === 'succeeded' || status === 'skipped')
    return false;
  const again = status === 'queued' && last.retryAt ? `It tries again ${fromNow(last.retryAt)}.` : undefined;
  return element(
    'div',
    { 'data-key': `trouble ${id}`, class: 'trouble small' },
    element('strong', {}, `${task} failed`),
    ...errorLines(last),
    again && element('p', {}, again),
  );
}

function errorLines({ error }: Attempt, className = ''): HTMLElement[] {
  return (error ?? []).map((line) => element('p', { class: className }, line));
}

function drawTask(task: TaskRun): HTMLElement {
  const several = task.attempts.length > 1;
  return element(
    'li',
    { 'data-key': task.task },
    element('div', { class: 'row' }, element('strong', {}, task.task), status(task.status)),
    ...drawOutput(task.output),
    ...task.attempts.map((attempt) => drawAttempt(task, attempt, several)),
  );
}

function drawAttempt({ task }: TaskRun, attempt: Attempt, several: boolean): HTMLElement {
  const label = `Log of ${task}, attempt ${attempt.number}`;
  const what =
    several &&
    `Attempt ${attempt.number} ${attempt.status}, ${clockTime(attempt.startedAt)}, ${duration(attempt.startedAt, attempt.finishedAt)}`;
  return element(
    'div',
    { 'data-key': `attempt ${attempt.id}`, class: 'small' },
    what && element('p', {}, what),
    ...(several ? errorLines(attempt, 'quiet') : []),
    element(
      'details',
      { 'data-log': String(attempt.id), 'data-running': attempt.status === 'running' },
      element(
        'summary',
        {},
        several ? `Log of attempt ${attempt.number}` : 'Log',
        element('span', { class: 'unseen' }, ` (${task})`),
      ),
      element('pre', { tabindex: '0', role: 'region', 'aria-label': label, 'data-own': true }),
    ),
  );
}

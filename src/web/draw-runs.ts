import type { RunView } from '../api/contract.ts';
import { drawErrorLines, drawStatus, drawTask, SIGNS } from './draw-task.ts';
import { byId, element, patch } from './element.ts';
import { duration, fromNow, moment, number } from './format.ts';
import { timeLeft } from './time-left.ts';

type TaskRun = RunView['tasks'][number];

const TRIGGERS = { schedule: 'by schedule', manual: 'by hand', backfill: 'backfill' } as const;

export function drawRuns(runs: readonly RunView[]): void {
  const nothing = element(
    'li',
    { class: 'empty', 'data-key': 'none' },
    'Nothing has run yet. Pipelines start by their schedule, or when you press “Run now”.',
  );
  patch(byId('runs'), runs.length === 0 ? [nothing] : foldRoutine(runs).map(drawFold));
}

interface Fold {
  readonly run: RunView;
  /** Runs before it of which there is nothing else to say. */
  readonly earlier: RunView[];
}

/** Plays are collected 96 times a day: scheduled runs that went well one after another are folded under the newest. */
function foldRoutine(runs: readonly RunView[]): Fold[] {
  const folds: Fold[] = [];
  for (const run of runs) {
    const newer = folds.at(-1);
    if (newer && isRoutine(run) && isRoutine(newer.run) && run.pipeline === newer.run.pipeline) newer.earlier.push(run);
    else folds.push({ run, earlier: [] });
  }
  return folds;
}

function isRoutine({ trigger, status }: RunView): boolean {
  return trigger === 'schedule' && (status === 'succeeded' || status === 'skipped');
}

function drawFold({ run, earlier }: Fold): HTMLElement {
  const drawn = drawRun(run);
  const oldest = earlier.at(-1);
  if (oldest) {
    const words =
      earlier.length === 1 ? 'one earlier run that went well' : `${number(earlier.length)} earlier runs that went well`;
    drawn.append(
      element(
        'details',
        { 'data-key': 'earlier' },
        element(
          'summary',
          {},
          `${words}, from ${moment(oldest.createdAt)}`,
          element('span', { class: 'unseen' }, ` (${run.pipeline})`),
        ),
        element('ul', { class: 'plain' }, ...earlier.map(drawRun)),
      ),
    );
  }
  return drawn;
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
    element('div', { class: 'row' }, element('h3', {}, name), drawStatus(run.status), button(run, name)),
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

/** What its last attempt failed with, where that is final or another attempt is waited for. */
function drawTrouble({ id, task, status, attempts }: TaskRun): HTMLElement | false {
  const last = attempts.at(-1);
  const waiting = status === 'queued' ? last?.retryAt : null;
  if (!last || (status !== 'failed' && !waiting)) return false;
  const again = waiting && `It tries again ${fromNow(waiting)}.`;
  return element(
    'div',
    { 'data-key': `trouble ${id}`, class: 'trouble small' },
    element('strong', {}, `${task} failed`),
    ...drawErrorLines(last),
    again && element('p', {}, again),
  );
}

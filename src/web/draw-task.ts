import type { RunView } from '../api/contract.ts';
import { drawOutput } from './draw-output.ts';
import { element } from './element.ts';
import { clockTime, duration } from './format.ts';

type TaskRun = RunView['tasks'][number];
type Attempt = TaskRun['attempts'][number];

/** A sign for each status, so that colour is never all that tells. */
export const SIGNS: Readonly<Record<string, string>> = {
  succeeded: '✓',
  failed: '✕',
  lost: '✕',
  running: '●',
  queued: '○',
  skipped: '–',
  cancelled: '–',
};

/** A task of a run with what it returned, its attempts and their logs. */
export function drawTask(task: TaskRun): HTMLElement {
  const several = task.attempts.length > 1;
  return element(
    'li',
    { 'data-key': task.task },
    element('div', { class: 'row' }, element('strong', {}, task.task), drawStatus(task.status)),
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
    ...(several ? drawErrorLines(attempt, 'quiet') : []),
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

export function drawStatus(word: string): HTMLElement {
  return element(
    'span',
    { class: `status ${word}` },
    element('span', { 'aria-hidden': 'true' }, `${SIGNS[word] ?? ''} `),
    word,
  );
}

export function drawErrorLines({ error }: Attempt, className = ''): HTMLElement[] {
  return (error ?? []).map((line) => element('p', { class: className }, line));
}

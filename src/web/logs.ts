import type { LogLineView } from '../api/contract.ts';
import { ask } from './ask.ts';
import { element } from './element.ts';
import { clockTime } from './format.ts';

/** Lines one answer holds at most: after a full one there may be more. */
const PAGE = 1000;

interface Reading {
  line: number;
  /** Nothing can come any more. */
  ended: boolean;
}

const readings = new WeakMap<Element, Reading>();

/** Reads on in every log that is open; one that runs is read again at the next call. */
export async function readOpenLogs(): Promise<void> {
  await Promise.all([...document.querySelectorAll('details[open][data-log]')].map(readLog));
}

async function readLog(details: Element): Promise<void> {
  const reading = readings.get(details) ?? { line: 0, ended: false };
  if (reading.ended) return;
  // Kept from now on, so that two calls at once do not show the same lines twice.
  readings.set(details, { ...reading, ended: true });
  const running = details.hasAttribute('data-running');
  const pre = details.querySelector('pre')!;
  try {
    for (let full = true; full; ) {
      const { lines } = await ask<{ lines: LogLineView[] }>(
        `/api/attempts/${details.getAttribute('data-log')}/log?after=${reading.line}`,
      );
      append(pre, lines);
      reading.line = lines.at(-1)?.line ?? reading.line;
      full = lines.length === PAGE;
    }
    reading.ended = !running;
    if (reading.ended && reading.line === 0) pre.replaceChildren('This attempt wrote no lines.');
  } finally {
    readings.set(details, reading);
  }
}

function append(pre: HTMLElement, lines: readonly LogLineView[]): void {
  if (lines.length === 0) return;
  const atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 8;
  pre.append(...lines.map(draw));
  if (atEnd) pre.scrollTop = pre.scrollHeight;
}

function draw({ at, level, message, fields }: LogLineView): HTMLElement {
  const more = fields === null ? '' : text(fields);
  return element(
    'div',
    { class: `line ${level}` },
    element('span', { class: 'quiet' }, `${clockTime(at)} `),
    level === 'info' ? '' : `${level}: `,
    message,
    more && element('span', { class: 'quiet' }, more),
  );
}

/** Fields of a line: sentences and a bug's stack on lines of their own, the others as `name value`. */
function text(fields: LogLineView['fields']): string {
  if (fields === null || typeof fields !== 'object' || Array.isArray(fields)) return '';
  const { why, hint, error, ...others } = fields;
  const pairs = Object.entries(others).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const below = [why, hint, stackOf(error)].filter((line) => typeof line === 'string');
  return [pairs.length > 0 ? `  ${pairs.join(', ')}` : '', ...below].join('\n');
}

/** Where a bug came from; an expected failure says all in its sentences. */
function stackOf(error: LogLineView['fields'] | undefined): string | undefined {
  if (error === null || typeof error !== 'object' || Array.isArray(error)) return undefined;
  return error.name !== 'ExpectedError' && typeof error.stack === 'string' ? error.stack : undefined;
}

import type { WriteStream } from 'node:tty';
import type { Progress, ProgressReport } from '../base/progress.ts';
import { cut, formatDuration, formatNumber } from './format.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
/** Without a terminal (a log file, CI) a line every few seconds is enough to see that work goes on. */
const LINE_MS = 5_000;

/** One line with label, bar, count, rate and time left, redrawn in place on a terminal; of several at once, in turn. */
export function drawProgress(stream: WriteStream): { report: Progress; clear(): void } {
  const begun = new Map<string, { at: number; with: number }>();
  let drawnAt = stream.isTTY ? Number.NEGATIVE_INFINITY : performance.now();
  let shown = false;

  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  const report = (step: ProgressReport): void => {
    const now = performance.now();
    let since = begun.get(step.label);
    // Fewer than before: the same kind of work begins anew, for example with the next file.
    if (!since || step.done < since.with) {
      since = { at: now, with: step.done };
      begun.set(step.label, since);
    }
    const finished = step.total !== undefined && step.done >= step.total;
    if (finished) {
      begun.delete(step.label);
      clear();
      return;
    }
    if (now - drawnAt < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
    drawnAt = now;
    const line = progressLine(step, now - since.at, step.done - since.with);
    if (stream.isTTY) {
      clear();
      // A line that wraps could not be cleared.
      stream.write(cut(line, (stream.columns ?? 80) - 1));
      shown = true;
    } else stream.write(`${line}\n`);
  };
  return { report, clear };
}

/** The line for `step` after `elapsedMs` in which `advanced` units were done. */
export function progressLine(step: ProgressReport, elapsedMs: number, advanced: number): string {
  const rate = elapsedMs > 0 ? (advanced / elapsedMs) * 1000 : 0;
  const speed =
    rate > 0 ? `  ${formatNumber(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))} ${step.unit}/s` : '';
  const done = formatNumber(whole(step.done));
  if (step.total === undefined || step.total <= 0) return `${step.label}  ${done} ${step.unit}${speed}`;
  const share = Math.min(1, step.done / step.total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const left = rate > 0 ? `  ${formatDuration(((step.total - step.done) / rate) * 1000)} left` : '';
  const percent = `${Math.floor(share * 100)} %`;
  if (step.note !== undefined) return `${step.label}  ${bar} ${percent}  ${step.note}${left}`;
  return `${step.label}  ${bar} ${percent}  ${done} of ${formatNumber(whole(step.total))} ${step.unit}${speed}${left}`;
}

/** Megabytes come as fractions; a tenth is enough, and of large numbers none. */
function whole(value: number): number {
  return value < 100 ? Math.round(value * 10) / 10 : Math.round(value);
}

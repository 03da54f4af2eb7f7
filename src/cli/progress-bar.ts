import type { WriteStream } from 'node:tty';
import type { Progress, ProgressReport } from '../base/progress.ts';
import { formatDuration, formatNumber } from './format.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
/** Without a terminal (a log file, CI) a line every few seconds is enough to see that work goes on. */
const LINE_MS = 5_000;

/** One line with label, bar, count, rate and time left, redrawn in place on a terminal. */
export function drawProgress(stream: WriteStream): { report: Progress; clear(): void } {
  let label = '';
  let startedAt = 0;
  let startedWith = 0;
  let drawnAt = 0;
  let shown = false;

  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  const report = (step: ProgressReport): void => {
    const now = performance.now();
    if (step.label !== label) {
      label = step.label;
      startedAt = now;
      startedWith = step.done;
      drawnAt = stream.isTTY ? 0 : now;
    }
    const finished = step.total !== undefined && step.done >= step.total;
    if (stream.isTTY) {
      if (!finished && now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      clear();
      if (finished) return;
      stream.write(progressLine(step, now - startedAt, step.done - startedWith));
      shown = true;
    } else if (now - drawnAt >= LINE_MS) {
      drawnAt = now;
      stream.write(`${progressLine(step, now - startedAt, step.done - startedWith)}\n`);
    }
  };
  return { report, clear };
}

/** The line for `step` after `elapsedMs` in which `advanced` units were done. */
export function progressLine(step: ProgressReport, elapsedMs: number, advanced: number): string {
  const rate = elapsedMs > 0 ? (advanced / elapsedMs) * 1000 : 0;
  const speed = rate > 0 ? `  ${formatNumber(Math.round(rate))} ${step.unit}/s` : '';
  if (step.total === undefined || step.total <= 0)
    return `${step.label}  ${formatNumber(step.done)} ${step.unit}${speed}`;
  const share = Math.min(1, step.done / step.total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const left = rate > 0 ? `  ${formatDuration(((step.total - step.done) / rate) * 1000)} left` : '';
  return `${step.label}  ${bar} ${Math.floor(share * 100)} %  ${formatNumber(step.done)} of ${formatNumber(step.total)} ${step.unit}${speed}${left}`;
}

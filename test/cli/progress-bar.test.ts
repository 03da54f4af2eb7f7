import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { drawProgress, progressLine } from '../../src/cli/progress-bar.ts';

/** A screen of so many columns; what was written to it. */
function screen(columns: number, isTTY = true): { stream: WriteStream; written: string[] } {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns }) as unknown as WriteStream, written };
}

test('the line tells how far, how fast and how long', () => {
  const step = { label: 'Training', done: 250, total: 1000, unit: 'tokens' };
  expect(progressLine(step, 10_000, 250)).toBe(
    'Training  ██████░░░░░░░░░░░░░░░░░░ 25 %  250 of 1,000 tokens  25 tokens/s  30 s left',
  );
  expect(progressLine({ label: 'Reading', done: 1200, unit: 'rows' }, 1000, 1200)).toBe(
    'Reading  1,200 rows  1,200 rows/s',
  );
  expect(progressLine({ label: 'Reading', done: 1.25, total: 33.333_333, unit: 'MB' }, 500, 1.25)).toContain(
    '1.3 of 33.3 MB  2.5 MB/s',
  );
  expect(progressLine({ ...step, done: 0 }, 0, 0)).toBe('Training  ░░░░░░░░░░░░░░░░░░░░░░░░ 0 %  0 of 1,000 tokens');
});

test('at a terminal the line is redrawn in place, fits it, and is gone at the end', () => {
  const { stream, written } = screen(40);
  const bar = drawProgress(stream);
  bar.report({ label: 'Training', done: 1, total: 10, unit: 'tokens' });
  expect(written).toHaveLength(1);
  expect(written[0]!.length).toBeLessThan(40);
  bar.report({ label: 'Training', done: 10, total: 10, unit: 'tokens' });
  expect(written.slice(1)).toEqual(['\r\u001b[2K']);
  bar.clear();
  expect(written).toHaveLength(2);
});

test('elsewhere nothing is drawn for work that takes a moment', () => {
  const { stream, written } = screen(80, false);
  const bar = drawProgress(stream);
  for (let done = 0; done <= 100; done++) bar.report({ label: 'Reading', done, total: 100, unit: 'rows' });
  expect(written).toEqual([]);
});

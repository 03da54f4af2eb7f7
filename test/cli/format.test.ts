import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { cut, formatDuration, formatNumber, formatTime, paint, plural, table, wrap } from '../../src/cli/format.ts';

const colours = { colour: true };

describe('cut', () => {
  test('leaves short texts alone and marks what it shortened', () => {
    expect(cut('short', 5)).toBe('short');
    expect(cut('too long', 5)).toBe('too …');
    expect(cut('漢字漢字', 5)).toBe('漢字…');
  });

  test('never breaks a style, and ends it', () => {
    const painted = `${paint(colours, 'red', 'a long red word')} and more`;
    expect(stringWidth(cut(painted, 8))).toBe(8);
    expect(cut(painted, 8)).toBe('\u001b[31ma long …\u001b[0m');
  });

  test('is never wider than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(stringWidth(cut(text, width))).toBeLessThanOrEqual(width);
        expect(stringWidth(cut(paint(colours, 'bold', text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('a table has its columns under each other, numbers to the right', () => {
  expect(
    table(
      [
        ['name', 'plays', ''],
        ['漢字', 1234, 'x'],
        [paint(colours, 'bold', 'a'), 5, 'y'],
      ],
      100,
    ),
  ).toEqual(['name  plays', '漢字  1,234  x', '\u001b[1ma\u001b[22m         5  y']);
});

test('wrap breaks between words and keeps every one of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-zé漢]{1,12}$/), { maxLength: 20 }),
      fc.integer({ min: 12, max: 40 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        for (const line of lines) if (line.includes(' ')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('numbers, counts, durations and times as people write them', () => {
  expect([formatNumber(1234567), formatNumber(0.12345)]).toEqual(['1,234,567', '0.123']);
  expect([plural(1, 'play'), plural(0, 'play'), plural(2345, 'play')]).toEqual(['1 play', '0 plays', '2,345 plays']);
  const durations = [0, 950, 59_400, 59_600, 60_000, 119_700, 3_599_900, 3_600_000, 7_199_000, 86_400_000 * 3];
  expect(durations.map(formatDuration)).toEqual([
    '0.0 s',
    '0.9 s',
    '59 s',
    '1 min 0 s',
    '1 min 0 s',
    '2 min 0 s',
    '1 h 0 min',
    '1 h 0 min',
    '2 h 0 min',
    '3 days',
  ]);
  expect(formatTime(new Date('2026-11-23T05:00:00Z'), 'Europe/Stockholm')).toBe('Mon 23 Nov 2026, 06:00');
});

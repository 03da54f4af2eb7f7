import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NUMBER_BYTES, readNumber, writeNumber } from '../../src/vectors/float-text.ts';

const read = (text: string) => {
  const bytes = Buffer.from(`x ${text} y`);
  return readNumber(bytes, 2, bytes.length - 2);
};
const write = (value: number) => {
  const bytes = Buffer.alloc(NUMBER_BYTES + 3, 0x23);
  const end = writeNumber(bytes, 3, value);
  expect(bytes.subarray(end).every((byte) => byte === 0x23)).toBe(true);
  return bytes.toString('latin1', 3, end);
};
const f32 = fc.float({ noNaN: true, noDefaultInfinity: true });
/** Sizes that song vectors have. */
const usual = fc.float({ noNaN: true, min: -8, max: 8 });

test('every f32 reads back as it was written', () => {
  fc.assert(
    fc.property(fc.oneof(f32, usual), (value) => {
      const text = write(value);
      expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
      expect(Object.is(Math.fround(read(text)!), value)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('what any language prints is read exactly', () => {
  const double = fc.double({ noDefaultInfinity: true, noNaN: true });
  const printed = fc.oneof(
    fc.oneof(double, f32).map(String),
    fc.tuple(double, fc.integer({ min: 1, max: 21 })).map(([value, digits]) => value.toPrecision(digits)),
    fc.tuple(double, fc.integer({ min: 0, max: 17 })).map(([value, digits]) => value.toExponential(digits)),
    fc.tuple(usual, fc.integer({ min: 0, max: 30 })).map(([value, digits]) => value.toFixed(digits)),
  );
  fc.assert(
    fc.property(printed, (text) => {
      expect(Object.is(read(text), Number(text))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['+1.5', 1.5],
  ['.5', 0.5],
  ['5.', 5],
  ['-8.269973595356034e-05', -8.269973595356034e-5],
  ['1E3', 1000],
  ['nan', Number.NaN],
  ['-NaN', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['123456789012345678901234567890', 1.2345678901234568e29],
  ['1e-400', 0],
])('%s is a number', (text, value) => {
  expect(read(text)).toBe(value);
});

test.each(['', '-', '.', '-.', 'e5', '1e', '1e+', '1.2.3', '1,5', '0x10', '1_000', 'infinite', '12a', '1e5x'])(
  '"%s" is none',
  (text) => {
    expect(read(text)).toBeUndefined();
  },
);

test.each([
  [0, '0'],
  [-0, '-0'],
  [0.5, '0.5'],
  [-12, '-12'],
  [Math.fround(0.26847973), '0.26847973'],
  [Math.fround(1e-7), '1e-7'],
  [3e38, '3e+38'],
])('%d is written as %s', (value, text) => {
  expect(write(Math.fround(value))).toBe(text);
});

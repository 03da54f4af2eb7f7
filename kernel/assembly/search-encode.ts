import { codes, cosineErrors, cosineScales, dimensions, dotErrors, dotScales, padded, rowCount, values } from './search-state';
import { maximumOfEach, sumOfEach, tailMask } from './search-lanes';

// The int8 copy of a matrix, with what a scan of it needs to know how wrong it can be.

/**
 * 1.5 x 2^23: added to a number below 2^22 it leaves no room for a fraction, so that the sum's last bits are the nearest whole
 * number. f32x4.nearest and trunc_sat say the same in ten instructions.
 */
const ROUND: f32 = 12_582_912;

/** Lengths outside these lose precision in f32: their rows are marked with a scale that is not a number, and always scored exactly. */
const LEAST: f32 = 1e-30;
const MOST: f32 = 1e37;

/**
 * Codes of the blocks from `first` to before `last`. A row x is written as x = w (c + e): w its largest value / 127, c the
 * codes, e what rounding leaves, at most 1/2 each. Its score against a query q of length 1 then differs from that of w c by
 * w |e| at most (Cauchy-Schwarz). `queryError`: how long the difference of q and its i16 form may be.
 */
export function encode(first: u32, last: u32, queryError: f32): void {
  const rowBytes = dimensions << 2;
  const round = f32x4.splat(ROUND);
  const wholeBytes = (dimensions & ~3) << 2;
  const restMask = tailMask(dimensions & 3);
  const root = <f32>Math.sqrt(<f64>dimensions);
  // Rounding of f32, generously: codes before rounding (127 x 3 x 2^-24 each), sums over d, and the scan's own five steps.
  const codeError = root * <f32>2.5e-5;
  const sumError = <f32>(dimensions + 16) * <f32>1.2e-7;
  for (let block = first; block < last; block++) {
    const row = block << 2;
    const a = values + <usize>row * rowBytes;
    const b = a + rowBytes;
    const c = b + rowBytes;
    const d = c + rowBytes;
    const most = maximumOfEach(mostOfRow(a), mostOfRow(b), mostOfRow(c), mostOfRow(d));
    const isZero = f32x4.eq(most, f32x4.splat(0));
    const isUsable = v128.and(f32x4.gt(most, f32x4.splat(LEAST)), f32x4.lt(most, f32x4.splat(MOST)));
    const inverse = v128.and(f32x4.div(f32x4.splat(127), most), isUsable);
    const inverse0 = f32x4.splat(f32x4.extract_lane(inverse, 0));
    const inverse1 = f32x4.splat(f32x4.extract_lane(inverse, 1));
    const inverse2 = f32x4.splat(f32x4.extract_lane(inverse, 2));
    const inverse3 = f32x4.splat(f32x4.extract_lane(inverse, 3));

    let error0 = f32x4.splat(0);
    let error1 = f32x4.splat(0);
    let error2 = f32x4.splat(0);
    let error3 = f32x4.splat(0);
    let square0 = f32x4.splat(0);
    let square1 = f32x4.splat(0);
    let square2 = f32x4.splat(0);
    let square3 = f32x4.splat(0);
    let to = codes + <usize>row * padded;
    for (let at: usize = 0; at < rowBytes; at += 16) {
      let x0 = v128.load(a + at);
      let x1 = v128.load(b + at);
      let x2 = v128.load(c + at);
      let x3 = v128.load(d + at);
      if (at == wholeBytes) {
        x0 = v128.and(x0, restMask);
        x1 = v128.and(x1, restMask);
        x2 = v128.and(x2, restMask);
        x3 = v128.and(x3, restMask);
      }
      x0 = f32x4.mul(x0, inverse0);
      x1 = f32x4.mul(x1, inverse1);
      x2 = f32x4.mul(x2, inverse2);
      x3 = f32x4.mul(x3, inverse3);
      const y0 = f32x4.add(x0, round);
      const c0 = f32x4.sub(y0, round);
      const y1 = f32x4.add(x1, round);
      const c1 = f32x4.sub(y1, round);
      const y2 = f32x4.add(x2, round);
      const c2 = f32x4.sub(y2, round);
      const y3 = f32x4.add(x3, round);
      const c3 = f32x4.sub(y3, round);
      v128.store(
        to,
        i8x16.narrow_i16x8_s(
          i16x8.narrow_i32x4_s(i32x4.sub(y0, round), i32x4.sub(y1, round)),
          i16x8.narrow_i32x4_s(i32x4.sub(y2, round), i32x4.sub(y3, round)),
        ),
      );
      to += 16;
      square0 = f32x4.add(square0, f32x4.mul(x0, x0));
      square1 = f32x4.add(square1, f32x4.mul(x1, x1));
      square2 = f32x4.add(square2, f32x4.mul(x2, x2));
      square3 = f32x4.add(square3, f32x4.mul(x3, x3));
      const e0 = f32x4.sub(x0, c0);
      const e1 = f32x4.sub(x1, c1);
      const e2 = f32x4.sub(x2, c2);
      const e3 = f32x4.sub(x3, c3);
      error0 = f32x4.add(error0, f32x4.mul(e0, e0));
      error1 = f32x4.add(error1, f32x4.mul(e1, e1));
      error2 = f32x4.add(error2, f32x4.mul(e2, e2));
      error3 = f32x4.add(error3, f32x4.mul(e3, e3));
    }
    const left = f32x4.sqrt(sumOfEach(error0, error1, error2, error3));
    const length = f32x4.sqrt(sumOfEach(square0, square1, square2, square3));

    // Relative to the row's length: what rounding to codes leaves, then what the query's rounding and f32 add to it.
    const coded = f32x4.div(f32x4.add(left, f32x4.splat(codeError)), length);
    const relative = f32x4.add(
      f32x4.mul(coded, f32x4.splat(<f32>1.0001 + queryError)),
      f32x4.splat(queryError * <f32>1.01 + sumError * 3),
    );
    const cosineScale = f32x4.div(f32x4.splat(1), length);
    const dotScale = f32x4.mul(most, f32x4.splat(<f32>(1.0 / 127.0)));
    const dotError = f32x4.mul(f32x4.mul(relative, length), f32x4.mul(dotScale, f32x4.splat(<f32>1.0001)));
    // A row of zeros scores 0, exactly; any other that f32 cannot judge has no scale.
    const none = f32x4.splat(NaN);
    const zero = f32x4.splat(0);
    const unusable = v128.bitselect(zero, none, isZero);
    const past = <usize>row << 2;
    v128.store(cosineScales + past, v128.bitselect(cosineScale, unusable, isUsable));
    v128.store(dotScales + past, v128.bitselect(dotScale, unusable, isUsable));
    store<f32>(cosineErrors + row, most4(v128.and(relative, isUsable)));
    store<f32>(dotErrors + row, most4(v128.and(dotError, isUsable)));
  }
}

/** Largest absolute values of a row, in four lanes; compared as whole numbers, of which what is not a number is the largest. */
// @ts-ignore: decorator
@inline
function mostOfRow(row: usize): v128 {
  const end = row + ((dimensions & ~3) << 2);
  const absolute = i32x4.splat(0x7fffffff);
  let most = i32x4.splat(0);
  for (; row < end; row += 16) most = i32x4.max_s(most, v128.and(v128.load(row), absolute));
  if (dimensions & 3) {
    const rest = v128.and(v128.load(row), tailMask(dimensions & 3));
    most = i32x4.max_s(most, v128.and(rest, absolute));
  }
  return most;
}

// @ts-ignore: decorator
@inline
function most4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}

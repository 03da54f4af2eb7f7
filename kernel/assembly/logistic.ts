// Four logits at a time. src/vectors/sigmoid.ts is the truth; this agrees with it to 1e-6.

/** Beyond this a logit counts as certain, as in src/vectors/sigmoid.ts. */
const LIMIT: f32 = 8;

/**
 * 1 + e^-x, of which both the gradient (1 - 1 / y) and the loss (log y) of an example follow. Relative error 1e-7: 2^f
 * on [0, 1] by a polynomial fitted for the least largest relative error (Remez), the whole part by the exponent's bits.
 */
// @ts-ignore: decorator
@inline
export function onePlusExpOfMinus(x: v128): v128 {
  // e^80 stays below the largest float; the gradient is 0 or 1 long before.
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(80)), f32x4.splat(-80));
  const power = f32x4.mul(bounded, f32x4.splat(-1.4426950408889634));
  const whole = f32x4.floor(power);
  const part = f32x4.sub(power, whole);
  let fraction = f32x4.add(f32x4.mul(part, f32x4.splat(0.0018775766751932426)), f32x4.splat(0.008989340090486452));
  fraction = f32x4.add(f32x4.mul(fraction, part), f32x4.splat(0.0558263180533071));
  fraction = f32x4.add(f32x4.mul(fraction, part), f32x4.splat(0.24015361704436922));
  fraction = f32x4.add(f32x4.mul(fraction, part), f32x4.splat(0.6931530732001702));
  fraction = f32x4.add(f32x4.mul(fraction, part), f32x4.splat(0.9999999250635262));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.add(f32x4.splat(1), f32x4.mul(fraction, exponent));
}

/** 1 - sigmoid(x), given y = 1 + e^-x: how far an example with signed logit x is from certain. */
// @ts-ignore: decorator
@inline
export function uncertainty(x: v128, y: v128): v128 {
  const smooth = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(1), y));
  const unsure = v128.andnot(smooth, f32x4.ge(x, f32x4.splat(LIMIT)));
  return v128.bitselect(f32x4.splat(1), unsure, f32x4.le(x, f32x4.splat(-LIMIT)));
}

/** log y for y in [1, 2^127], absolute error 2e-6: exponent's bits, and a polynomial fitted as above for log2 on [1, 2]. */
// @ts-ignore: decorator
@inline
export function naturalLog(y: v128): v128 {
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(y, 23), i32x4.splat(127)));
  const mantissa = f32x4.sub(
    v128.or(v128.and(y, i32x4.splat(0x7fffff)), i32x4.splat(0x3f800000)),
    f32x4.splat(1),
  );
  let log = f32x4.add(f32x4.mul(mantissa, f32x4.splat(-0.02569108881696994)), f32x4.splat(0.12100223745669253));
  log = f32x4.add(f32x4.mul(log, mantissa), f32x4.splat(-0.2765407398652161));
  log = f32x4.add(f32x4.mul(log, mantissa), f32x4.splat(0.4565216601203592));
  log = f32x4.add(f32x4.mul(log, mantissa), f32x4.splat(-0.7177910762077969));
  log = f32x4.add(f32x4.mul(log, mantissa), f32x4.splat(1.4424953159395582));
  log = f32x4.add(f32x4.mul(log, mantissa), f32x4.splat(0.0000018456866865532834));
  return f32x4.mul(f32x4.add(exponent, log), f32x4.splat(0.6931471805599453));
}

// Four vectors of partial results, one per row, to one vector of four results.

/** Ones in the first `rest` lanes, zeros behind: what follows a row that does not fill its last vector is another row. */
export function tailMask(rest: u32): v128 {
  if (rest == 1) return i32x4(-1, 0, 0, 0);
  if (rest == 2) return i32x4(-1, -1, 0, 0);
  if (rest == 3) return i32x4(-1, -1, -1, 0);
  return i32x4(0, 0, 0, 0);
}

// @ts-ignore: decorator
@inline
export function sumOfEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
export function maximumOfEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.max_s(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.max_s(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.max_s(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** Rows a and b in the lanes of `low`, c and d in those of `high`, two lanes each. */
// @ts-ignore: decorator
@inline
export function sumOfPairs(low: v128, high: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

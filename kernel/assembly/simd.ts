/** Dot product of two f32 rows of `stride` values each; `stride` is a multiple of 4. */
export function dot(a: usize, b: usize, stride: i32): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  const end = a + (<usize>stride << 2);
  const paired = a + (<usize>(stride & ~7) << 2);
  while (a < paired) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a), v128.load(b)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  if (a < end) sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a), v128.load(b)));
  sum0 = f32x4.add(sum0, sum1);
  return (
    f32x4.extract_lane(sum0, 0) + f32x4.extract_lane(sum0, 1) + (f32x4.extract_lane(sum0, 2) + f32x4.extract_lane(sum0, 3))
  );
}

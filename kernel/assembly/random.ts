// sfc32 as in src/vectors/random-bits.ts, bit for bit; one state per instance, which is one per thread.

let a: i32 = 0;
let b: i32 = 0;
let c: i32 = 0;
let counter: i32 = 1;

/** As `randomState(seed, stream)`: `low` and `high` are the halves of the seed. */
export function seedRandom(low: i32, high: i32, stream: i32): void {
  a = stream;
  b = low;
  c = high;
  counter = 1;
  for (let round = 0; round < 12; round++) nextBits();
}

// @ts-ignore: decorator
@inline
export function nextBits(): u32 {
  const t = a + b + counter;
  counter++;
  a = b ^ (<i32>(<u32>b >>> 9));
  b = c + (c << 3);
  c = rotl<i32>(c, 21) + t;
  return <u32>t;
}

/** A uniform integer in [0, bound). */
// @ts-ignore: decorator
@inline
export function nextBelow(bound: u32): u32 {
  return <u32>((<u64>nextBits() * <u64>bound) >>> 32);
}

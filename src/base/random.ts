/** A source of uniform numbers in [0, 1), passed in wherever chance plays a part. */
export type Random = () => number;

/**
 * A repeatable generator: sfc32 (Chris Doty-Humphrey, PractRand), period about 2^128, seeded from one integer and
 * run 12 rounds so that neighbouring seeds do not resemble each other.
 */
export function seededRandom(seed: number): Random {
  let a = 0;
  let b = seed | 0;
  let c = Math.floor(seed / 0x1_0000_0000) | 0;
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

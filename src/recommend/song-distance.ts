import { lengthOf, type Rows } from '../vectors/nearest.ts';

/** What sounds of a song besides its vector, as far as known. */
export interface Sound {
  /** Beats per minute, above 0. */
  readonly tempo?: number | null | undefined;
  /** Pitch class, 0 = C to 11 = B. */
  readonly key?: number | null | undefined;
  /** 1 major, 0 minor. */
  readonly mode?: number | null | undefined;
}

/** A song with what its place in an order depends on. */
export interface FlowingSong {
  /** Row of the vectors; a row beyond them has none. */
  readonly row: number;
  readonly sound?: Sound | undefined;
}

// A difference in tempo or key is heard, but taste is in the vectors: random pairs are about 1 apart in them.
const TEMPO_WEIGHT = 0.5;
const KEY_WEIGHT = 0.25;

// The mean of both terms over random pairs: a song of which nothing is known is neither near nor far.
const UNKNOWN = 0.5;

/**
 * How ill b follows a: (1 - cosine of the song vectors) + tempoDistance / 2 + keyDistance / 4, in 0..2.75, the same both
 * ways round. Where tempo or key is not known of both, its distance counts as .5, the mean over random pairs.
 */
export function songDistance(vectors: Rows): (a: FlowingSong, b: FlowingSong) => number {
  const cosine = cosineOf(vectors);
  return (a, b) => {
    const tempo = tempoDistance(a.sound?.tempo, b.sound?.tempo) ?? UNKNOWN;
    const key = keyDistance(a.sound, b.sound) ?? UNKNOWN;
    return 1 - cosine(a.row, b.row) + TEMPO_WEIGHT * tempo + KEY_WEIGHT * key;
  };
}

/** Cosine of two rows, -1 to 1; 0 where one has no vector. */
export function cosineOf({ values, dimensions }: Rows): (a: number, b: number) => number {
  const size = values.length / dimensions;
  const unit = new Map<number, Float64Array | undefined>();
  const unitOf = (row: number): Float64Array | undefined => {
    if (unit.has(row)) return unit.get(row);
    const length = row < size ? lengthOf(values, row * dimensions, dimensions) : 0;
    const vector = Float64Array.from(values.subarray(row * dimensions, (row + 1) * dimensions), (x) => x / length);
    unit.set(row, length > 0 ? vector : undefined);
    return unit.get(row);
  };
  return (a, b) => {
    const left = unitOf(a);
    const right = unitOf(b);
    if (left === undefined || right === undefined) return 0;
    let dot = 0;
    for (let i = 0; i < left.length; i++) dot += left[i]! * right[i]!;
    return Math.max(-1, Math.min(1, dot));
  };
}

/** 0 for equal tempos to 1 for half an octave apart; 70 and 140 beats a minute are equal, as they are to a dancer. */
export function tempoDistance(a: number | null | undefined, b: number | null | undefined): number | undefined {
  if (!a || !b || a < 0 || b < 0) return undefined;
  const octaves = Math.log2(a / b);
  return 2 * Math.abs(octaves - Math.round(octaves));
}

/**
 * Steps on the circle of fifths, 0 to 6, and one more between major and minor, by 7: a key, its relative minor and its
 * fifths are within 1 / 7 of each other, which is what the Camelot wheel of DJs calls compatible.
 */
export function keyDistance(a: Sound | undefined, b: Sound | undefined): number | undefined {
  const from = placeOnCircle(a);
  const to = placeOnCircle(b);
  if (from === undefined || to === undefined) return undefined;
  const steps = Math.abs(from - to);
  return (Math.min(steps, 12 - steps) + (a!.mode === b!.mode ? 0 : 1)) / 7;
}

/** Fifths above C of the key, or of a minor key's relative major (three semitones up). */
function placeOnCircle(sound: Sound | undefined): number | undefined {
  const { key, mode } = sound ?? {};
  if (key === undefined || key === null || key < 0 || key > 11 || (mode !== 0 && mode !== 1)) return undefined;
  return ((mode === 1 ? key : key + 3) * 7) % 12;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { layOutMemory } from '../../src/vectors/kernel-memory.ts';
import { startKernel } from '../../src/vectors/kernel-module.ts';
import type { TrainKernel } from '../../src/vectors/kernel-trainer.ts';
import { buildNegativeSampler, drawNegative } from '../../src/vectors/negative-sampler.ts';
import { noiseRows } from '../../src/vectors/noise-rows.ts';
import { nextBelow, PURPOSES, type RandomState, randomState, seedWords } from '../../src/vectors/random-bits.ts';
import { trainReference } from '../../src/vectors/reference-trainer.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import {
  beginPlaylist,
  cbowStep,
  endPlaylist,
  playlistStep,
  skipGramStep,
  windowStep,
} from '../../src/vectors/steps.ts';
import { train } from '../../src/vectors/train.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { twoGenres } from './two-genres.ts';

// f32 sums in another order: a dot product of 512 values of size 1 is off by 1e-5, and a step moves a row by that times the rate.
const TOLERANCE = 2e-5;

const NOISE_ROWS = 30;

/** One sentence in the kernel, on matrices of the test's making. */
interface KernelCase {
  readonly d: number;
  readonly sentence: readonly number[];
  readonly negatives: number;
  readonly sharing: number;
  readonly window: number;
  readonly exponent: number;
  readonly scale: number;
  readonly noiseLimit: number;
  readonly seed: number;
}

const kernelCase = fc.record({
  d: fc.oneof(fc.constantFrom(16, 64, 100, 128, 512), fc.integer({ min: 1, max: 40 })),
  sentence: fc.uniqueArray(fc.nat(NOISE_ROWS - 1), { minLength: 2, maxLength: 14 }),
  negatives: fc.integer({ min: 1, max: 9 }),
  sharing: fc.integer({ min: 1, max: 5 }),
  window: fc.integer({ min: 1, max: 8 }),
  exponent: fc.constantFrom(0, 0.75, -0.5),
  // Largest value at 16 dimensions; at 2 some logits lie beyond ±8, where both stop, whatever the dimensions.
  scale: fc.constantFrom(0.01, 0.3, 2),
  noiseLimit: fc.constantFrom(Number.POSITIVE_INFINITY, 5, 0.5),
  seed: fc.nat(2 ** 40),
});

interface Matrices {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

function matrices({ d, scale, seed }: KernelCase): Matrices {
  const random = seededRandom(seed % 1e9);
  const largest = (scale * 4) / Math.sqrt(Math.max(16, d));
  const fill = () => Float32Array.from({ length: NOISE_ROWS * d }, () => (random() * 2 - 1) * largest);
  return { input: fill(), output: fill() };
}

const counts = Uint32Array.from({ length: NOISE_ROWS }, (_, row) => 100 - 3 * row);
const RATE = 0.05;

type Method = 'trainPairs' | 'trainBags' | 'trainPlaylist' | 'trainCentres';

/** Runs the kernel over the case's sentence and gives back what became of the matrices, and the loss. `gap`: unused bytes before them. */
function inKernel(given: KernelCase, method: Method, gap = 0) {
  const { d, sentence, negatives, sharing, window } = given;
  const stride = Math.ceil(d / 4) * 4;
  const { table } = buildNegativeSampler(counts, given.exponent);
  const { memory, at } = layOutMemory({
    gap,
    input: NOISE_ROWS * stride * 4,
    output: NOISE_ROWS * stride * 4,
    sampler: table?.byteLength ?? 0,
    scratch: 4 * stride * 4,
    targets: 256 * 12,
    drawn: 1024 * 4,
    sentence: sentence.length * 4,
  });
  const view = (name: 'input' | 'output', row: number) =>
    new Float32Array(memory.buffer, at[name] + row * stride * 4, d);
  const before = matrices(given);
  for (const name of ['input', 'output'] as const) {
    for (let row = 0; row < NOISE_ROWS; row++) view(name, row).set(before[name].subarray(row * d, (row + 1) * d));
  }
  if (table) new Uint32Array(memory.buffer, at.sampler, table.length).set(table);
  new Int32Array(memory.buffer, at.sentence, sentence.length).set(sentence);
  const kernel = startKernel<TrainKernel>('train', memory);
  const sampler = table ? at.sampler : 0;
  kernel.configure(
    at.input,
    at.output,
    stride * 4,
    NOISE_ROWS,
    sampler,
    negatives,
    sharing,
    window,
    at.scratch,
    at.targets,
    256,
    at.drawn,
    256,
    method === 'trainBags' || method === 'trainPlaylist' ? given.noiseLimit : Number.POSITIVE_INFINITY,
  );
  kernel.seedRandom(...seedWords(given.seed, PURPOSES.negatives), 7);
  // Where noise rows stand for many negatives, `sharing` says for how many.
  kernel[method](at.sentence, sentence.length, RATE, sharing);
  const all = (name: 'input' | 'output') =>
    Float32Array.from({ length: NOISE_ROWS * d }, (_, i) => view(name, Math.floor(i / d))[i % d]!);
  return { input: all('input'), output: all('output'), loss: kernel.takeWeightedLoss() / Math.fround(RATE) };
}

/** The same by the single steps of src/vectors/steps.ts. */
function bySteps(given: KernelCase, each: (world: StepWorld) => number) {
  const { d, negatives } = given;
  const { input, output } = matrices(given);
  const sampler = buildNegativeSampler(counts, given.exponent);
  const world: StepWorld = {
    ...given,
    input,
    output,
    rows: Int32Array.from(given.sentence),
    targets: new Int32Array(negatives + 1),
    hidden: new Float32Array(d),
    error: new Float32Array(d),
    random: randomState(given.seed, 7, PURPOSES.negatives),
    draw() {
      for (let t = 1; t <= negatives; t++) world.targets[t] = world.drawOne();
    },
    drawOne: () => drawNegative(sampler, world.random),
  };
  return { input, output, loss: each(world) };
}

interface StepWorld extends KernelCase, Matrices {
  readonly rows: Int32Array;
  readonly targets: Int32Array;
  readonly hidden: Float32Array;
  readonly error: Float32Array;
  readonly random: RandomState;
  draw(): void;
  drawOne(): number;
}

function expectEqual(kernel: ReturnType<typeof bySteps>, steps: ReturnType<typeof bySteps>, scale: number): void {
  for (const name of ['input', 'output'] as const) {
    let worst = 0;
    for (let i = 0; i < steps[name].length; i++) worst = Math.max(worst, Math.abs(kernel[name][i]! - steps[name][i]!));
    expect(worst, `largest difference in ${name}`).toBeLessThan(TOLERANCE * Math.max(1, 10 * scale));
  }
  // Logits of hundreds of products of size 1 are off by 1e-4 themselves.
  expect(Math.abs(kernel.loss - steps.loss)).toBeLessThan(1e-4 * Math.max(1, steps.loss, 10 * scale));
}

describe('the kernel against the single steps', () => {
  test('skip-gram, pair by pair', () => {
    fc.assert(
      fc.property(kernelCase, (given) => {
        const steps = bySteps(given, ({ rows, input, output, targets, hidden, error, window, random, draw }) => {
          let loss = 0;
          for (let centre = 0; centre < rows.length; centre++) {
            const reach = 1 + nextBelow(random, window);
            targets[0] = rows[centre]!;
            for (let at = Math.max(0, centre - reach); at < Math.min(rows.length, centre + reach + 1); at++) {
              if (at === centre) continue;
              draw();
              loss += skipGramStep(input, output, rows[at]!, targets, targets.length, RATE, hidden, error);
            }
          }
          return loss;
        });
        expectEqual(inKernel(given, 'trainPairs'), steps, given.scale);
      }),
    );
  });

  test('skip-gram, centre by centre', () => {
    fc.assert(
      fc.property(kernelCase, (given) => {
        const steps = bySteps(given, ({ rows, input, output, hidden, error, random, drawOne, ...rest }) => {
          let loss = 0;
          for (let centre = 0; centre < rows.length; centre++) {
            const reach = 1 + nextBelow(random, rest.window);
            const [from, to] = [Math.max(0, centre - reach), Math.min(rows.length, centre + reach + 1)];
            const settings = readSettings({ negatives: rest.negatives, negativesPerNoise: rest.sharing });
            const noise = Int32Array.from({ length: noiseRows(settings, to - from - 1) }, drawOne);
            loss += windowStep(input, output, rows, from, to, centre, noise, rest.negatives, RATE, hidden, error);
          }
          return loss;
        });
        expectEqual(inKernel(given, 'trainCentres'), steps, given.scale);
      }),
    );
  });

  test('CBOW with a window', () => {
    fc.assert(
      fc.property(kernelCase, (given) => {
        const steps = bySteps(given, ({ rows, input, output, targets, hidden, error, random, draw, ...rest }) => {
          let loss = 0;
          for (let centre = 0; centre < rows.length; centre++) {
            if (centre % rest.sharing === 0) draw();
            const reach = 1 + nextBelow(random, rest.window);
            const [from, to] = [Math.max(0, centre - reach), Math.min(rows.length, centre + reach + 1)];
            targets[0] = rows[centre]!;
            loss += cbowStep(
              input,
              output,
              rows,
              from,
              to,
              centre,
              targets,
              targets.length,
              RATE,
              hidden,
              error,
              rest.noiseLimit,
            );
          }
          return loss;
        });
        expectEqual(inKernel(given, 'trainBags'), steps, given.scale);
      }),
    );
  });

  test('CBOW over the whole playlist', () => {
    fc.assert(
      fc.property(kernelCase, (given) => {
        const steps = bySteps(given, ({ rows, input, output, targets, hidden, error, draw, ...rest }) => {
          const sums = { sum: new Float32Array(rest.d), owed: new Float32Array(rest.d) };
          beginPlaylist(input, rows, rows.length, sums);
          let loss = 0;
          for (let centre = 0; centre < rows.length; centre++) {
            if (centre % rest.sharing === 0) draw();
            targets[0] = rows[centre]!;
            const { length } = rows;
            loss += playlistStep(
              input,
              output,
              length,
              targets,
              targets.length,
              RATE,
              sums,
              hidden,
              error,
              rest.noiseLimit,
            );
          }
          endPlaylist(input, rows, rows.length, sums);
          return loss;
        });
        expectEqual(inKernel(given, 'trainPlaylist'), steps, given.scale);
      }),
    );
  });
});

// Pages never written to cost nothing; only the addresses are large.
test.each<Method>(['trainPairs', 'trainCentres', 'trainBags', 'trainPlaylist'])(
  'above 2 GiB, where addresses no longer fit a signed number, it makes the same: %s',
  (method) => {
    const given = {
      sentence: [3, 1, 4, 15, 9, 2, 6],
      d: 20,
      negatives: 3,
      sharing: 2,
      window: 3,
      scale: 0.3,
      noiseLimit: 0,
      seed: 1,
    };
    for (const exponent of [0, 0.75]) {
      const below = inKernel({ ...given, exponent }, method);
      const above = inKernel({ ...given, exponent }, method, 2 ** 31 + 12_345);
      expect(above).toEqual(below);
      expect(above.input).not.toEqual(matrices({ ...given, exponent }).input);
    }
  },
);

test('what does not fit 4 GiB is refused in three lines, before anything is done', () => {
  expect(() => layOutMemory({ input: 3 * 2 ** 30, output: 3 * 2 ** 30 })).toThrow(
    expect.objectContaining({ code: 'too-much-for-the-kernel', hint: expect.stringContaining('--dimensions') }),
  );
});

const variants = [
  { window: 'playlist' },
  { window: 'playlist', negativeSharing: 4, negativeExponent: 0.75, subsampling: 0.01 },
  { window: 5, negativeSharing: 3 },
  { algorithm: 'skip-gram', window: 5, skipGram: 'pairs', learningRate: 0.05, minCount: 8 },
  {
    algorithm: 'skip-gram',
    window: 5,
    skipGram: 'centres',
    learningRate: 0.05,
    negativesPerNoise: 2,
    subsampling: 0.01,
  },
  { algorithm: 'skip-gram', window: 'playlist', skipGram: 'pairs', learningRate: 0.02, negativeExponent: -0.5 },
];

test.each(variants)('the kernel makes the reference’s model and loss curve: %j', async (variant) => {
  const settings = readSettings({ dimensions: 50, epochs: 5, subsampling: 0, ...variant });
  const corpus = twoGenres(300);
  const reference = trainReference(corpus, buildVocabulary(corpus, settings.minCount), settings);
  const { model, losses, tokens } = await train(corpus, settings);
  expect(tokens).toBe(reference.tokens);
  for (const [epoch, loss] of losses.entries()) expect(loss).toBeCloseTo(reference.losses[epoch]!, 3);
  for (const name of ['input', 'output'] as const) {
    let worst = 0;
    for (const [i, value] of model[name].entries())
      worst = Math.max(worst, Math.abs(value - reference.model[name][i]!));
    // Rounding is carried on over 12,000 predictions.
    expect(worst, `largest difference in ${name}`).toBeLessThan(1e-3);
  }
});

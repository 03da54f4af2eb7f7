import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';

const MOST_EPOCHS = 60;
/** Tokens worth reading over all epochs: more learn no more (decision 5). */
const TOKENS_WORTH = 150_000_000;
const SUBSAMPLING = 0.00003;

/** From so many tokens on, other settings are better by a third: decision 5. */
const LARGE = 3_000_000;
const LARGE_TOKENS_WORTH = 30_000_000;
const LARGE_FEWEST_EPOCHS = 2;
const LARGE_DEFAULTS = { dimensions: 100, negativeExponent: 0.5, subsampling: 0 } as const;

/**
 * Settings of training, in word2vec's and gensim's words. The defaults are for songs in playlists, not for words in
 * sentences; docs/decisions/0005-song-vector-defaults.md has the measurements.
 */
const schema = z.strictObject({
  /** `cbow`: a track from the mean of its context; `skip-gram`: a track from each one of its context. */
  algorithm: z.enum(['skip-gram', 'cbow']).default('cbow'),
  /**
   * How skip-gram goes over a window. `pairs`: as word2vec, one context track predicts the centre, and draws its own
   * negatives. `centres`: the centre predicts its whole context at once against one draw of noise.
   */
  skipGram: z.enum(['pairs', 'centres']).default('centres'),
  dimensions: z.int().min(1).max(1024).default(64),
  /** Tracks to either side, shrunk at random per track as word2vec does; `playlist`: all others, never shrunk. */
  window: z.union([z.int().min(1).max(10_000), z.literal('playlist')]).default('playlist'),
  /** Tracks that occur less often are left out. */
  minCount: z.int().min(1).default(1),
  /** Frequency above which occurrences are dropped at random (gensim's `sample`); 0: none. */
  subsampling: z.number().min(0).max(1).default(SUBSAMPLING),
  negatives: z.int().min(1).max(100).default(5),
  /** With `skipGram: centres`: how many negatives one row of noise stands for. */
  negativesPerNoise: z.number().min(0.1).max(100).default(3),
  /** CBOW: predictions in a row that share one draw of negatives; 1, as in word2vec: each draws its own. */
  negativeSharing: z.int().min(1).max(1000).default(1),
  /** Negatives are drawn in proportion to count^exponent. */
  negativeExponent: z.number().min(-2).max(2).default(0),
  /**
   * CBOW: a negative whose logit has reached this is left alone (its gradient fades over the unit below). It is a track that
   * fits, drawn by chance, and to push it away costs more than it teaches; 1000 pushes all, as word2vec does.
   */
  negativeLimit: z.number().min(0).max(1000).default(5),
  epochs: z.int().min(1).max(1000).default(MOST_EPOCHS),
  /** Falls linearly to `minLearningRate` over all epochs. */
  learningRate: z.number().positive().max(1).default(0.1),
  minLearningRate: z.number().min(0).max(1).default(0.0001),
  seed: z.int().min(0).default(1),
});

export type TrainingSettings = z.output<typeof schema>;

/** What defaults depend on. */
export interface CorpusSize {
  readonly tokens: number;
  /** Different ones. */
  readonly tracks: number;
}

/**
 * Fills in defaults, for a corpus of that size: the larger, the fewer epochs (60 up to 2.5 million tokens, 2 for the 66 million of
 * the Million Playlist Dataset), from 3 million tokens on with 100 dimensions, exponent .5 and no subsampling; of fewer than 33,000 tracks
 * those above the mean frequency are subsampled. Throws ExpectedError `bad-settings`, naming each setting that is wrong.
 */
export function readSettings(overrides: unknown = {}, corpus: CorpusSize = { tokens: 0, tracks: 0 }): TrainingSettings {
  const isObject = typeof overrides === 'object' && overrides !== null;
  const parsed = schema.safeParse(isObject ? { ...defaultsFor(corpus), ...overrides } : overrides);
  if (parsed.success) return parsed.data;
  throw new ExpectedError('bad-settings', 'These training settings cannot be used.', {
    why: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`).join('; '),
    hint: `Settings and their defaults: ${JSON.stringify(schema.parse({}))}`,
  });
}

function defaultsFor({ tokens, tracks }: CorpusSize): Partial<TrainingSettings> {
  if (tokens >= LARGE) {
    return { ...LARGE_DEFAULTS, epochs: Math.max(LARGE_FEWEST_EPOCHS, Math.round(LARGE_TOKENS_WORTH / tokens)) };
  }
  return {
    epochs: tokens === 0 ? MOST_EPOCHS : Math.min(MOST_EPOCHS, Math.round(TOKENS_WORTH / tokens)),
    subsampling: Math.max(SUBSAMPLING, tracks === 0 ? 0 : 1 / tracks),
  };
}

import { ExpectedError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';
import { groupPlaylists, type Holdout, shuffled, splitPlaylists } from './holdout.ts';

/**
 * One way to hold playlists out. `search`: settings are looked for here; `confirm`: other folds, other halves, other random
 * numbers, so that luck in the search is not confirmed; `test`: playlists that neither of them ever sees.
 */
export interface SplitName {
  readonly stage: 'search' | 'confirm' | 'test';
  readonly fold: number;
  /** Trainings with other random numbers on the same fold. */
  readonly run: number;
}

export interface TuningSplits {
  /** Folds of each stage, and trainings on each fold. */
  readonly folds: { readonly [stage in SplitName['stage']]: number };
  readonly runs: { readonly [stage in SplitName['stage']]: number };
  /** Playlists put aside for the test. */
  readonly testPlaylists: number;
  /** Tokens to learn from in one split, at most, and of the whole corpus. */
  readonly sampleTokens: number;
  readonly corpusTokens: number;
  /** Added to the seed of each training on a split, so that settings share their luck there and folds do not. */
  seedOf(split: SplitName): number;
  /** Made anew at each call; the same name gives the same split. */
  make(split: SplitName): Holdout;
}

/** The test split is the same whatever tuning's own seed: a second tune must not learn from it either. */
const TEST = { share: 0.2, most: 1000, seed: 2018 };

/** Folds share no held-out playlist, so that the cases of a stage are independent; with four, three quarters are learned from. */
const FOLDS = 4;

/**
 * Luck of a training moves the mean of a fold of the bundled playlists by .006 either way, as much as many a setting; the
 * final figures therefore are means over several.
 */
const RUNS = { search: 1, confirm: 2, test: 4 };

/** Cases of one fold, of a large corpus. */
const MOST_CASES = 250;

/** Fewer playlists per fold tell nothing. */
const LEAST_CASES = 5;

/**
 * Plans the splits of a corpus. `groups`: one number a sentence, shared by snapshots of one playlist. Of a corpus with
 * more than `sampleTokens` each split learns from a random sample of whole groups: settings found on a tenth transfer.
 * Throws ExpectedError `corpus-too-small`.
 */
export function planSplits(
  corpus: TokenSequences,
  groups: ArrayLike<number>,
  options: { readonly seed: number; readonly sampleTokens: number },
): TuningSplits {
  const grouped = groupPlaylists(corpus, groups);
  const aside = Math.min(TEST.most, Math.round(TEST.share * grouped.judgeable.length));
  const test = shuffled(grouped.judgeable, seededRandom(TEST.seed)).slice(0, aside);
  const isTest = new Uint8Array(grouped.size);
  for (const group of test) isTest[group] = 1;
  const isJudgeable = new Uint8Array(grouped.size);
  for (const group of grouped.judgeable) isJudgeable[group] = 1 - isTest[group]!;
  if (Math.min(aside, Math.floor((grouped.judgeable.length - aside) / FOLDS)) < LEAST_CASES) {
    const least = Math.ceil((FOLDS * LEAST_CASES) / (1 - TEST.share)) + 1;
    throw new ExpectedError('corpus-too-small', 'There are too few playlists to tune on.', {
      why: `${grouped.judgeable.length} have ten songs or more; telling settings apart takes at least ${least}.`,
      hint: 'Import more playlists (segue import-playlists, then segue build-corpus); the defaults serve until then.',
    });
  }
  const all = Array.from({ length: grouped.size }, (_, group) => group).filter((group) => isTest[group] === 0);
  const total = grouped.tokens.reduce((sum, tokens) => sum + tokens, 0);
  const seedOf = ({ stage, fold, run }: SplitName) =>
    1 + options.seed * 1000 + { search: 0, confirm: 100, test: 200 }[stage] + fold * 10 + run;

  return {
    folds: { search: FOLDS, confirm: FOLDS, test: 1 },
    runs: RUNS,
    testPlaylists: aside,
    sampleTokens: Math.min(options.sampleTokens, total),
    corpusTokens: total,
    seedOf,
    make(split) {
      const random = seededRandom(seedOf({ ...split, fold: 0, run: 0 }));
      const sample = takeTokens(shuffled(all, random), grouped.tokens, options.sampleTokens);
      const learned = new Uint8Array(grouped.size);
      for (const group of sample) learned[group] = 1;
      if (split.stage === 'test') return splitPlaylists(corpus, grouped, learned, test, random);
      const judged = sample.filter((group) => isJudgeable[group] === 1);
      const size = Math.min(MOST_CASES, Math.floor(judged.length / FOLDS));
      const held = judged.slice(split.fold * size, (split.fold + 1) * size);
      for (const group of held) learned[group] = 0;
      return splitPlaylists(corpus, grouped, learned, held, random);
    },
  };
}

/** The first groups that together hold no more than `most` tokens; at least one. */
function takeTokens(groups: readonly number[], tokens: Float64Array, most: number): readonly number[] {
  let sum = 0;
  const end = groups.findIndex((group) => {
    sum += tokens[group]!;
    return sum > most;
  });
  return end < 0 ? groups : groups.slice(0, Math.max(1, end));
}

import type { RecommenderKind } from './recommender.ts';
import { coOccurrence } from './recommenders/co-occurrence.ts';
import { ease } from './recommenders/ease.ts';
import { factors } from './recommenders/factors.ts';
import { neighbours } from './recommenders/neighbours.ts';
import { popular } from './recommenders/popular.ts';
import { songVectors } from './recommenders/song-vectors.ts';

/** Every way to get candidates; the baseline first. */
export const RECOMMENDERS: readonly RecommenderKind[] = [popular, songVectors, neighbours, coOccurrence, ease, factors];

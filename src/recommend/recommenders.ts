import { blendOf } from './blend.ts';
import type { RecommenderKind } from './recommender.ts';
import { artists } from './recommenders/artists.ts';
import { audioFeatures } from './recommenders/audio-features.ts';
import { coOccurrence } from './recommenders/co-occurrence.ts';
import { ease } from './recommenders/ease.ts';
import { factors } from './recommenders/factors.ts';
import { neighbours } from './recommenders/neighbours.ts';
import { popular } from './recommenders/popular.ts';
import { songVectors } from './recommenders/song-vectors.ts';

const SINGLE: readonly RecommenderKind[] = [
  popular,
  songVectors,
  neighbours,
  coOccurrence,
  ease,
  factors,
  artists,
  audioFeatures,
];

/** Every way to get candidates; the baseline first, all together last. */
export const RECOMMENDERS: readonly RecommenderKind[] = [...SINGLE, blendOf(SINGLE)];

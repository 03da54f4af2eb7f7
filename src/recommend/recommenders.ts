import { blendOf } from './blend.ts';
import type { RecommenderKind } from './recommender.ts';
import { artists } from './recommenders/artists.ts';
import { audioFeatures } from './recommenders/audio-features.ts';
import { coOccurrence } from './recommenders/co-occurrence.ts';
import { ease } from './recommenders/ease.ts';
import { factors } from './recommenders/factors.ts';
import { names } from './recommenders/names.ts';
import { nearest } from './recommenders/nearest.ts';
import { neighbours } from './recommenders/neighbours.ts';
import { popular } from './recommenders/popular.ts';
import { recentlyLoved } from './recommenders/recently-loved.ts';
import { songVectors } from './recommenders/song-vectors.ts';

/** What everything else must be above: the many, and one's own habits. Shown beside whatever is measured. */
export const BASELINES: readonly RecommenderKind[] = [popular, recentlyLoved];

/** Those that the blend is made of. */
export const MEMBERS: readonly RecommenderKind[] = [
  ...BASELINES,
  songVectors,
  neighbours,
  coOccurrence,
  ease,
  factors,
  artists,
  names,
  audioFeatures,
];

/** Every way to get candidates; the baselines first, all together last. `nearest` says nothing that `song-vectors` does not. */
export const RECOMMENDERS: readonly RecommenderKind[] = [...MEMBERS, nearest, blendOf(MEMBERS)];

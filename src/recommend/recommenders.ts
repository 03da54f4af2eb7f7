import { blendOf } from './blend.ts';
import type { RecommenderKind } from './recommender.ts';
import { artists } from './recommenders/artists.ts';
import { audioFeatures } from './recommenders/audio-features.ts';
import { coOccurrence } from './recommenders/co-occurrence.ts';
import { ease } from './recommenders/ease.ts';
import { factors } from './recommenders/factors.ts';
import { names } from './recommenders/names.ts';
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
];

/**
 * Every way to get candidates; the baselines first, all together last. Audio features are no member of the blend: as one they
 * cost up to .04 NDCG (docs/decisions/0020-audio-features-as-points.md).
 */
export const RECOMMENDERS: readonly RecommenderKind[] = [...MEMBERS, audioFeatures, blendOf(MEMBERS)];

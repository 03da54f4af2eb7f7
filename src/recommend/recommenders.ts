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

const SINGLE: readonly RecommenderKind[] = [popular, songVectors, neighbours, coOccurrence, ease, factors, artists];

/**
 * Every way to get candidates; the baseline first, all together last. Audio features are no member of the blend:
 * as one they cost up to .04 NDCG (docs/decisions/0018-audio-features-as-points.md).
 */
export const RECOMMENDERS: readonly RecommenderKind[] = [...SINGLE, audioFeatures, blendOf(SINGLE)];

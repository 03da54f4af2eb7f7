import { setImmediate as breathe } from 'node:timers/promises';
import { dotOf, lengthOf, meanVector } from '../../vectors/nearest.ts';
import { indexVectors, type SearchIndexOptions } from '../../vectors/search-index.ts';
import { type FeatureMatrix, placesByRow } from '../audio-features.ts';
import { type NearestSeed, nearestSeedFinder } from '../nearest-seed.ts';
import {
  excludedBy,
  NO_KNOWLEDGE,
  NOTHING,
  type Ranking,
  type Recommender,
  type RecommenderKind,
} from '../recommender.ts';
import { bestOf } from '../score-board.ts';

/** Exponent of a cosine as a seed's say: 1 is the mean of all seeds, more lets those speak that are near. */
const SHARPNESS = 2;

/**
 * Rows looked at: the nearest of each seed and of their mean, so many in all, 500 of each at least. Of 28,352 songs and 1 to 100 random
 * seeds they hold 99 % of the best 200 by all rows. It goes by the seeds alone: who asks for more candidates gets the same ones first.
 */
const POOL = 20_000;
const LEAST_NEAREST = 500;

/** 4 ms of work with a hundred seeds on a busy machine. */
const PLACES_AT_ONCE = 512;

export const audioFeatures: RecommenderKind = {
  name: 'audio-features',
  summary: 'Songs that sound like yours by their audio features: reaches songs of no playlist.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ features }, _, { threads }) =>
    features === undefined ? silent : openAudioFeatures(features, { threads }),
};

/** Where nobody knows how songs sound. */
const silent: Recommender = { candidates: async () => NOTHING, close: async () => {} };

/**
 * Songs near to the seeds by the cosine of their standardised features: score(t) = sum over seeds of q(s) max(0, cos(s, t))^2,
 * by the sum of q. With one taste that is all but the mean of the seeds; a listener of jazz and techno has no mean, and gets what
 * is near to one or the other. The nearest rows come from an exact search that worker threads share: each finds the best of
 * its part (map), and these are merged (reduce). Seeds without features are passed over.
 */
export function openAudioFeatures(features: FeatureMatrix, options: SearchIndexOptions = {}): Recommender {
  const { rows, dimensions, values } = features;
  const index = indexVectors(values, dimensions, options);
  const placeOf = placesByRow(rows);
  const scores = new Float64Array(rows.length);
  const lengths = Float64Array.from(rows, (_, place) => lengthOf(values, place * dimensions, dimensions));
  return {
    async candidates(question, k) {
      const known = question.seeds.flatMap(({ row, weight }) => {
        const place = placeOf(row);
        return place < 0 ? [] : [{ place, weight }];
      });
      if (known.length === 0) return NOTHING;
      const vectors = known.map(({ place }) => meanVector(features, [place]));
      const mean = meanVector(
        features,
        known.map(({ place }) => place),
        known.map(({ weight }) => weight),
        true,
      );
      const asked = Math.max(LEAST_NEAREST, Math.ceil(POOL / (known.length + 1)));
      const out = Array.from(excludedBy(question), placeOf).filter((place) => place >= 0);
      const excluded = new Uint8Array(rows.length);
      for (const place of out) excluded[place] = 1;
      const near = await index.nearestBatch([mean, ...vectors], { k: asked, measure: 'cosine', excluded });
      const pool = new Set(near.flatMap((found) => found.map(({ row }) => row)));
      const total = known.reduce((sum, { weight }) => sum + weight, 0);
      // Places that are like any seed, with the cosine to the one they are most like.
      const nearest = new Map<number, number>();
      let done = 0;
      for (const place of pool) {
        if (++done % PLACES_AT_ONCE === 0) await breathe();
        let [score, best] = [0, 0];
        for (const [seed, { place: from, weight }] of known.entries()) {
          const scale = lengths[place]! * lengths[from]!;
          const cosine = scale === 0 ? 0 : dotOf(values, place * dimensions, vectors[seed]!) / scale;
          score += weight * Math.max(0, cosine) ** SHARPNESS;
          best = Math.max(best, cosine);
        }
        if (score === 0) continue;
        scores[place] = score / total;
        nearest.set(place, Math.min(1, best));
      }
      const places = bestOf(Uint32Array.from(nearest.keys()), scores, k, new Set(out));
      return {
        rows: places.rows.map((place) => rows[place]!),
        scores: places.scores,
        parts: { nearest: Float64Array.from(places.rows, (place) => nearest.get(place)!) },
      } satisfies Ranking;
    },
    close: () => index.close(),
  };
}

/** Says which seed sounds most like a row of the catalogue; undefined where the row, or every seed, has no features. */
export function soundsLike(
  features: FeatureMatrix,
  seeds: readonly number[],
): (row: number) => NearestSeed | undefined {
  const placeOf = placesByRow(features.rows);
  const find = nearestSeedFinder(
    features,
    seeds.map(placeOf).filter((place) => place >= 0),
  );
  return (row) => {
    const place = placeOf(row);
    const found = place < 0 ? undefined : find(place);
    return found && { seed: features.rows[found.seed]!, similarity: found.similarity };
  };
}

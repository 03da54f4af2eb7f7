import { FEATURE_COLUMNS, type FeatureMatrix } from './audio-features.ts';
import { type ChooseOptions, chooseClusters, type SilhouettePoint } from './choose-clusters.ts';
import { nearestToCentres } from './clusters.ts';
import { type Correlation, correlationsOf } from './correlations.ts';
import { describeCentre, type FeatureTrait, traitsOf } from './describe-clusters.ts';
import { type Distribution, distributionsOf } from './distributions.ts';
import { type PrincipalAxis, placesOn, principalAxes } from './principal-axes.ts';
import type { SongFeatures } from './song-features.ts';

/** Part of a column in an axis. */
export interface AxisLoading {
  /** Name of a column of FEATURE_COLUMNS. */
  readonly column: string;
  /** -1 to 1; squared they add up to 1 over all columns. */
  readonly loading: number;
}

export interface SurveyedAxis {
  /** Part of the whole variance, 0 to 1. */
  readonly share: number;
  /** Of every column, the strongest first. */
  readonly loadings: readonly AxisLoading[];
}

export interface SurveyedCluster {
  readonly songs: number;
  /** "high energy, fast, minor". */
  readonly words: string;
  readonly traits: readonly FeatureTrait[];
  /** Place of the song nearest to its centre. */
  readonly example: number;
}

/** A look at the audio features of many songs: figures only, for screens and for `segue features`. */
export interface FeatureSurvey {
  readonly songs: number;
  readonly distributions: readonly Distribution[];
  /** Of every pair of features but the key, an angle; the strongest first. */
  readonly correlations: readonly Correlation[];
  /** Two. */
  readonly axes: readonly SurveyedAxis[];
  readonly clusters: readonly SurveyedCluster[];
  /** By which the number of clusters was chosen, on so many songs. */
  readonly silhouettes: { readonly curve: readonly SilhouettePoint[]; readonly sampled: number };
}

/** What a map of songs is drawn from: by their place in the survey. */
export interface FeatureMap {
  /** Place of each song on both axes: n x 2, row-major. */
  readonly places: Float32Array;
  /** Number of each song's cluster in the survey (n). */
  readonly clusterOf: Uint32Array;
}

const AXES = 2;

/** Surveys songs; `matrix` holds the same songs in the same order, standardised. Throws the signal's reason. */
export async function surveyFeatures(
  songs: SongFeatures,
  matrix: FeatureMatrix,
  options: ChooseOptions = {},
): Promise<{ survey: FeatureSurvey; map: FeatureMap }> {
  const axes = principalAxes(matrix, AXES);
  const { clusters, curve, sampled } = await chooseClusters(matrix, options);
  const examples = nearestToCentres(matrix, clusters);
  const d = matrix.dimensions;
  const centre = (cluster: number) => clusters.centres.subarray(cluster * d, (cluster + 1) * d);
  return {
    survey: {
      songs: songs.size,
      distributions: distributionsOf(songs),
      correlations: correlationsOf(songs),
      axes: axes.map(surveyAxis),
      clusters: Array.from(clusters.sizes, (size, cluster) => ({
        songs: size,
        words: describeCentre(centre(cluster)),
        traits: traitsOf(centre(cluster)),
        example: examples[cluster]!,
      })),
      silhouettes: { curve, sampled },
    },
    map: { places: placesOn(matrix, axes), clusterOf: clusters.clusterOf },
  };
}

function surveyAxis({ loadings, share }: PrincipalAxis): SurveyedAxis {
  const named = FEATURE_COLUMNS.map(({ name: column }, at) => ({ column, loading: loadings[at]! }));
  return { share, loadings: named.sort((a, b) => Math.abs(b.loading) - Math.abs(a.loading)) };
}

import type { CatalogueTrack } from '../recommend/catalogue.ts';
import { QUANTILES } from '../recommend/distributions.ts';
import type { FeatureSurvey, SurveyedAxis, SurveyedCluster } from '../recommend/feature-survey.ts';
import { FEATURE_UNITS, type FeatureName } from '../recommend/song-features.ts';
import type { FeatureCoverage } from '../store/feature-songs.ts';
import type { OpenFeatures } from '../tasks/open-features.ts';
import { formatNumber, paint, plural, table, wrap } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface ShownCoverage {
  /** Songs of the newest model, and those of them that have features, by how they were found. */
  readonly model: {
    readonly songs: number;
    readonly withFeatures: number;
    readonly byId: number;
    readonly byIsrc: number;
    readonly byRecording: number;
  };
  /** Songs that have features and are not in the model. */
  readonly cold: number;
  /** Stored rows that say nothing. */
  readonly empty: number;
  readonly heard: FeatureCoverage;
}

export function coverageOf({ catalogue, songs }: OpenFeatures, heard: FeatureCoverage): ShownCoverage {
  const { id, isrc, recording, empty } = songs.counts;
  const withFeatures = songs.rows.length;
  return {
    model: { songs: catalogue.size, withFeatures, byId: id, byIsrc: isrc, byRecording: recording },
    cold: songs.cold.size,
    empty,
    heard,
  };
}

type ShownSurvey = Omit<FeatureSurvey, 'clusters'> & {
  readonly clusters: readonly (Omit<SurveyedCluster, 'example'> & { readonly example: CatalogueTrack })[];
};

const CORRELATIONS = 6;
const LOADINGS = 5;

/** The survey on about a screen. */
export function reportFeatures(coverage: ShownCoverage, survey: ShownSurvey, terminal: Terminal): string[] {
  const heading = (text: string) => ['', paint(terminal, 'bold', text)];
  const { curve, sampled } = survey.silhouettes;
  return [
    ...coverageLines(coverage, survey.songs).flatMap((line) => wrap(line, terminal.width)),
    '',
    ...distributionTable(survey, terminal),
    ...heading('What goes together'),
    ...wrap(
      survey.correlations
        .slice(0, CORRELATIONS)
        .map(({ a, b, correlation }) => `${a} and ${b} ${correlation.toFixed(2)}`)
        .join(', '),
      terminal.width,
    ),
    ...heading('What songs differ by most'),
    ...survey.axes.flatMap((axis, at) => wrap(axisWords(axis, at), terminal.width)),
    ...heading(`${plural(survey.clusters.length, 'cluster')}, by k-means`),
    ...table(
      survey.clusters.map(({ songs, words, example }) => [
        songs,
        percent(songs / survey.songs),
        words,
        `such as ${example.title} by ${example.artists[0] ?? 'unknown'}`,
      ]),
      terminal.width,
    ),
    ...(curve.length === 0
      ? []
      : wrap(
          `Mean silhouette of ${formatNumber(sampled)} songs, by clusters: ${curve.map(({ k, silhouette }) => `${k} ${silhouette.toFixed(3)}`).join(', ')}.`,
          terminal.width,
        )),
  ];
}

function coverageLines({ model, cold, empty, heard }: ShownCoverage, songs: number): string[] {
  const inModel =
    model.songs === 0
      ? 'there is no model yet'
      : `${formatNumber(model.withFeatures)} of the model's ${plural(model.songs, 'song')} (${percent(model.withFeatures / model.songs)})`;
  return [
    `Audio features of ${plural(songs, 'song')}: ${inModel}, ${formatNumber(cold)} that stand in none of its playlists.`,
    ...(heard.listens === 0
      ? []
      : [
          `Of your ${plural(heard.listens, 'listen')}, ${percent(heard.listensWithFeatures / heard.listens)} are to songs that have them (${formatNumber(heard.tracksWithFeatures)} of ${plural(heard.tracks, 'song')}).`,
        ]),
    ...(empty === 0 ? [] : [`Of ${plural(empty, 'more song')} the source says nothing.`]),
  ];
}

/** Of what is no quantity: its first value and its last. A mean of keys says nothing. */
const ENDS: { readonly [name in FeatureName]?: readonly [string, string] } = {
  key: ['C', 'B'],
  mode: ['minor', 'major'],
};
const SHOWN_QUANTILES = [0.05, 0.5, 0.95] as const;

function distributionTable({ distributions }: ShownSurvey, terminal: Terminal): string[] {
  const names = SHOWN_QUANTILES.map((share) => (share === 0.5 ? 'median' : `${100 * share} %`));
  const [header, ...rows] = table(
    [
      ['feature', '', 'unknown', 'mean', '±', ...names, 'spread'],
      ...distributions.map(({ feature, missing, known, mean, deviation, quantiles, histogram }) => [
        feature,
        FEATURE_UNITS[feature] ?? '',
        missing,
        ...(known === 0 || feature in ENDS
          ? ['', '', ...names.map(() => '')]
          : [
              figure(mean),
              figure(deviation),
              ...SHOWN_QUANTILES.map((share) => figure(quantiles[QUANTILES.indexOf(share)]!)),
            ]),
        `${ENDS[feature]?.[0] ?? histogram.from} ${bars(histogram.counts)} ${ENDS[feature]?.[1] ?? histogram.to}`,
      ]),
    ],
    terminal.width,
  );
  return [paint(terminal, 'dim', header!), ...rows];
}

/** Three digits are enough to compare by. */
export function figure(value: number): number {
  return Number(value.toPrecision(3));
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** A histogram of one line: the highest bin is a full block, and one that has anything never empty. */
export function bars(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => BARS[Math.ceil((count / most) * (BARS.length - 1))]).join('');
}

function axisWords({ share, loadings }: SurveyedAxis, at: number): string {
  const strongest = loadings.slice(0, LOADINGS).map(({ column, loading }) => `${column} ${loading.toFixed(2)}`);
  return `Axis ${at + 1} (${percent(share)} of all difference): ${strongest.join(', ')}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

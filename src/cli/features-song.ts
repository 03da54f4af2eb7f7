import { ExpectedError } from '../base/errors.ts';
import type { FeatureMatrix } from '../recommend/audio-features.ts';
import { type Catalogue, catalogueOf, keyOf } from '../recommend/catalogue.ts';
import { compareFeatures, distancesByFeature } from '../recommend/compare-features.ts';
import { type Distribution, distributionsOf } from '../recommend/distributions.ts';
import { findSong, unknownSong } from '../recommend/find-song.ts';
import { FEATURE_NAMES, FEATURE_UNITS, type FeatureName, placeOf, valuesAt } from '../recommend/song-features.ts';
import type { OpenFeatures } from '../tasks/open-features.ts';
import { meanVector, type Neighbour } from '../vectors/nearest.ts';
import { indexVectors } from '../vectors/search-index.ts';
import type { CommandResult } from './command.ts';
import { figure } from './features-report.ts';
import { table } from './format.ts';

/** All songs that have features, in the order of their features. */
export function songsOf({ catalogue, songs: { rows, cold } }: OpenFeatures): Catalogue {
  return catalogueOf(
    (function* () {
      for (const row of rows) yield catalogue.track(row);
      for (let at = 0; at < cold.size; at++) yield cold.track(at);
    })(),
  );
}

/** One song's features beside the mean of all, and the songs nearest to it. Throws ExpectedError `unknown-track`, `features-unknown`. */
export async function showSongFeatures(
  opened: OpenFeatures,
  words: string,
  { count, threads }: { readonly count: number; readonly threads: number },
  width: number,
): Promise<CommandResult> {
  const songs = songsOf(opened);
  const found = findSong(songs, words);
  if (found === undefined) throw await noFeaturesOf(opened.catalogue, songs, words);
  const { features } = opened.songs;
  const place = found.row;
  const track = songs.track(place);
  const values = valuesAt(features, place);
  const distributions = distributionsOf(features);
  const shown = FEATURE_NAMES.map((feature, at) => ({
    feature,
    value: values[feature],
    mean: distributions[at]!.known === 0 ? null : distributions[at]!.mean,
    below: values[feature] === null ? null : shareBelow(opened, distributions[at]!, values[feature]),
  }));
  const near = (await nearestTo(opened.matrix, songs, place, count, threads)).map(({ row, score }) => {
    const { id, title, artists } = songs.track(row);
    const differences = compareFeatures(values, valuesAt(features, row));
    const most = distancesByFeature(opened.matrix, place, row)
      .map(({ feature }) => differences.find((difference) => difference.feature === feature))
      .find((difference) => difference !== undefined);
    return { id, title, artists: [...artists], cosine: score, differences, most };
  });
  return {
    json: {
      track: { id: track.id, title: track.title, artists: [...track.artists] },
      features: shown,
      nearest: near.map(({ most, differences, ...song }) => ({
        ...song,
        differences: differences.map((difference) => ({ ...difference })),
        differsMostIn: most?.feature ?? null,
      })),
    },
    lines: [
      `${track.title} · ${track.artists.join(', ')}`,
      ...table(
        [
          ['feature', 'this song', 'mean', 'songs below'],
          ...shown.map(({ feature, value, mean, below }) => [
            feature,
            value === null ? 'unknown' : featureWords(feature, value),
            mean === null || isName(feature) ? '' : featureWords(feature, mean),
            below === null || isName(feature) ? '' : `${Math.round(100 * below)} %`,
          ]),
        ],
        width,
      ),
      '',
      'Nearest by all of them',
      ...table(
        [
          ['cosine', 'title', 'artists', 'differs most in'],
          ...near.map(({ cosine, title, artists, most }) => [
            cosine.toFixed(3),
            title,
            artists.join(', '),
            most === undefined
              ? ''
              : `${most.feature}: ${featureWords(most.feature, most.a)} and ${featureWords(most.feature, most.b)}`,
          ]),
        ],
        width,
      ),
    ],
  };
}

/** A recording has a handful of editions: of four times as many rows mostly enough are different. */
const SPARE = 4;

/** Each recording once, the song itself never. */
async function nearestTo(matrix: FeatureMatrix, songs: Catalogue, place: number, count: number, threads: number) {
  const index = indexVectors(matrix.values, matrix.dimensions, { threads });
  const excluded = new Uint8Array(index.size);
  excluded[place] = 1;
  try {
    for (let k = SPARE * count; ; k *= SPARE) {
      const near = await index.nearest(meanVector(matrix, [place]), { k, measure: 'cosine', excluded });
      const seen = new Set([keyOf(songs.track(place))]);
      const different: Neighbour[] = [];
      for (const neighbour of near) {
        const key = keyOf(songs.track(neighbour.row));
        if (!seen.has(key)) different.push(neighbour);
        seen.add(key);
      }
      if (different.length >= count || near.length < k) return different.slice(0, count);
    }
  } finally {
    await index.close();
  }
}

function shareBelow({ songs: { features } }: OpenFeatures, { feature, known }: Distribution, value: number): number {
  let below = 0;
  for (let at = placeOf(feature); at < features.values.length; at += FEATURE_NAMES.length) {
    if (features.values[at]! < value) below++;
  }
  return below / known;
}

const KEYS = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];

/** What a mean says nothing of. */
function isName(feature: FeatureName): boolean {
  return feature === 'key' || feature === 'mode';
}

function featureWords(feature: FeatureName, value: number): string {
  if (feature === 'key') return KEYS[value]!;
  if (feature === 'mode') return value === 1 ? 'major' : 'minor';
  const unit = FEATURE_UNITS[feature];
  return `${figure(value)}${unit === undefined ? '' : ` ${unit}`}`;
}

async function noFeaturesOf(catalogue: Catalogue, songs: Catalogue, words: string): Promise<ExpectedError> {
  const inModel = findSong(catalogue, words);
  if (inModel === undefined) {
    return new ExpectedError('unknown-track', `No song "${words}" has audio features.`, {
      why: `None of the ${songs.size} that have them has this id, or this artist and title.`,
      hint: (await unknownSong(songs, words)).hint,
    });
  }
  const { title, artists } = catalogue.track(inModel.row);
  return new ExpectedError(
    'features-unknown',
    `No audio features are known of ${title} by ${artists[0] ?? 'unknown'}.`,
    {
      why: `It is in the model, but no source gave its features: ${songs.size} songs have them.`,
      hint: 'Ask ReccoBeats: segue enrich-features, or read a table that has it: segue import-features <file.csv>',
    },
  );
}

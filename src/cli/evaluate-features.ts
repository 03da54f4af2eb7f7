import { resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { openSource } from '../base/source-files.ts';
import { detectFeatureTable, readFeatureTable } from '../corpus/feature-csv.ts';
import { type FeatureMatrix, standardise } from '../recommend/audio-features.ts';
import { FEATURE_NAMES, SongFeaturesBuilder } from '../recommend/song-features.ts';

export interface EvaluationFeatures {
  readonly matrix: FeatureMatrix | undefined;
  /** Songs that have features, of those learned from. */
  readonly songs: number;
  /** Rows that cannot be used, by reason, songs of no training playlist among them. */
  readonly skipped: { readonly [reason: string]: number };
}

/**
 * Audio features from tables as import-features reads them, for the rows of an evaluation; of a track given twice the first counts.
 * Throws what `openSource` and the tables throw, and ExpectedError `no-features`.
 */
export async function readEvaluationFeatures(path: string, rowOf: (id: string) => number): Promise<EvaluationFeatures> {
  const builder = new SongFeaturesBuilder();
  const placeOf = new Map<number, number>();
  const skipped: Record<string, number> = {};
  const skip = (reason: string) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  let tables = 0;
  for await (const file of openSource(resolve(path))) {
    if (detectFeatureTable((await file.head(16 * 1024)).toString('utf8')) === undefined) continue;
    tables++;
    for await (const song of readFeatureTable(file, (_, why) => skip(why))) {
      const row = 'skipped' in song ? -1 : rowOf(song.trackId);
      if ('skipped' in song) skip(song.skipped);
      else if (row < 0) skip('in no training playlist');
      else if (placeOf.has(row)) skip('same track again');
      else {
        placeOf.set(row, builder.size);
        builder.add(song);
      }
    }
  }
  if (tables === 0) {
    throw new ExpectedError('no-features', `No audio features were found in ${path}`, {
      why: 'No file there is a CSV table with columns such as danceability, energy and tempo.',
      hint: 'Pass a table that segue import-features reads.',
    });
  }
  const { values } = builder.finish();
  const width = FEATURE_NAMES.length;
  const rows = Uint32Array.from(placeOf.keys()).sort();
  const inOrder = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries()) {
    const from = placeOf.get(row)! * width;
    inOrder.set(values.subarray(from, from + width), at * width);
  }
  const matrix = rows.length === 0 ? undefined : standardise({ size: rows.length, values: inOrder }, rows);
  return { matrix, songs: rows.length, skipped };
}

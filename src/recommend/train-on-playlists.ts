import type { Model } from '../vectors/model.ts';
import { readSettings } from '../vectors/settings.ts';
import { train } from '../vectors/train.ts';
import type { PlaylistMatrix } from './playlist-matrix.ts';
import type { FitOptions, World } from './recommender.ts';

/** Remembers the song vectors of each matrix, for as long as somebody has it. */
export function vectorsByPlaylists(
  learn: (playlists: PlaylistMatrix, options: FitOptions) => Promise<Model>,
): World['vectorsOf'] {
  const known = new WeakMap<PlaylistMatrix, Promise<Model>>();
  return (playlists, options) => {
    const model = known.get(playlists) ?? learn(playlists, options);
    known.set(playlists, model);
    return model;
  };
}

/**
 * Song vectors with the rows of the catalogue: those of tracks that stand in no playlist are nought. `settings` differ from the
 * defaults. Throws what `readSettings` and `train` throw.
 */
export async function trainOnPlaylists(
  { starts, rows, tracks }: PlaylistMatrix,
  { threads, signal }: FitOptions,
  settings: object = {},
): Promise<Model> {
  const size = { tokens: rows.length, tracks };
  const wanted = readSettings(settings, size);
  const { model, vocabulary } = await train({ tokens: rows, offsets: starts }, wanted, { threads, signal });
  const { dimensions } = model;
  const counts = new Uint32Array(tracks);
  const [input, output] = [new Float32Array(tracks * dimensions), new Float32Array(tracks * dimensions)];
  for (const [at, row] of vocabulary.tokens.entries()) {
    counts[row] = model.counts[at]!;
    const [from, to] = [at * dimensions, (at + 1) * dimensions];
    input.set(model.input.subarray(from, to), row * dimensions);
    output.set(model.output.subarray(from, to), row * dimensions);
  }
  return { dimensions, counts, input, output };
}

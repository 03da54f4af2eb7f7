import { setImmediate as breathe } from 'node:timers/promises';
import type { Corpus } from '../corpus/corpus-file.ts';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { matrixOf } from '../recommend/playlist-matrix.ts';
import type { World } from '../recommend/recommender.ts';
import { hashBytes } from '../recommend/row-index.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../recommend/train-on-playlists.ts';
import type { SongVectors } from './open-song-vectors.ts';
import { numberArtists, playlistNames } from './world-facts.ts';

const ROWS_AT_ONCE = 20_000;

export interface LearnedWorld {
  readonly world: World;
  readonly names: TextColumn;
  readonly artistOf: Uint32Array;
  /** Places of playlists whose track the model does not know. */
  readonly unknown: number;
}

/**
 * The playlists of a corpus by the rows of a model. Vectors of fewer playlists are learned with the model's settings; imported
 * ones serve as they are, since nobody knows what they learned from. Throws what reading the corpus throws, and the signal's reason.
 */
export async function worldOf(
  corpus: Corpus,
  vectors: SongVectors,
  features: World['features'],
  signal: AbortSignal,
): Promise<LearnedWorld> {
  const { catalogue, model, stored } = vectors;
  const vocabulary = await corpus.readVocabulary();
  const rowOf = new Int32Array(vocabulary.size);
  for (let token = 0; token < rowOf.length; token++) {
    if (token % ROWS_AT_ONCE === 0) await takeTurn(signal);
    rowOf[token] = catalogue.rowOfId(vocabulary.id(token));
  }
  const tokens = await corpus.readTokens();
  const playlists = matrixOf(
    { tokens, offsets: await corpus.readOffsets() },
    { rowOf, tokens: new Uint32Array(catalogue.size) },
  );
  const artistOf = await numberArtists(catalogue.size, (row) => catalogue.track(row).artists, signal);
  const identities = new Uint32Array(catalogue.size);
  for (let row = 0; row < catalogue.size; row++) {
    if (row % ROWS_AT_ONCE === 0) await takeTurn(signal);
    identities[row] = hashBytes(Buffer.from(catalogue.id(row)));
  }
  const column = await corpus.readPlaylistNames();
  return {
    world: {
      playlists,
      names: await playlistNames(column, signal),
      groups: await corpus.readGroups(),
      artistOf,
      identities,
      features,
      vectorsOf: vectorsByPlaylists(async (asked, options) =>
        asked === playlists || stored.algorithm === 'imported'
          ? model
          : await trainOnPlaylists(asked, options, stored.settings as object),
      ),
    },
    names: column,
    artistOf,
    unknown: tokens.reduce((sum, token) => sum + (rowOf[token]! < 0 ? 1 : 0), 0),
  };
}

async function takeTurn(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await breathe();
}

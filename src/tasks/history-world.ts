import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { type Corpus, openCorpus } from '../corpus/corpus-file.ts';
import { type Catalogue, catalogueOf } from '../recommend/catalogue.ts';
import { matrixOf } from '../recommend/playlist-matrix.ts';
import type { World } from '../recommend/recommender.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../recommend/train-on-playlists.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus, type StoredCorpus } from '../store/corpora.ts';
import { buildVocabulary, type TokenSequences } from '../vectors/vocabulary.ts';
import { featuresOfWorld, readFeaturesFor } from './open-features.ts';
import { isOwnPart, ownPlaylists } from './own-playlists.ts';
import { numberArtists, playlistNames } from './world-facts.ts';

/** What recommenders may learn from before they are measured on the listener's own history. */
export interface HistoryWorld {
  readonly world: World;
  /** What each row is. */
  readonly catalogue: Catalogue;
  readonly corpus: StoredCorpus;
  /** Parts of the corpus that are the listener's own, and their playlists. */
  readonly leftOut: readonly { readonly name: string; readonly playlists: number }[];
  /** The day of each playlist's snapshot in days since 1970; 0 where nobody knows. */
  readonly days: Uint32Array;
}

/**
 * The newest training corpus without what is the listener's own, over a catalogue of the songs that are left. Throws
 * ExpectedError `no-corpus`, `nothing-to-learn-from`, and what opening a corpus throws.
 */
export async function openHistoryWorld(store: Store, dataDir: string, signal: AbortSignal): Promise<HistoryWorld> {
  const stored = await latestCorpus(store.db, 'training');
  if (stored === undefined) {
    throw new ExpectedError('no-corpus', 'There is nothing to learn from yet.', {
      why: 'build-corpus has not put a training corpus together.',
      hint: 'Run segue import-playlists and segue build-corpus.',
    });
  }
  const corpus = await openCorpus(join(dataDir, stored.path));
  const isOwn = ownPlaylists(corpus.manifest);
  const sequences = await sequencesWithout(corpus, isOwn);
  const vocabulary = buildVocabulary(sequences, 1);
  const leftOut = corpus.manifest.parts.filter(isOwnPart).map(({ name, playlists }) => ({ name, playlists }));
  if (vocabulary.tokens.length < 2) {
    throw new ExpectedError('nothing-to-learn-from', 'There is nothing to learn from but your own history.', {
      why: `The training corpus has no playlist besides ${leftOut.map(({ name }) => name).join(' and ') || 'empty ones'}.`,
      hint: 'Import playlists of other people (segue import-playlists), then run segue build-corpus.',
    });
  }
  const tracks = await corpus.readVocabulary();
  const catalogue = catalogueOf(vocabulary.tokens.values().map((token) => tracks.entry(token)));
  const keep = (_: unknown, playlist: number) => !isOwn(playlist);
  return {
    world: {
      playlists: matrixOf(sequences, vocabulary),
      groups: (await corpus.readGroups()).filter(keep),
      names: (await playlistNames(await corpus.readPlaylistNames(), signal)).filter(keep),
      artistOf: await numberArtists(vocabulary.tokens.length, (row) => tracks.artists(vocabulary.tokens[row]!), signal),
      features: featuresOfWorld(await readFeaturesFor(store.db, catalogue, signal), catalogue, 'catalogue only'),
      vectorsOf: vectorsByPlaylists(trainOnPlaylists),
    },
    catalogue,
    corpus: stored,
    leftOut,
    days: (await corpus.readDays()).filter(keep),
  };
}

async function sequencesWithout(corpus: Corpus, isOwn: (playlist: number) => boolean): Promise<TokenSequences> {
  const tokens = await corpus.readTokens();
  const offsets = await corpus.readOffsets();
  const kept = new Uint32Array(tokens.length);
  const ends = [0];
  let length = 0;
  for (let playlist = 0; playlist + 1 < offsets.length; playlist++) {
    if (isOwn(playlist)) continue;
    const list = tokens.subarray(offsets[playlist]!, offsets[playlist + 1]!);
    kept.set(list, length);
    length += list.length;
    ends.push(length);
  }
  return { tokens: kept.subarray(0, length), offsets: Float64Array.from(ends) };
}

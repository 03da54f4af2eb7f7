import { join } from 'node:path';
import { projectRoot } from '../src/config.ts';
import { CorpusWriter } from '../src/corpus/corpus-writer.ts';
import { type MergeSource, mergeParts } from '../src/corpus/merge.ts';
import type { PlaylistTrack } from '../src/music/playlist.ts';
import { saveCorpus } from '../src/store/corpora.ts';
import { corpusRow } from '../src/tasks/corpus-rows.ts';
import { keepRecommenders, type RecommenderKeeper } from '../src/tasks/kept-recommenders.ts';
import type { TestStore } from './store-fixture.ts';

const WRITTEN_AT = new Date('2026-11-22T12:00:00Z');

/** A training corpus of these playlists, as build-corpus leaves one; the one with the latest `createdAt` is in use. */
export async function addTrainingCorpus(
  store: TestStore,
  playlists: Iterable<readonly PlaylistTrack[]>,
  createdAt = WRITTEN_AT,
): Promise<void> {
  const writer = await CorpusWriter.create(join(store.dataDir, 'corpora'), 'training');
  let at = 0;
  for (const tracks of playlists) writer.addPlaylist({ id: `playlist ${at}`, name: `Playlist ${at++}`, tracks });
  const written = await writer.finish({ source: 'training', createdAt: WRITTEN_AT });
  await saveCorpus(store.db, { ...corpusRow('training', written), createdAt });
}

/** A training corpus put together of parts, as build-corpus merges them. */
export async function addMergedCorpus(
  store: Pick<TestStore, 'db' | 'dataDir'>,
  sources: readonly MergeSource[],
): Promise<void> {
  const writer = await CorpusWriter.create(join(store.dataDir, 'corpora'), 'training');
  const { parts } = await mergeParts(writer, sources, async () => {});
  const written = await writer.finish({ source: 'training', createdAt: WRITTEN_AT, parts });
  await saveCorpus(store.db, corpusRow('training', written));
}

/** Where recipes lie: the bundled ones, and those of a data folder. */
export function recipesOf(dataDir: string) {
  return { bundled: join(projectRoot, 'data/recipes'), own: join(dataDir, 'recipes') };
}

/** The recommenders of a data folder, opened for each use: tests change the files between two of them. */
export function notKept(store: TestStore): RecommenderKeeper {
  return keepRecommenders({ store, dataDir: store.dataDir }, 0);
}

import { damagedCorpus, readColumn, readNumbers } from './columns.ts';
import { type CorpusManifest, readManifest } from './manifest.ts';
import { ID_BYTES } from './scan-kernel.ts';
import { type TextColumn, type Vocabulary, type VocabularyColumns, vocabularyOver } from './vocabulary.ts';

/**
 * A corpus on disk: a folder of columns and a manifest. Playlist p is `tokens[offsets[p] .. offsets[p + 1])`, each token
 * an index into the vocabulary. Each column is read into shared memory (for threads, without a copy), and its checksum
 * verified, when asked for; nothing is kept.
 * All throw ExpectedError `corpus-damaged`.
 */
export interface Corpus {
  readonly folder: string;
  readonly manifest: CorpusManifest;
  /** All playlists' tokens one after another. */
  readTokens(): Promise<Uint32Array>;
  /** playlists + 1 positions in the tokens, rising from 0. */
  readOffsets(): Promise<Uint32Array>;
  /** One number a playlist; snapshots of one playlist share theirs. Split by it, or a test split holds near copies of what was learned. */
  readGroups(): Promise<Uint32Array>;
  /** The day of each playlist's snapshot in days since 1970; 0 where the source has no date. */
  readDays(): Promise<Uint32Array>;
  readPlaylistNames(): Promise<TextColumn>;
  readVocabulary(): Promise<Vocabulary>;
  /** The same as bare columns. */
  readVocabularyColumns(): Promise<VocabularyColumns>;
}

/** Opens a corpus folder. Throws ExpectedError `corpus-damaged` or `corpus-newer`. */
export async function openCorpus(folder: string): Promise<Corpus> {
  const manifest = await readManifest(folder);
  const { files, counts } = manifest;
  const tracks = counts.tracks + counts.namedTracks;

  const numbers = async (name: string, length: number) => {
    const column = await readNumbers(folder, name, files[name]);
    if (column.length !== length) throw damagedCorpus(folder, `${name} holds ${column.length} numbers, not ${length}`);
    return column;
  };
  const texts = async (name: string, length: number): Promise<TextColumn> => {
    const starts = await numbers(`${name}.u32`, length + 1);
    const bytes = await readColumn(folder, `${name}.utf8`, files[`${name}.utf8`]);
    if (starts[length] !== bytes.length)
      throw damagedCorpus(folder, `${name}.u32 and ${name}.utf8 do not fit together`);
    return { starts, bytes };
  };

  const vocabularyColumns = async (): Promise<VocabularyColumns> => {
    const ids = await readColumn(folder, 'track-ids.ascii', files['track-ids.ascii']);
    if (ids.length !== tracks * ID_BYTES) throw damagedCorpus(folder, 'track-ids.ascii has the wrong length');
    return {
      ids,
      order: await numbers('track-order.u32', tracks),
      counts: await numbers('counts.u32', tracks),
      titles: await texts('titles', tracks),
      artists: await texts('artists', tracks),
      isrcs: await texts('isrcs', tracks),
    };
  };

  return {
    folder,
    manifest,
    readTokens: () => numbers('tokens.u32', counts.tokens + counts.namedTokens),
    readOffsets: () => numbers('offsets.u32', counts.playlists + 1),
    readGroups: () => numbers('groups.u32', counts.playlists),
    readDays: () => numbers('days.u32', counts.playlists),
    readPlaylistNames: () => texts('names', counts.playlists),
    readVocabulary: async () => vocabularyOver(await vocabularyColumns()),
    readVocabularyColumns: vocabularyColumns,
  };
}

import type { SourceFile } from '../base/source-files.ts';
import type { Playlist } from '../music/playlist.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import type { SideTables } from './side-tables.ts';

/** A playlist, or several, that could not be used, and why. The reasons are a short fixed set: they are counted. */
export interface SkippedPlaylist {
  readonly skipped: string;
  readonly count?: number;
}

export interface ReadContext {
  /** What the source's accompanying tables say of tracks and playlists. */
  readonly tables: SideTables;
  /** Counts tracks of kept playlists that were left out or are incomplete, by reason. */
  noteTracks(reason: string, count?: number): void;
  /** Tells of a file that could be read only in part; what was read stays. */
  noteProblem(file: string, why: string): void;
  /** Aborted when the task was stopped. */
  readonly signal: AbortSignal;
  /** Threads that may read at the same time, besides this one; 0: this one reads. */
  readonly threads: number;
  /** Told of unpacked bytes that another thread has read. */
  onBytes(bytes: number): void;
  /** Resolves when the event loop has had a turn; throws when the task was stopped. Call it every few milliseconds of work. */
  breathe(): Promise<void>;
}

/** One way in which playlists are written down. Adding one: a file that exports it, and a line in playlist-formats.ts. */
export interface PlaylistFormat {
  /** Kebab-case, as people see it. */
  readonly name: string;
  /** Whether a file is of this format by its first 64 KB, as text; `name` only where the content cannot tell. */
  detect(head: string, name: string): boolean;
  /** Playlists of all files of this format in one source, in order. Bad ones are told, never thrown. */
  read(files: AsyncIterable<SourceFile>, context: ReadContext): AsyncIterable<Playlist | SkippedPlaylist>;
  /** The same, faster: straight into the corpus. Must give the corpus that `read` would give. */
  readInto?(files: AsyncIterable<SourceFile>, context: ReadContext, writer: CorpusWriter): Promise<PlaylistCounts>;
}

/** items read = kept + the sum of skipped. */
export interface PlaylistCounts {
  readonly read: number;
  readonly kept: number;
  readonly skipped: Record<string, number>;
}

export function isSkippedPlaylist(item: Playlist | SkippedPlaylist): item is SkippedPlaylist {
  return 'skipped' in item;
}

/** Counts by reason. */
export function tally(counts: Record<string, number>, reason: string, count = 1): void {
  counts[reason] = (counts[reason] ?? 0) + count;
}

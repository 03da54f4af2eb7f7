import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { type ExpectedError, isExpected } from '../base/errors.ts';
import { openSource, type SourceFile } from '../base/source-files.ts';
import { decodeText } from '../base/text-encoding.ts';
import { turnTaker } from './breathing.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import {
  isSkippedPlaylist,
  type PlaylistCounts,
  type PlaylistFormat,
  type ReadContext,
  tally,
} from './playlist-format.ts';
import { playlistFormats } from './playlist-formats.ts';
import { detectSideTable, readSideTable, type SideTables } from './side-tables.ts';
import { withoutNearCopies } from './snapshots.ts';

const HEAD_BYTES = 64 * 1024;

/** What lies under a path: which formats, and the tables that say what their tracks and playlists are called. */
export interface SurveyedSource {
  readonly path: string;
  readonly formats: readonly PlaylistFormat[];
  readonly formatOf: ReadonlyMap<string, PlaylistFormat>;
  /** Unpacked bytes of each format's files, as far as they are known before reading. */
  readonly bytesOf: ReadonlyMap<PlaylistFormat, number>;
  readonly tables: SideTables;
  /** Files that are neither playlists nor tables of them. */
  readonly leftAlone: number;
  /** Files that could not be opened or read whole, and why. */
  readonly problems: readonly { readonly file: string; readonly why: string }[];
}

export interface SourceOptions {
  readonly signal: AbortSignal;
  /** Told of unpacked bytes as they are read. */
  readonly onBytes?: (bytes: number) => void;
  /** Threads for formats that can use several, 0 for none but this; absent: as the machine and the size of the source suggest. */
  readonly threads?: number;
}

/**
 * Looks at the beginning of every file under `path` (file, folder, zip, gzip; see openSource) and reads the tables.
 * Throws ExpectedError when the path itself cannot be read; members that cannot are in `problems`.
 */
export async function surveySource(path: string, options: SourceOptions): Promise<SurveyedSource> {
  const formatOf = new Map<string, PlaylistFormat>();
  const bytesOf = new Map<PlaylistFormat, number>();
  const tables: SideTables = { tracks: new Map(), playlistNames: new Map() };
  const problems: { file: string; why: string }[] = [];
  let leftAlone = 0;
  let failure: ExpectedError | undefined;
  const onProblem = (file: string, problem: ExpectedError) => {
    failure ??= problem;
    problems.push({ file, why: problem.why });
  };
  for await (const file of openSource(path, { onProblem })) {
    options.signal.throwIfAborted();
    const head = await readHead(file).catch((error: unknown) => {
      if (!isExpected(error)) throw error;
      onProblem(file.name, error);
    });
    if (head === undefined) continue;
    const format = playlistFormats.find(({ detect }) => detect(head, file.name));
    const table = format ? undefined : detectSideTable(head);
    if (format) {
      formatOf.set(file.name, format);
      bytesOf.set(format, (bytesOf.get(format) ?? 0) + (file.size ?? 0));
    } else if (table) await readSideTable(file, table, tables, (name, why) => problems.push({ file: name, why }));
    else leftAlone++;
  }
  const formats = playlistFormats.filter((format) => bytesOf.has(format));
  if (formats.length === 0 && leftAlone === 0 && failure) throw failure;
  return { path, formats, formatOf, bytesOf, tables, leftAlone, problems };
}

/** What became of the playlists of one format in one source. read = kept + all skipped. */
export interface ReadPlaylists extends PlaylistCounts {
  /** Tracks left out of kept playlists, or incomplete in them, by reason. */
  readonly trackNotes: Record<string, number>;
  readonly problems: readonly { readonly file: string; readonly why: string }[];
}

/** Reads all playlists of one format under a surveyed path into a corpus. Whatever cannot be used is counted. */
export async function readPlaylists(
  source: SurveyedSource,
  format: PlaylistFormat,
  writer: CorpusWriter,
  options: SourceOptions,
): Promise<ReadPlaylists> {
  const trackNotes: Record<string, number> = {};
  const problems: { file: string; why: string }[] = [];
  const context: ReadContext = {
    tables: source.tables,
    noteTracks: (reason, count) => tally(trackNotes, reason, count),
    noteProblem: (file, why) => problems.push({ file, why }),
    signal: options.signal,
    threads: options.threads ?? threadsFor(source.bytesOf.get(format) ?? 0),
    onBytes: options.onBytes ?? (() => {}),
    breathe: turnTaker(options.signal),
  };
  const files = filesOf(source, format, options);
  const counts = format.readInto
    ? await format.readInto(files, context, writer)
    : await addAll(format, files, context, writer);
  return { ...counts, trackNotes, problems };
}

/** Starting threads takes 0.1 s, in which this one reads 64 MB; more than eight outrun any disk. */
function threadsFor(bytes: number): number {
  return bytes < 64e6 ? 0 : Math.min(availableParallelism(), 8);
}

async function addAll(
  format: PlaylistFormat,
  files: AsyncIterable<SourceFile>,
  context: ReadContext,
  writer: CorpusWriter,
): Promise<PlaylistCounts> {
  const counts = { read: 0, kept: 0, skipped: {} as Record<string, number> };
  for await (const item of withoutNearCopies(format.read(files, context))) {
    if (isSkippedPlaylist(item)) {
      counts.read += item.count ?? 1;
      tally(counts.skipped, item.skipped, item.count);
      continue;
    }
    counts.read++;
    const { added, unnamed } = writer.addPlaylist(item);
    if (unnamed > 0) context.noteTracks('names no track', unnamed);
    if (added) counts.kept++;
    else tally(counts.skipped, 'no tracks');
    await context.breathe();
  }
  return counts;
}

async function* filesOf(
  source: SurveyedSource,
  format: PlaylistFormat,
  { signal, onBytes }: SourceOptions,
): AsyncGenerator<SourceFile> {
  for await (const file of openSource(source.path, { onProblem: () => {} })) {
    signal.throwIfAborted();
    if (source.formatOf.get(file.name) !== format) continue;
    const stream = () => Readable.from(counted(file.stream(), onBytes ?? (() => {})), { objectMode: false });
    yield onBytes ? { ...file, stream } : file;
  }
}

async function* counted(stream: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    onBytes((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

async function readHead(file: SourceFile): Promise<string> {
  const bytes = await file.head(HEAD_BYTES);
  const isUtf16 = bytes.length > 3 && (bytes[0] === 0xff || bytes[1] === 0);
  if (isUtf16) return new TextDecoder('utf-16le').decode(bytes);
  // The head may end inside a character, which must not make Windows-1252 of the rest.
  return decodeText(bytes.length < HEAD_BYTES ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1 || bytes.length));
}

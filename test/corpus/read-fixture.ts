import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openSource } from '../../src/base/source-files.ts';
import { type Corpus, openCorpus } from '../../src/corpus/corpus-file.ts';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import { isSkippedPlaylist, type PlaylistFormat, type ReadContext, tally } from '../../src/corpus/playlist-format.ts';
import { type ReadPlaylists, readPlaylists, surveySource } from '../../src/corpus/playlist-source.ts';
import { textAt, type Vocabulary } from '../../src/corpus/vocabulary.ts';
import type { Playlist } from '../../src/music/playlist.ts';

/** A Spotify-like id: 22 characters, told apart by `n`. */
export const id = (n: number) => `T${n}`.padEnd(22, 'x');

/** A folder of its own for one test, with these files. */
export async function folderWith(
  files: Record<string, string | Uint8Array>,
): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'segue-corpus-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface ReadResult {
  readonly formats: string[];
  readonly playlists: Playlist[];
  readonly skipped: Record<string, number>;
  readonly trackNotes: Record<string, number>;
  readonly problems: string[];
  readonly leftAlone: number;
}

/** Every playlist under a path by the plain readers, and what was left out. */
export async function readAll(path: string): Promise<ReadResult> {
  const source = await surveySource(path, { signal: new AbortController().signal });
  const result = {
    formats: source.formats.map(({ name }) => name),
    playlists: [] as Playlist[],
    skipped: {} as Record<string, number>,
    trackNotes: {} as Record<string, number>,
    problems: source.problems.map(({ file }) => file),
    leftAlone: source.leftAlone,
  };
  const context: ReadContext = {
    tables: source.tables,
    noteTracks: (reason, count) => tally(result.trackNotes, reason, count),
    noteProblem: (file) => result.problems.push(file),
    signal: new AbortController().signal,
    threads: 0,
    onBytes: () => {},
    breathe: async () => {},
  };
  for (const format of source.formats) {
    const files = (async function* () {
      for await (const file of openSource(path, { onProblem: () => {} })) {
        if (source.formatOf.get(file.name) === format) yield file;
      }
    })();
    for await (const item of format.read(files, context)) {
      if (isSkippedPlaylist(item)) tally(result.skipped, item.skipped, item.count);
      else result.playlists.push(item);
    }
  }
  return result;
}

/** The same playlists as a corpus. `format`: read with this one as it stands, for instance without its fast path. */
export async function intoCorpus(
  path: string,
  into: string,
  change: (format: PlaylistFormat) => PlaylistFormat = (format) => format,
  threads?: number,
): Promise<{ corpus: Corpus; counts: ReadPlaylists }> {
  const signal = new AbortController().signal;
  const survey = await surveySource(path, { signal });
  const [format] = survey.formats;
  if (!format) throw new Error(`no playlists in ${path}: ${JSON.stringify(survey.problems)}`);
  const changed = change(format);
  const formatOf = new Map([...survey.formatOf].map(([file, of]) => [file, of === format ? changed : of]));
  const writer = await CorpusWriter.create(into, 'test');
  const counts = await readPlaylists({ ...survey, formatOf }, changed, writer, {
    signal,
    ...(threads === undefined ? {} : { threads }),
  });
  const { folder } = await writer.finish({ source: format.name, createdAt: new Date(0) });
  return { corpus: await openCorpus(folder), counts };
}

/** A corpus read back as playlists of vocabulary entries. */
export async function contentsOf(
  corpus: Corpus,
): Promise<{ playlists: { name: string; group: number; day: number; tracks: string[] }[]; vocabulary: Vocabulary }> {
  const vocabulary = await corpus.readVocabulary();
  const [tokens, offsets] = [await corpus.readTokens(), await corpus.readOffsets()];
  const [names, groups, days] = [await corpus.readPlaylistNames(), await corpus.readGroups(), await corpus.readDays()];
  const playlists = Array.from({ length: corpus.manifest.counts.playlists }, (_, p) => ({
    name: textAt(names, p),
    group: groups[p]!,
    day: days[p]!,
    tracks: Array.from(tokens.subarray(offsets[p], offsets[p + 1]), (token) => vocabulary.id(token)),
  }));
  return { playlists, vocabulary };
}

/** What a source gives by the plain reader, or by the fast one in so many threads: all that must be the same. */
export async function readWays(path: string, ways: readonly { isPlain?: boolean; threads?: number }[]) {
  await using out = await folderWith({});
  const results = [];
  for (const { isPlain = false, threads = 0 } of ways) {
    const change = (format: PlaylistFormat) => {
      const { readInto, ...plain } = format;
      return isPlain ? plain : { ...plain, readInto: readInto! };
    };
    const { corpus, counts } = await intoCorpus(path, out.path, change, threads);
    const { problems, ...rest } = counts;
    results.push({
      fingerprint: corpus.manifest.fingerprint,
      lists: (await contentsOf(corpus)).playlists,
      counts: rest,
      partly: problems.map(({ file }) => file),
    });
  }
  return results;
}

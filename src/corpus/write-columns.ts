import { join } from 'node:path';
import { type ColumnFile, ColumnWriter, numbersIn, writeTexts } from './columns.ts';
import type { CorpusManifest } from './manifest.ts';
import { isNamedTrackBytes } from './named-track.ts';
import type { VocabularyBuilder } from './vocabulary-builder.ts';
import { orderVocabulary } from './vocabulary-order.ts';

/** Where a redirected track goes that is left out. */
export const DROPPED = 0xffffffff;

/** The file in which tokens wait, under the indexes they had when they came. */
export const SPILL = 'tokens.spill';

/** A corpus as it was gathered: the tokens lie in the spill file of its folder. */
export interface CorpusContents {
  readonly vocabulary: VocabularyBuilder;
  /** Track -> the track that it is, or DROPPED. */
  readonly redirects: ReadonlyMap<number, number>;
  /** Of each playlist: where its tokens end, its group, its day and its name. */
  readonly ends: readonly number[];
  readonly groups: readonly number[];
  readonly days: readonly number[];
  readonly names: readonly string[];
}

type WrittenFiles = Record<string, ColumnFile & { sha256: string }>;

/** Writes every column of a corpus into `folder`, its vocabulary sorted by frequency; says what they hold. */
export async function writeColumns(
  folder: string,
  contents: CorpusContents,
): Promise<{ counts: CorpusManifest['counts']; files: WrittenFiles }> {
  const { vocabulary, redirects, groups, days, names } = contents;
  for (const [from, to] of redirects) {
    const counts = vocabulary.counts;
    if (to !== DROPPED) counts[to]! += counts[from]!;
    counts[from] = 0;
  }
  const { byFrequency, byId, newIndex } = orderVocabulary(vocabulary);
  for (const [from, to] of redirects) newIndex[from] = to === DROPPED ? DROPPED : newIndex[to]!;

  const files: WrittenFiles = {};
  const column = (name: string, write: (writer: ColumnWriter) => void) => {
    const writer = new ColumnWriter(join(folder, name));
    try {
      write(writer);
    } finally {
      files[name] = writer.close();
    }
  };
  const { kept, tokens, namedTokens } = await rewriteTokens(folder, contents, newIndex, byFrequency, files);
  const textColumn = (name: string, texts: Iterable<Uint8Array>, length: number) => {
    const starts = new Uint32Array(length + 1);
    column(`${name}.utf8`, (writer) => writeTexts(writer, texts, starts));
    column(`${name}.u32`, (writer) => writer.write(starts));
  };
  column('offsets.u32', (writer) => writer.write(kept.offsets));
  column('groups.u32', (writer) => writer.write(Uint32Array.from(kept.playlists, (p) => groups[p]!)));
  column('days.u32', (writer) => writer.write(Uint32Array.from(kept.playlists, (p) => days[p]!)));
  textColumn('names', encoded(kept.playlists, names), kept.playlists.length);
  column('track-ids.ascii', (writer) => writeTexts(writer, idsOf(byFrequency, vocabulary)));
  column('track-order.u32', (writer) => writer.write(byId));
  column('counts.u32', (writer) => writer.write(Uint32Array.from(byFrequency, (i) => vocabulary.counts[i]!)));
  for (const [part, name] of ['titles', 'artists', 'isrcs'].entries()) {
    textColumn(name, texts(byFrequency, vocabulary, part as 0 | 1 | 2), byFrequency.length);
  }

  const namedTracks = countNamed(byFrequency, vocabulary);
  const counts = {
    playlists: kept.playlists.length,
    tokens,
    tracks: byFrequency.length - namedTracks,
    namedTracks,
    namedTokens,
  };
  return { counts, files };
}

/** Reads the spilled tokens back in chunks and writes them under their final indexes. */
async function rewriteTokens(
  folder: string,
  { vocabulary, ends }: CorpusContents,
  newIndex: Uint32Array,
  byFrequency: Uint32Array,
  files: WrittenFiles,
) {
  const isNamed = new Uint8Array(byFrequency.length);
  for (let i = 0; i < byFrequency.length; i++) {
    isNamed[i] = isNamedTrackBytes(vocabulary.idBytes(byFrequency[i]!)) ? 1 : 0;
  }
  const writer = new ColumnWriter(join(folder, 'tokens.u32'));
  const offsets = [0];
  const playlists: number[] = [];
  let playlist = 0;
  let end = ends[0] ?? 0;
  let position = 0;
  let written = 0;
  let writtenBefore = 0;
  let named = 0;
  for await (const chunk of numbersIn(join(folder, SPILL))) {
    let length = 0;
    for (let i = 0; i < chunk.length; i++) {
      const index = newIndex[chunk[i]!]!;
      // What is left moves up: the chunk itself becomes the output.
      if (index !== DROPPED) {
        chunk[length++] = index;
        named += isNamed[index]!;
      }
      if (++position < end) continue;
      const soFar = written + length;
      if (soFar > writtenBefore) {
        playlists.push(playlist);
        offsets.push(soFar);
      }
      writtenBefore = soFar;
      end = ends[++playlist] ?? 0xffff_ffff;
    }
    written += length;
    writer.write(chunk.subarray(0, length));
  }
  files['tokens.u32'] = writer.close();
  return { kept: { playlists, offsets: Uint32Array.from(offsets) }, tokens: written - named, namedTokens: named };
}

function* texts(order: Uint32Array, vocabulary: VocabularyBuilder, part: 0 | 1 | 2): Generator<Uint8Array> {
  for (const index of order) yield vocabulary.textBytes(index, part);
}

function* encoded(playlists: readonly number[], names: readonly string[]): Generator<Uint8Array> {
  for (const playlist of playlists) yield Buffer.from(names[playlist]!, 'utf8');
}

function countNamed(order: Uint32Array, vocabulary: VocabularyBuilder): number {
  let named = 0;
  for (const index of order) if (isNamedTrackBytes(vocabulary.idBytes(index))) named++;
  return named;
}

function* idsOf(order: Uint32Array, vocabulary: VocabularyBuilder): Generator<Uint8Array> {
  for (const index of order) yield vocabulary.idBytes(index);
}

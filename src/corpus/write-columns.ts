import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type BytePieces, type ColumnFile, ColumnWriter, writePieces } from './columns.ts';
import type { CorpusManifest } from './manifest.ts';
import { isNamedTrack } from './named-track.ts';
import { ID_BYTES, ID_STRIDE } from './scan-kernel.ts';
import { type BuiltVocabulary, textStart } from './vocabulary-builder.ts';
import { orderVocabulary } from './vocabulary-order.ts';

/** Where a redirected track goes that is left out. */
export const DROPPED = 0xffffffff;

/** The file in which tokens wait, under the indexes they had when they came. */
export const SPILL = 'tokens.spill';

// 4 MB of tokens at a time.
const CHUNK = 1 << 20;

/** A corpus as it was gathered, as bare columns; the tokens lie in the spill file of its folder. */
export interface CorpusContents {
  readonly vocabulary: BuiltVocabulary;
  /** Pairs: a track, and the track that it is, or DROPPED. */
  readonly redirects: Uint32Array;
  /** Of each playlist: where its tokens end, its group, its day and its name. */
  readonly ends: Uint32Array;
  readonly groups: Uint32Array;
  readonly days: Uint32Array;
  readonly names: { readonly ends: Uint32Array; readonly bytes: Uint8Array };
}

export interface WrittenColumns {
  readonly counts: CorpusManifest['counts'];
  readonly files: Record<string, ColumnFile & { readonly sha256: string }>;
}

/**
 * Writes every column of a corpus into `folder`, its vocabulary sorted by frequency; says what they hold. Takes the thread
 * for seconds where there are millions of tracks (write-corpus.ts).
 */
export function writeColumns(folder: string, contents: CorpusContents): WrittenColumns {
  const { vocabulary, redirects, groups, days, names } = contents;
  const { counts, ids } = vocabulary;
  for (let i = 0; i < redirects.length; i += 2) {
    const [from, to] = [redirects[i]!, redirects[i + 1]!];
    if (to !== DROPPED) counts[to]! += counts[from]!;
    counts[from] = 0;
  }
  const { byFrequency, byId, newIndex } = orderVocabulary(vocabulary);
  for (let i = 0; i < redirects.length; i += 2) {
    const to = redirects[i + 1]!;
    newIndex[redirects[i]!] = to === DROPPED ? DROPPED : newIndex[to]!;
  }

  const files: WrittenColumns['files'] = {};
  const column = (name: string, write: (writer: ColumnWriter) => void) => {
    const writer = new ColumnWriter(join(folder, name));
    try {
      write(writer);
    } finally {
      files[name] = writer.close();
    }
  };
  const textColumn = (name: string, pieces: BytePieces) => {
    const starts = new Uint32Array(pieces.count + 1);
    column(`${name}.utf8`, (writer) => writePieces(writer, pieces, starts));
    column(`${name}.u32`, (writer) => writer.write(starts));
  };
  const isNamed = new Uint8Array(byFrequency.length);
  for (let i = 0; i < isNamed.length; i++) isNamed[i] = Number(isNamedTrack(ids, byFrequency[i]!));
  const namedTracks = isNamed.reduce((sum, is) => sum + is, 0);
  const kept = { playlists: new Uint32Array(contents.ends.length), offsets: new Uint32Array(contents.ends.length + 1) };
  let tokens = { playlists: 0, tokens: 0, named: 0 };
  column('tokens.u32', (writer) => {
    tokens = rewriteTokens(join(folder, SPILL), contents.ends, newIndex, isNamed, kept, writer);
  });
  const playlists = kept.playlists.subarray(0, tokens.playlists);
  column('offsets.u32', (writer) => writer.write(kept.offsets.subarray(0, tokens.playlists + 1)));
  column('groups.u32', (writer) => writer.write(playlists.map((playlist) => groups[playlist]!)));
  column('days.u32', (writer) => writer.write(playlists.map((playlist) => days[playlist]!)));
  textColumn('names', {
    bytes: names.bytes,
    count: playlists.length,
    start: (i) => (playlists[i] === 0 ? 0 : names.ends[playlists[i]! - 1]!),
    end: (i) => names.ends[playlists[i]!]!,
  });
  column('track-ids.ascii', (writer) => {
    const start = (i: number) => byFrequency[i]! * ID_STRIDE;
    writePieces(writer, { bytes: ids, count: byFrequency.length, start, end: (i) => start(i) + ID_BYTES });
  });
  column('track-order.u32', (writer) => writer.write(byId));
  column('counts.u32', (writer) => writer.write(byFrequency.map((index) => counts[index]!)));
  for (const [part, name] of ['titles', 'artists', 'isrcs'].entries()) {
    const start = (i: number) => textStart(vocabulary, byFrequency[i]!, part);
    const end = (i: number) => textStart(vocabulary, byFrequency[i]!, part + 1);
    textColumn(name, { bytes: vocabulary.text, count: byFrequency.length, start, end });
  }
  return {
    counts: {
      playlists: playlists.length,
      tokens: tokens.tokens - tokens.named,
      tracks: byFrequency.length - namedTracks,
      namedTracks,
      namedTokens: tokens.named,
    },
    files,
  };
}

/** Reads the spilled tokens back and writes them under their final indexes; `kept` gets the playlists that still have some. */
function rewriteTokens(
  spill: string,
  ends: Uint32Array,
  newIndex: Uint32Array,
  isNamed: Uint8Array,
  kept: { readonly playlists: Uint32Array; readonly offsets: Uint32Array },
  writer: ColumnWriter,
): { playlists: number; tokens: number; named: number } {
  const chunk = new Uint32Array(CHUNK);
  const bytes = new Uint8Array(chunk.buffer);
  let playlists = 0;
  let playlist = 0;
  let position = 0;
  let tokens = 0;
  let named = 0;
  const file = openSync(spill, 'r');
  try {
    for (;;) {
      const read = readFully(file, bytes) >>> 2;
      if (read === 0) break;
      let length = 0;
      for (let i = 0; i < read; ) {
        const stop = Math.min(read, i + ends[playlist]! - position);
        position += stop - i;
        for (; i < stop; i++) {
          const index = newIndex[chunk[i]!]!;
          // What is left moves up: the chunk itself becomes the output.
          if (index === DROPPED) continue;
          chunk[length++] = index;
          named += isNamed[index]!;
        }
        if (position < ends[playlist]!) break;
        if (tokens + length > kept.offsets[playlists]!) {
          kept.playlists[playlists++] = playlist;
          kept.offsets[playlists] = tokens + length;
        }
        playlist++;
      }
      tokens += length;
      writer.write(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return { playlists, tokens, named };
}

function readFully(file: number, bytes: Uint8Array): number {
  let read = 0;
  while (read < bytes.length) {
    const more = readSync(file, bytes, read, bytes.length - read, null);
    if (more === 0) break;
    read += more;
  }
  return read;
}

import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type ColumnFile, ColumnWriter, TextGatherer } from './columns.ts';
import type { CorpusManifest } from './manifest.ts';
import { isNamedTrack } from './named-track.ts';
import { ID_BYTES, ID_STRIDE } from './scan-kernel.ts';
import type { BuiltVocabulary } from './vocabulary-builder.ts';
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
  /** Opens columns, has them written, and closes them. */
  const columns = (names: readonly string[], write: (...writers: ColumnWriter[]) => void) => {
    const writers = names.map((name) => new ColumnWriter(join(folder, name)));
    try {
      write(...writers);
    } finally {
      for (const [i, writer] of writers.entries()) files[names[i]!] = writer.close();
    }
  };
  const column = (name: string, values: () => Uint32Array) => columns([name], (writer) => writer!.write(values()));
  const textColumns = (names: readonly string[], count: number, add: (...gatherers: TextGatherer[]) => void) => {
    const starts = names.map(() => new Uint32Array(count + 1));
    columns(
      names.map((name) => `${name}.utf8`),
      (...writers) => {
        const gatherers = writers.map((writer, i) => new TextGatherer(writer, starts[i]!));
        add(...gatherers);
        for (const gatherer of gatherers) gatherer.flush();
      },
    );
    for (const [i, name] of names.entries()) column(`${name}.u32`, () => starts[i]!);
  };

  const isNamed = new Uint8Array(byFrequency.length);
  for (let i = 0; i < isNamed.length; i++) isNamed[i] = Number(isNamedTrack(ids, byFrequency[i]!));
  const namedTracks = isNamed.reduce((sum, is) => sum + is, 0);
  const kept = { playlists: new Uint32Array(contents.ends.length), offsets: new Uint32Array(contents.ends.length + 1) };
  let written = { playlists: 0, tokens: 0, named: 0 };
  columns(['tokens.u32'], (writer) => {
    written = rewriteTokens(join(folder, SPILL), contents.ends, newIndex, isNamed, kept, writer!);
  });
  const playlists = kept.playlists.subarray(0, written.playlists);
  column('offsets.u32', () => kept.offsets.subarray(0, written.playlists + 1));
  column('groups.u32', () => playlists.map((playlist) => groups[playlist]!));
  column('days.u32', () => playlists.map((playlist) => days[playlist]!));
  textColumns(['names'], playlists.length, (gatherer) => {
    for (const playlist of playlists) {
      gatherer!.add(names.bytes, playlist === 0 ? 0 : names.ends[playlist - 1]!, names.ends[playlist]!);
    }
  });
  column('track-order.u32', () => byId);
  column('counts.u32', () => byFrequency.map((index) => counts[index]!));
  columns(['track-ids.ascii'], (writer) => {
    const sorted = new Uint8Array(byFrequency.length * ID_BYTES);
    for (let i = 0; i < byFrequency.length; i++) {
      const from = byFrequency[i]! * ID_STRIDE;
      for (let j = 0; j < ID_BYTES; j++) sorted[i * ID_BYTES + j] = ids[from + j]!;
    }
    writer!.write(sorted);
  });
  // All three at once: what a track is called lies together, and by frequency it comes from anywhere in 100 MB.
  textColumns(['titles', 'artists', 'isrcs'], byFrequency.length, (titles, artists, isrcs) => {
    const { text, texts } = vocabulary;
    for (const index of byFrequency) {
      const title = texts[index * 4]!;
      const artist = title + texts[index * 4 + 1]!;
      const isrc = artist + texts[index * 4 + 2]!;
      titles!.add(text, title, artist);
      artists!.add(text, artist, isrc);
      isrcs!.add(text, isrc, isrc + texts[index * 4 + 3]!);
    }
  });
  return {
    counts: {
      playlists: playlists.length,
      tokens: written.tokens - written.named,
      tracks: byFrequency.length - namedTracks,
      namedTracks,
      namedTokens: written.named,
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

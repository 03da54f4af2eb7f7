import { noProgress, type Progress } from '../base/progress.ts';
import type { Playlist } from '../music/playlist.ts';
import { isTrackId, recordingKey } from '../music/track.ts';
import type { Corpus } from './corpus-file.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import { grown } from './growing-columns.ts';
import type { CorpusPart } from './manifest.ts';
import { isNamedTrack } from './named-track.ts';
import { tally } from './playlist-format.ts';
import { findRecordings } from './recording-lookup.ts';
import { ID_BYTES } from './scan-kernel.ts';
import { bytesAt, textAt } from './vocabulary.ts';
import { ARTIST_SEPARATOR, builtText } from './vocabulary-builder.ts';

const COPY = 'same tracks as another playlist';
/** Shorter lists may well be equal by chance; equal longer ones are one list that came by two ways. */
const COPY_TRACKS = 5;
/** Tracks at a time, between turns of the event loop. */
const BLOCK = 4096;

/** Where playlists of a training corpus come from: a source corpus, or lists made from the database. */
export type MergeSource =
  | { readonly name: string; readonly corpus: Corpus }
  | { readonly name: string; readonly format: string; readonly playlists: readonly Playlist[] };

/** What became of tracks that their source names by title and artist only. */
export interface NamedTrackCounts {
  readonly matchedTracks: number;
  readonly matchedTokens: number;
  /** No part of the corpus has the recording under a Spotify id: it cannot be recommended, and is left out. */
  readonly unmatchedTracks: number;
  readonly unmatchedTokens: number;
}

/** Puts all parts into one corpus, in order. Call `finish` of the writer after it. */
export async function mergeParts(
  writer: CorpusWriter,
  sources: readonly MergeSource[],
  breathe: () => Promise<void>,
  progress: Progress = noProgress,
): Promise<{ parts: CorpusPart[]; named: NamedTrackCounts }> {
  const { vocabulary } = writer;
  const total = sources.reduce((sum, source) => sum + playlistsIn(source), 0);
  let done = 0;
  const breatheAndTell = async () => {
    progress({ label: 'Merging', done, total, unit: 'playlists' });
    await breathe();
  };
  const seen = new Set<number>();
  const parts: CorpusPart[] = [];
  for (const source of sources) {
    const known = vocabulary.size;
    const counts = { playlists: 0, tokens: 0, skipped: {} as Record<string, number> };
    /** 1 for each track of the corpus that the part has. */
    let used = new Uint8Array(known);
    const add = (tokens: ArrayLike<number>, name: string, group?: string, day?: number) => {
      done++;
      if (tokens.length >= COPY_TRACKS) {
        const hash = hashTokens(tokens);
        if (seen.has(hash)) {
          tally(counts.skipped, COPY);
          return;
        }
        seen.add(hash);
      }
      if (used.length < vocabulary.size) used = grown(used, vocabulary.size);
      writer.appendTokens(tokens);
      for (let i = 0; i < tokens.length; i++) used[tokens[i]!] = 1;
      counts.playlists++;
      counts.tokens += tokens.length;
      writer.endPlaylist(name, group, day);
    };
    if ('corpus' in source) await addCorpus(writer, source.name, source.corpus, add, breatheAndTell);
    else for (const playlist of source.playlists) addPlaylist(writer, playlist, add, counts.skipped);
    let tracks = 0;
    let newTracks = 0;
    const { ids } = vocabulary;
    for (let index = 0; index < used.length; index++) {
      if (used[index] === 0 || isNamedTrack(ids, index)) continue;
      tracks++;
      if (index >= known) newTracks++;
    }
    const manifest = 'corpus' in source ? source.corpus.manifest : undefined;
    parts.push({
      name: source.name,
      format: manifest?.source ?? (source as { format: string }).format,
      ...(manifest ? { fingerprint: manifest.fingerprint } : {}),
      ...counts,
      tracks,
      newTracks,
    });
    await breathe();
  }
  return { parts, named: await matchNamedTracks(writer, breathe) };
}

function playlistsIn(source: MergeSource): number {
  return 'corpus' in source ? source.corpus.manifest.counts.playlists : source.playlists.length;
}

type AddTokens = (tokens: ArrayLike<number>, name: string, group?: string, day?: number) => void;

async function addCorpus(
  writer: CorpusWriter,
  partName: string,
  corpus: Corpus,
  add: AddTokens,
  breathe: () => Promise<void>,
): Promise<void> {
  const { vocabulary } = writer;
  const { ids, titles, artists, isrcs } = await corpus.readVocabularyColumns();
  const columns = [titles, artists, isrcs];
  const newIndex = new Uint32Array(ids.length / ID_BYTES);
  for (let track = 0; track < newIndex.length; track++) {
    if (track % BLOCK === 0) {
      vocabulary.indexAll(ids.subarray(track * ID_BYTES, (track + BLOCK) * ID_BYTES), newIndex, track);
      await breathe();
    }
    const index = newIndex[track]!;
    const lengths = columns.map(({ starts }) => starts[track + 1]! - starts[track]!) as [number, number, number];
    if (!vocabulary.lacksAny(index, ...lengths)) continue;
    const called = Buffer.concat(columns.map((column) => bytesAt(column, track)));
    vocabulary.describeBytes(index, called, 0, ...lengths);
  }
  const offsets = await corpus.readOffsets();
  const groups = await corpus.readGroups();
  const days = await corpus.readDays();
  const playlistNames = await corpus.readPlaylistNames();
  const tokens = await corpus.readTokens();
  for (let playlist = 0; playlist < groups.length; playlist++) {
    const list = tokens.subarray(offsets[playlist], offsets[playlist + 1]);
    for (let i = 0; i < list.length; i++) list[i] = newIndex[list[i]!]!;
    const day = days[playlist]!;
    // Only dated playlists have snapshots that belong together.
    add(list, textAt(playlistNames, playlist), day > 0 ? `${partName}\0${groups[playlist]}` : undefined, day);
    if (playlist % 256 === 0) await breathe();
  }
}

function addPlaylist(writer: CorpusWriter, playlist: Playlist, add: AddTokens, skipped: Record<string, number>): void {
  const tokens: number[] = [];
  for (const track of playlist.tracks) {
    // The store's own stand-in ids mean nothing here: such a track goes by its name.
    const { id, ...names } = track;
    const index = writer.indexOf(id !== undefined && isTrackId(id) ? track : names);
    if (index !== undefined) tokens.push(index);
  }
  if (tokens.length === 0) tally(skipped, 'no tracks');
  else add(tokens, playlist.name);
}

/** Leads each track known by name alone to the most frequent track of its recording, or out of the corpus. */
async function matchNamedTracks(writer: CorpusWriter, breathe: () => Promise<void>): Promise<NamedTrackCounts> {
  const { vocabulary } = writer;
  const { ids } = vocabulary;
  const title = (index: number) => builtText(vocabulary, index, 0);
  const primaryArtist = (index: number) => firstOf(builtText(vocabulary, index, 1));
  const keyOf = new Map<number, string>();
  for (let index = 0; index < vocabulary.size; index++) {
    if (!isNamedTrack(ids, index)) continue;
    keyOf.set(index, recordingKey(title(index), primaryArtist(index)));
    if (keyOf.size % 1024 === 0) await breathe();
  }
  const count = (index: number) => (keyOf.has(index) ? -1 : vocabulary.counts[index]!);
  const entries = { size: vocabulary.size, title, primaryArtist, count };
  const found = await findRecordings(entries, new Set(keyOf.values()), breathe);
  const counts = { matchedTracks: 0, matchedTokens: 0, unmatchedTracks: 0, unmatchedTokens: 0 };
  for (const [index, key] of keyOf) {
    const target = found.get(key);
    const isMatched = target !== undefined && !keyOf.has(target);
    writer.redirect(index, isMatched ? target : undefined);
    counts[isMatched ? 'matchedTracks' : 'unmatchedTracks']++;
    counts[isMatched ? 'matchedTokens' : 'unmatchedTokens'] += vocabulary.counts[index]!;
  }
  return counts;
}

function firstOf(joined: string): string {
  const end = joined.indexOf(ARTIST_SEPARATOR);
  return end < 0 ? joined : joined.slice(0, end);
}

/** 53 bits of a sequence: among a million playlists two different ones meet with a chance of 1 in 18,000. */
function hashTokens(tokens: ArrayLike<number>): number {
  let low = 0x9dc5;
  let high = tokens.length;
  for (let i = 0; i < tokens.length; i++) {
    low = Math.imul(low ^ tokens[i]!, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high + tokens[i]!, 0x85ebca6b) ^ (high >>> 13);
  }
  return (low >>> 0) * 0x20_0000 + (high >>> 11);
}

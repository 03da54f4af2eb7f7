import type { Playlist } from '../music/playlist.ts';
import { isTrackId, recordingKey } from '../music/track.ts';
import type { Corpus } from './corpus-file.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import type { CorpusPart } from './manifest.ts';
import { isNamedTrackBytes } from './named-track.ts';
import { tally } from './playlist-format.ts';
import { findRecordings } from './recording-lookup.ts';
import { textAt } from './vocabulary.ts';
import { ARTIST_SEPARATOR } from './vocabulary-builder.ts';

const COPY = 'same tracks as another playlist';
/** Shorter lists may well be equal by chance; equal longer ones are one list that came by two ways. */
const COPY_TRACKS = 5;

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
): Promise<{ parts: CorpusPart[]; named: NamedTrackCounts }> {
  const seen = new Set<number>();
  const parts: CorpusPart[] = [];
  for (const source of sources) {
    const known = writer.vocabulary.size;
    const counts = { playlists: 0, tokens: 0, skipped: {} as Record<string, number> };
    const used = new Set<number>();
    const add = (tokens: ArrayLike<number>, name: string, group?: string, day?: number) => {
      if (tokens.length >= COPY_TRACKS) {
        const hash = hashTokens(tokens);
        if (seen.has(hash)) {
          tally(counts.skipped, COPY);
          return;
        }
        seen.add(hash);
      }
      for (let i = 0; i < tokens.length; i++) {
        writer.token(tokens[i]!);
        used.add(tokens[i]!);
      }
      counts.playlists++;
      counts.tokens += tokens.length;
      writer.endPlaylist(name, group, day);
    };
    if ('corpus' in source) await addCorpus(writer, source.name, source.corpus, add, breathe);
    else for (const playlist of source.playlists) addPlaylist(writer, playlist, add, counts.skipped);
    let newTracks = 0;
    for (const index of used) if (index >= known && !isNamedTrackBytes(writer.vocabulary.idBytes(index))) newTracks++;
    const manifest = 'corpus' in source ? source.corpus.manifest : undefined;
    parts.push({
      name: source.name,
      format: manifest?.source ?? (source as { format: string }).format,
      ...(manifest ? { fingerprint: manifest.fingerprint } : {}),
      ...counts,
      tracks: Array.from(used).filter((index) => !isNamedTrackBytes(writer.vocabulary.idBytes(index))).length,
      newTracks,
    });
    await breathe();
  }
  return { parts, named: matchNamedTracks(writer) };
}

type AddTokens = (tokens: ArrayLike<number>, name: string, group?: string, day?: number) => void;

async function addCorpus(
  writer: CorpusWriter,
  partName: string,
  corpus: Corpus,
  add: AddTokens,
  breathe: () => Promise<void>,
): Promise<void> {
  const vocabulary = await corpus.readVocabulary();
  const newIndex = new Uint32Array(vocabulary.size);
  for (let index = 0; index < vocabulary.size; index++) {
    const { id, title, artists, isrc } = vocabulary.entry(index);
    newIndex[index] = writer.vocabulary.indexOf(id);
    writer.vocabulary.describe(newIndex[index], title, artists.join(ARTIST_SEPARATOR), isrc);
    if (index % 4096 === 0) await breathe();
  }
  const offsets = await corpus.readOffsets();
  const groups = await corpus.readGroups();
  const days = await corpus.readDays();
  const names = await corpus.readPlaylistNames();
  const tokens = (await corpus.readTokens()).map((token) => newIndex[token]!);
  for (let playlist = 0; playlist < groups.length; playlist++) {
    const list = tokens.subarray(offsets[playlist], offsets[playlist + 1]);
    const day = days[playlist]!;
    // Only dated playlists have snapshots that belong together.
    add(list, textAt(names, playlist), day > 0 ? `${partName}\0${groups[playlist]}` : undefined, day);
    if (playlist % 1024 === 0) await breathe();
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
function matchNamedTracks(writer: CorpusWriter): NamedTrackCounts {
  const { vocabulary } = writer;
  const keyOf = new Map<number, string>();
  for (let index = 0; index < vocabulary.size; index++) {
    if (!isNamedTrackBytes(vocabulary.idBytes(index))) continue;
    keyOf.set(index, recordingKey(vocabulary.title(index), primaryArtist(vocabulary.artists(index))));
  }
  const found = findRecordings(
    {
      size: vocabulary.size,
      title: (index) => vocabulary.title(index),
      primaryArtist: (index) => primaryArtist(vocabulary.artists(index)),
      count: (index) => (keyOf.has(index) ? -1 : vocabulary.counts[index]!),
    },
    new Set(keyOf.values()),
  );
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

function primaryArtist(joined: string): string {
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

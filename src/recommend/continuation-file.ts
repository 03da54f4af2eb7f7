import { ExpectedError } from '../base/errors.ts';
import { readJsonLines } from '../base/json-lines.ts';
import { openSource } from '../base/source-files.ts';
import { isObject } from '../corpus/loose-track.ts';
import { parseTrackId } from '../music/track.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';
import { NO_ARTIST } from './recommender.ts';

/** Playlists to learn from, as evaluation files have them: any text names a track, links to Spotify by their id. */
export interface TrainingPlaylists {
  readonly sequences: TokenSequences;
  /** Name of each playlist, empty where its line has none; undefined where none has. */
  readonly names: readonly string[] | undefined;
  /** What each token was called. */
  readonly tracks: readonly string[];
  readonly tokenOf: ReadonlyMap<string, number>;
  /** Number of each token's artist, NO_ARTIST where no line names one; undefined where none names any. */
  readonly artistOf: Uint32Array | undefined;
  /** Lines that are no playlist, by reason. */
  readonly skipped: SkippedLines;
}

/** A playlist to be continued. */
export interface Continuation {
  readonly id: string;
  readonly name: string;
  readonly seeds: readonly string[];
  readonly hidden: readonly string[];
}

export type SkippedLines = { readonly [reason: string]: number };

/**
 * Lines `{"id"?, "name"?, "tracks": [...]}`; a track is its id or `{"id", "artist"?}`. Throws what `openSource` throws, and ExpectedError
 * `nothing-to-learn-from`.
 */
export async function readTrainingPlaylists(path: string): Promise<TrainingPlaylists> {
  const tokenOf = new Map<string, number>();
  const tokens: number[] = [];
  const ends: number[] = [0];
  const names: string[] = [];
  const artists = new Map<string, number>();
  const artistOf: number[] = [];
  const skipped = await eachLine(path, (line) => {
    const tracks = tracksIn(line.tracks);
    if (tracks === undefined) return 'tracks are not a list of ids';
    if (tracks.length === 0) return 'no tracks';
    for (const { id, artist } of tracks) {
      let token = tokenOf.get(id);
      if (token === undefined) {
        token = tokenOf.size;
        tokenOf.set(id, token);
        artistOf.push(NO_ARTIST);
      }
      tokens.push(token);
      if (artist === undefined) continue;
      if (!artists.has(artist)) artists.set(artist, artists.size);
      artistOf[token] = artists.get(artist)!;
    }
    ends.push(tokens.length);
    names.push(textOf(line.name) ?? '');
    return undefined;
  });
  if (tokenOf.size < 2) {
    throw new ExpectedError('nothing-to-learn-from', `There is nothing to learn from in ${path}.`, {
      why: `No line has the form {"id":"…","tracks":["…", …]} with two different tracks${saySkipped(skipped)}.`,
      hint: 'Write one playlist a line, its tracks as ids or Spotify URIs.',
    });
  }
  return {
    sequences: { tokens: Uint32Array.from(tokens), offsets: Float64Array.from(ends) },
    names: names.some((name) => name !== '') ? names : undefined,
    tracks: [...tokenOf.keys()],
    tokenOf,
    artistOf: artists.size === 0 ? undefined : Uint32Array.from(artistOf),
    skipped,
  };
}

/**
 * Lines `{"id"?, "name"?, "seeds": [...], "hidden": [...]}`; a hidden track that is a seed too is not hidden. Throws what
 * `openSource` throws, and ExpectedError `nothing-to-evaluate`.
 */
export async function readContinuations(
  path: string,
): Promise<{ readonly cases: readonly Continuation[]; readonly skipped: SkippedLines }> {
  const cases: Continuation[] = [];
  const skipped = await eachLine(path, (line) => {
    const seeds = tracksIn(line.seeds)?.map(({ id }) => id);
    const hidden = tracksIn(line.hidden)?.map(({ id }) => id);
    if (seeds === undefined || hidden === undefined) return 'seeds or hidden are not lists of ids';
    const shown = new Set(seeds);
    const sought = [...new Set(hidden)].filter((track) => !shown.has(track));
    if (sought.length === 0) return 'nothing hidden';
    cases.push({
      id: textOf(line.id) ?? String(cases.length + 1),
      name: textOf(line.name) ?? '',
      seeds: [...shown],
      hidden: sought,
    });
    return undefined;
  });
  if (cases.length > 0) return { cases, skipped };
  throw new ExpectedError('nothing-to-evaluate', `There is nothing to evaluate in ${path}.`, {
    why: `No line has the form {"id":"…","seeds":[…],"hidden":[…]} with something hidden${saySkipped(skipped)}.`,
    hint: 'Write one playlist a line: the tracks that are shown as seeds, those to be found as hidden.',
  });
}

async function eachLine(
  path: string,
  take: (line: Record<string, unknown>) => string | undefined,
): Promise<SkippedLines> {
  const skipped: Record<string, number> = {};
  const skip = (reason: string) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  for await (const file of openSource(path)) {
    const values = readJsonLines(file.stream(), ({ kind }) => skip(kind === 'truncated' ? 'cut short' : 'not JSON'));
    for await (const batch of values) {
      for (const value of batch) {
        const reason = isObject(value) ? take(value) : 'not an object';
        if (reason !== undefined) skip(reason);
      }
    }
  }
  return skipped;
}

interface TrackText {
  readonly id: string;
  readonly artist: string | undefined;
}

function tracksIn(value: unknown): TrackText[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const tracks = value.map((each): TrackText | undefined => {
    const text = textOf(isObject(each) ? each.id : each);
    const artist = isObject(each) ? textOf(each.artist) : undefined;
    return text === undefined ? undefined : { id: parseTrackId(text) ?? text, artist };
  });
  return tracks.includes(undefined) ? undefined : (tracks as TrackText[]);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function saySkipped(skipped: SkippedLines): string {
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  return reasons.length === 0 ? '' : ` (left out: ${reasons.join(', ')})`;
}

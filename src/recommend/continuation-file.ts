import { ExpectedError } from '../base/errors.ts';
import { readJsonLines } from '../base/json-lines.ts';
import { openSource } from '../base/source-files.ts';
import { isObject } from '../corpus/loose-track.ts';
import { parseTrackId } from '../music/track.ts';
import type { TokenSequences } from '../vectors/vocabulary.ts';

/** Playlists to learn from, as evaluation files have them: any text names a track, links to Spotify by their id. */
export interface TrainingPlaylists {
  readonly sequences: TokenSequences;
  /** What each token was called. */
  readonly tracks: readonly string[];
  readonly tokenOf: ReadonlyMap<string, number>;
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

/** Lines `{"id"?, "name"?, "tracks": [...]}`. Throws what `openSource` throws, and ExpectedError `nothing-to-learn-from`. */
export async function readTrainingPlaylists(path: string): Promise<TrainingPlaylists> {
  const tokenOf = new Map<string, number>();
  const tokens: number[] = [];
  const ends: number[] = [0];
  const skipped = await eachLine(path, (line) => {
    const tracks = namesIn(line.tracks);
    if (tracks === undefined) return 'tracks are not a list of ids';
    if (tracks.length === 0) return 'no tracks';
    for (const track of tracks) {
      let token = tokenOf.get(track);
      if (token === undefined) {
        token = tokenOf.size;
        tokenOf.set(track, token);
      }
      tokens.push(token);
    }
    ends.push(tokens.length);
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
    tracks: [...tokenOf.keys()],
    tokenOf,
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
    const seeds = namesIn(line.seeds);
    const hidden = namesIn(line.hidden);
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

function namesIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((each) => {
    const text = textOf(each);
    return text === undefined ? undefined : (parseTrackId(text) ?? text);
  });
  return names.includes(undefined) ? undefined : (names as string[]);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function saySkipped(skipped: SkippedLines): string {
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  return reasons.length === 0 ? '' : ` (left out: ${reasons.join(', ')})`;
}

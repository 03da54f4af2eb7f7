import { ExpectedError } from '../base/errors.ts';
import type { Catalogue } from './catalogue.ts';
import { findSong, unknownSong } from './find-song.ts';

/** A song to start from: with weight 1 what is wanted, with -1 what is not. */
export interface WeightedRow {
  readonly row: number;
  readonly weight: number;
}

export interface SongsAskedFor {
  /** What was typed: one song in words, several songs, or "this + that - other". */
  readonly words: readonly string[];
  /** One song each, never an expression. */
  readonly plus?: readonly string[] | undefined;
  readonly minus?: readonly string[] | undefined;
}

/** Without quotes nobody can tell where a song ends. */
const QUOTED = 'For several songs, quote each: "artist - title" "artist - title".';

/** Every way to cut so many is tried in a moment. */
const MOST_PARTS = 40;

const SEVERAL = 'Name several songs as --plus "artist - title" and --minus "artist - title".';

/**
 * The songs that a command line names. Words that together name one song are that song; else each word (or phrase that
 * was quoted) is a song or an expression. Throws ExpectedError `unknown-track`, `ambiguous-songs` or `too-many-songs`.
 */
export async function readSongs(catalogue: Catalogue, asked: SongsAskedFor): Promise<WeightedRow[]> {
  const songs = await readWords(catalogue, asked.words);
  for (const [names, weight] of [
    [asked.plus ?? [], 1],
    [asked.minus ?? [], -1],
  ] as const) {
    for (const name of names) {
      const found = findSong(catalogue, name);
      if (found === undefined) throw await unknownSong(catalogue, name);
      songs.push({ row: found.row, weight });
    }
  }
  return songs;
}

async function readWords(catalogue: Catalogue, words: readonly string[]): Promise<WeightedRow[]> {
  const joined = words.join(' ');
  const whole = findSong(catalogue, joined);
  if (whole !== undefined) return [{ row: whole.row, weight: 1 }];
  // Single words are a name without quotes: as songs of their own, nearly any of them would be somebody's title.
  const areSongs = words.some((word) => /\s/.test(word.trim()) || isId(catalogue, word));
  if (words.length === 1 || words.some(isSign)) return await readExpression(catalogue, joined);
  if (!areSongs) throw await unknownSong(catalogue, joined, QUOTED);
  const songs: WeightedRow[] = [];
  for (const word of words) songs.push(...(await readExpression(catalogue, word)));
  return songs;
}

function isId(catalogue: Catalogue, word: string): boolean {
  const found = findSong(catalogue, word);
  return found !== undefined && !found.byTitle;
}

function isSign(word: string): boolean {
  return word === '+' || word === '-';
}

/** One way to understand an expression: consecutive parts that name a song each, and the signs before them. */
type Reading = readonly Term[];

interface Term extends WeightedRow {
  readonly text: string;
}

interface Readings {
  /** Few songs are better than many, then few that are named by their title alone. */
  readonly songs: number;
  readonly titles: number;
  /** The best, two at most: of more nobody needs to know. */
  readonly best: readonly Reading[];
}

/**
 * "this + that - other". The signs stand in names as well ("artist - title"), so every way to cut the text at some of
 * them into known songs is tried, and the one with the fewest songs is meant. A minus sign next to a title without its
 * artist means nothing: "Nina Simone - Feeling Good" must not become the song "Nina Simone" without another one.
 */
async function readExpression(catalogue: Catalogue, text: string): Promise<Term[]> {
  const { best } = readParts(catalogue, text);
  if (best.length === 0) throw await unknownSong(catalogue, ...unknownPart(catalogue, text));
  if (best.length > 1) throw ambiguous(text, best);
  return [...best[0]!];
}

function readParts(catalogue: Catalogue, text: string): Readings {
  const { parts, signs } = cutAtSigns(text);
  // From the end: the readings of what follows each sign.
  const from: Readings[] = [];
  from[parts.length] = { songs: 0, titles: 0, best: [[]] };
  for (let start = parts.length - 1; start >= 0; start--) {
    let readings: Readings = { songs: Number.POSITIVE_INFINITY, titles: 0, best: [] };
    for (let end = start + 1; end <= parts.length; end++) {
      const rest = from[end]!;
      if (rest.best.length === 0) continue;
      const words =
        parts[start]! +
        signs
          .slice(start, end - 1)
          .map((sign, i) => ` ${sign} ${parts[start + i + 1]}`)
          .join('');
      const found = findSong(catalogue, words);
      if (found === undefined) continue;
      const before = start === 0 ? '+' : signs[start - 1]!;
      if (found.byTitle && (before === '-' || signs[end - 1] === '-')) continue;
      const term = { row: found.row, weight: before === '+' ? 1 : -1, text: words };
      readings = better(readings, {
        songs: rest.songs + 1,
        titles: rest.titles + (found.byTitle ? 1 : 0),
        best: rest.best.map((reading) => [term, ...reading]),
      });
    }
    from[start] = readings;
  }
  return from[0]!;
}

function better(a: Readings, b: Readings): Readings {
  const order = a.songs - b.songs || a.titles - b.titles;
  if (order !== 0) return order < 0 ? a : b;
  return { ...a, best: [...a.best, ...b.best].slice(0, 2) };
}

function cutAtSigns(text: string): { parts: string[]; signs: string[] } {
  const pieces = text.trim().split(/\s+([+-])\s+/);
  const parts = pieces.filter((_, i) => i % 2 === 0);
  if (parts.length > MOST_PARTS) {
    throw new ExpectedError('too-many-songs', 'These are too many songs in one expression.', {
      why: `It has ${parts.length} parts; at most ${MOST_PARTS} can be read.`,
      hint: SEVERAL,
    });
  }
  return { parts, signs: pieces.filter((_, i) => i % 2 === 1) };
}

/** Of an expression that cannot be read the part to blame, and what else to say. */
function unknownPart(catalogue: Catalogue, text: string): [string, string?] {
  const part = text.split(/\s\+\s/).find((term) => readParts(catalogue, term).best.length === 0) ?? text;
  const { signs } = cutAtSigns(part);
  return signs.length > 1 ? [part, SEVERAL] : [part];
}

function ambiguous(text: string, readings: readonly Reading[]): ExpectedError {
  const show = (reading: Reading) =>
    reading.map(({ text: words, weight }, i) => `${i === 0 ? '' : weight > 0 ? '+ ' : '- '}"${words}"`).join(' ');
  return new ExpectedError('ambiguous-songs', `"${text}" can be read in more than one way.`, {
    why: `It may be ${readings.map(show).join(' or ')}.`,
    hint: SEVERAL,
  });
}

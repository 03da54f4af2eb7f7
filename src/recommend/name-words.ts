import { normaliseName } from '../music/track.ts';

/** Letters of a gram. */
const GRAM = 3;

/**
 * The words of a playlist's name, each once: normalised (music/track.ts), and every emoji as a word of its own, since
 * many a name is nothing else.
 */
export function wordsOf(name: string): string[] {
  const emoji = name.match(/\p{Extended_Pictographic}/gu) ?? [];
  const words = normaliseName(name).split(' ');
  return [...new Set([...words, ...emoji])].filter((word) => word !== '');
}

/**
 * Three letters in a row of each word, its ends marked by blanks, each gram once: `rocks` and `rock` share three. A stemmer
 * would know one language; names of playlists are in all of them, and misspelt.
 */
export function gramsOf(words: readonly string[]): string[] {
  const grams = new Set<string>();
  for (const word of words) {
    const letters = [' ', ...word, ' '];
    for (let at = 0; at + GRAM <= letters.length; at++) grams.add(letters.slice(at, at + GRAM).join(''));
  }
  return [...grams];
}

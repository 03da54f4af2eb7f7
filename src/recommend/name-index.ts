import { turnTaker } from '../corpus/breathing.ts';
import { gramsOf, wordsOf } from './name-words.ts';
import { ScoreBoard } from './score-board.ts';

/** Playlists by what they are called. A title is a set of words: names with the same words in any order are one. */
export interface NameIndex {
  /** Playlists of each title, rising. */
  readonly playlistsOf: readonly (readonly number[])[];
  /** The titles most like a name, at most `most`, with their similarity, above 0 to 1; none where none shares anything with it. */
  like(name: string, most: number): { readonly titles: Uint32Array; readonly similarities: Float64Array };
}

/** Titles that have a feature, and how much it says. */
interface Feature {
  readonly titles: number[];
  playlists: number;
  idf: number;
}

/** One kind of feature: words, or grams. */
interface Features {
  readonly of: (words: readonly string[]) => readonly string[];
  readonly byText: Map<string, Feature>;
  /** Root of the sum of squares of each title's idfs. */
  norms: Float64Array;
  /** Of what no playlist has: as if one had it. */
  readonly rarest: number;
}

/**
 * similarity(a, b) = (1 - g) x cosine of their words + g x cosine of their grams, both weighed by idf = log(1 + playlists /
 * playlists that have it), of what none has log(1 + playlists); g = `gramWeight`. A playlist without a usable name is like
 * no other. Lets the event loop breathe; throws the signal's reason.
 */
export async function indexNames(
  names: readonly string[],
  gramWeight: number,
  signal: AbortSignal,
): Promise<NameIndex> {
  const breathe = turnTaker(signal);
  const titleOfName = new Map<string, number>();
  const titleOfWords = new Map<string, number>();
  const wordsByTitle: (readonly string[])[] = [];
  const playlistsOf: number[][] = [];
  for (const [playlist, name] of names.entries()) {
    if (playlist % 1024 === 0) await breathe();
    let title = titleOfName.get(name);
    if (title === undefined) {
      const words = wordsOf(name).sort();
      const key = words.join(' ');
      title = titleOfWords.get(key) ?? titleOfWords.size;
      titleOfName.set(name, title);
      titleOfWords.set(key, title);
      if (title === wordsByTitle.length) {
        wordsByTitle.push(words);
        playlistsOf.push([]);
      }
    }
    if (wordsByTitle[title]!.length > 0) playlistsOf[title]!.push(playlist);
  }
  const kinds = [
    { share: 1 - gramWeight, features: newFeatures((words) => words, names.length) },
    { share: gramWeight, features: newFeatures(gramsOf, names.length) },
  ].filter(({ share }) => share > 0);
  for (const { features } of kinds) {
    for (const [title, words] of wordsByTitle.entries()) {
      if (title % 1024 === 0) await breathe();
      note(features, title, words, playlistsOf[title]!.length);
    }
    weigh(features, wordsByTitle.length, names.length);
  }
  const board = new ScoreBoard(wordsByTitle.length);
  return {
    playlistsOf,
    like(name, most) {
      board.clear();
      const words = wordsOf(name).sort();
      for (const { share, features } of kinds) compare(features, words, share, board);
      const { rows, scores } = board.best(most, new Set());
      return { titles: rows, similarities: scores };
    },
  };
}

function newFeatures(of: Features['of'], playlists: number): Features {
  return { of, byText: new Map(), norms: new Float64Array(0), rarest: Math.log(1 + playlists) };
}

function note({ of, byText }: Features, title: number, words: readonly string[], playlists: number): void {
  for (const text of of(words)) {
    let feature = byText.get(text);
    if (feature === undefined) {
      feature = { titles: [], playlists: 0, idf: 0 };
      byText.set(text, feature);
    }
    feature.titles.push(title);
    feature.playlists += playlists;
  }
}

function weigh(features: Features, titles: number, playlists: number): void {
  const squares = new Float64Array(titles);
  for (const feature of features.byText.values()) {
    feature.idf = Math.log(1 + playlists / feature.playlists);
    for (const title of feature.titles) squares[title]! += feature.idf ** 2;
  }
  features.norms = squares.map(Math.sqrt);
}

/** Adds share x cosine to every title that shares a feature with the words. */
function compare(
  { of, byText, norms, rarest }: Features,
  words: readonly string[],
  share: number,
  board: ScoreBoard,
): void {
  const found = of(words).map((text) => byText.get(text));
  const norm = Math.sqrt(found.reduce((sum, feature) => sum + (feature?.idf ?? rarest) ** 2, 0));
  for (const feature of found) {
    if (feature === undefined) continue;
    for (const title of feature.titles) board.add(title, (share * feature.idf ** 2) / (norm * norms[title]!));
  }
}

import { nextBits, type RandomState } from './random-bits.ts';
import type { TrainingSettings } from './settings.ts';
import type { TokenSequences, Vocabulary } from './vocabulary.ts';

/** Turns sentences of tokens into the rows that are trained. */
export interface SentenceReader {
  /**
   * Fills `rows` with the rows of a sentence that survive min count and subsampling and returns how many; `tokens` is
   * then how many had a row at all, which is what counts as read.
   */
  read(sentence: number, rows: Int32Array, random: RandomState): number;
  readonly tokens: number;
}

/** `vocabulary`: as much of it as reading needs. To the whole playlist a track is in it or not: its second occurrence would only predict itself. */
export function sentenceReader(
  corpus: TokenSequences,
  vocabulary: Pick<Vocabulary, 'rowOf'>,
  chances: Float64Array | undefined,
  { window }: Pick<TrainingSettings, 'window'>,
): SentenceReader {
  const { tokens, offsets } = corpus;
  const { rowOf } = vocabulary;
  const seen = window === 'playlist' ? newRowSet(longestSentence(corpus)) : undefined;
  const reader = {
    tokens: 0,
    read(sentence: number, rows: Int32Array, random: RandomState): number {
      const from = offsets[sentence]!;
      const to = offsets[sentence + 1]!;
      let length = 0;
      reader.tokens = 0;
      seen?.clear(to - from);
      for (let position = from; position < to; position++) {
        const row = rowOf[tokens[position]!]!;
        if (row < 0) continue;
        reader.tokens++;
        if (chances !== undefined && nextBits(random) >= chances[row]!) continue;
        if (seen !== undefined && !seen.add(row)) continue;
        rows[length++] = row;
      }
      return length;
    },
  };
  return reader;
}

/**
 * The rows of one sentence: open addressing in a table that fits the sentence, so that it stays in the nearest cache,
 * and is emptied by a number. A Set takes 40 ns a row, as much as a tenth of training it.
 */
function newRowSet(longest: number) {
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(1, longest)));
  const rows = new Int32Array(size);
  const visits = new Uint32Array(size);
  let visit = 0;
  let mask = 0;
  return {
    /** Empties it for a sentence of up to `length` rows. */
    clear(length: number): void {
      mask = 2 ** (33 - Math.clz32(Math.max(1, length))) - 1;
      if (mask >= size) mask = size - 1;
      visit++;
    },
    /** False where the row was there. */
    add(row: number): boolean {
      let slot = Math.imul(row, 0x9e3779b1) & mask;
      while (visits[slot] === visit) {
        if (rows[slot] === row) return false;
        slot = (slot + 1) & mask;
      }
      visits[slot] = visit;
      rows[slot] = row;
      return true;
    },
  };
}

/**
 * word2vec's subsampling: the chance, out of 2^32, that an occurrence of each row (n) is kept: sqrt(t / f) + t / f, f
 * being its share of all tokens. undefined where the threshold t is 0 and all are kept.
 */
export function keepChances(vocabulary: Vocabulary, threshold: number): Float64Array | undefined {
  if (threshold === 0) return undefined;
  const chances = new Float64Array(new SharedArrayBuffer(vocabulary.counts.length * 8));
  for (let row = 0; row < chances.length; row++) {
    const ratio = (threshold * vocabulary.total) / vocabulary.counts[row]!;
    chances[row] = Math.min(1, Math.sqrt(ratio) + ratio) * 0x1_0000_0000;
  }
  return chances;
}

/** Tokens of the longest sentence. */
export function longestSentence(corpus: TokenSequences): number {
  let length = 0;
  for (let sentence = 0; sentence + 1 < corpus.offsets.length; sentence++) {
    length = Math.max(length, corpus.offsets[sentence + 1]! - corpus.offsets[sentence]!);
  }
  return length;
}

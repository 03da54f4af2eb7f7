/** Playlists as integers: sentence s is `tokens[offsets[s] .. offsets[s + 1])`, so `offsets` has one entry more than there are sentences. */
export interface TokenSequences {
  readonly tokens: Uint32Array;
  readonly offsets: Uint32Array | Float64Array;
}

/** The tokens that get a vector, most frequent first (ties: lower token first), as in word2vec and gensim. */
export interface Vocabulary {
  /** Token of each row (n). */
  readonly tokens: Uint32Array;
  /** Occurrences of each row (n). */
  readonly counts: Uint32Array;
  /** Row of each token of the corpus; -1 where it is left out. */
  readonly rowOf: Int32Array;
  /** Occurrences of all tokens that have a row. */
  readonly total: number;
}

export function buildVocabulary(corpus: TokenSequences, minCount: number): Vocabulary {
  let size = 0;
  for (let at = 0; at < corpus.tokens.length; at++) size = Math.max(size, corpus.tokens[at]! + 1);
  const occurrences = new Uint32Array(size);
  for (let at = 0; at < corpus.tokens.length; at++) occurrences[corpus.tokens[at]!]!++;

  const kept: number[] = [];
  for (let token = 0; token < size; token++) {
    if (occurrences[token]! > 0 && occurrences[token]! >= minCount) kept.push(token);
  }
  kept.sort((a, b) => occurrences[b]! - occurrences[a]! || a - b);

  const tokens = Uint32Array.from(kept);
  const counts = tokens.map((token) => occurrences[token]!);
  const rowOf = new Int32Array(size).fill(-1);
  for (let row = 0; row < tokens.length; row++) rowOf[tokens[row]!] = row;
  let total = 0;
  for (let row = 0; row < counts.length; row++) total += counts[row]!;
  return { tokens, counts, rowOf, total };
}

/** How long playlists are, in tokens. */
export interface LengthProfile {
  readonly shortest: number;
  /** A tenth of the playlists is as long or shorter. */
  readonly tenth: number;
  readonly median: number;
  readonly ninetieth: number;
  readonly longest: number;
  readonly mean: number;
}

/** What would be left with a minimum count. */
export interface MinCountRow {
  readonly minCount: number;
  readonly tracks: number;
  readonly tokens: number;
}

const MIN_COUNTS = [1, 2, 3, 5, 10, 20, 50, 100];

/** `offsets` as in a corpus (corpus-file.ts); undefined without playlists. */
export function profileLengths(offsets: Uint32Array): LengthProfile | undefined {
  const playlists = offsets.length - 1;
  if (playlists < 1) return undefined;
  const lengths = new Uint32Array(playlists);
  for (let p = 0; p < playlists; p++) lengths[p] = offsets[p + 1]! - offsets[p]!;
  lengths.sort();
  const at = (share: number) => lengths[Math.floor((playlists - 1) * share)]!;
  return {
    shortest: at(0),
    tenth: at(0.1),
    median: at(0.5),
    ninetieth: at(0.9),
    longest: at(1),
    mean: offsets[playlists]! / playlists,
  };
}

/** Tracks and their tokens that stay with each of a few minimum counts, as far as any do. `counts` fall, as in a vocabulary. */
export function profileCounts(counts: Uint32Array): MinCountRow[] {
  const rows: MinCountRow[] = [];
  let tracks = 0;
  let tokens = 0;
  for (const minCount of MIN_COUNTS.toReversed()) {
    for (; tracks < counts.length && counts[tracks]! >= minCount; tracks++) tokens += counts[tracks]!;
    if (tracks > 0) rows.unshift({ minCount, tracks, tokens });
  }
  return rows;
}

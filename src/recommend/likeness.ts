import type { Neighbour } from '../vectors/nearest.ts';
import type { SearchIndex } from '../vectors/search-index.ts';

// The songs of a playlist that stand in no other have all but the same vector: their cosine is 1.00, and says only that they
// share that playlist. So likeness is cosine x certainty, and a song that stands n times in playlists is known with certainty
// n / (n + 1). docs/decisions/0013-likeness.md has the measurements.

/** How sure vectors are, by how often each row stands in playlists (n). Vectors from elsewhere, whose counts say nothing, are taken as sure. */
export function certaintyBy(counts: Uint32Array): (row: number) => number {
  const differ = counts.some((count) => count !== counts[0]);
  return differ ? (row) => certaintyOf(counts[row]!) : () => 1;
}

function certaintyOf(count: number): number {
  return count / (count + 1);
}

/** Certainties from 32 occurrences on are within 3 %. */
const LAST_BAND = 5;

/**
 * The k rows most like `query` (d) by cosine x the root of both certainties, exactly, best first, ties by row; a negative
 * cosine stays what it is. `certainty`: of the query. `excluded`: 1 for each row to leave out.
 */
export async function mostLike(
  index: SearchIndex,
  counts: Uint32Array,
  query: { readonly vector: Float64Array; readonly certainty: number },
  k: number,
  excluded: Uint8Array,
): Promise<Neighbour[]> {
  const certainty = certaintyBy(counts);
  const likeness = (cosine: number, ofRow: number) =>
    cosine < 0 ? cosine : cosine * Math.sqrt(ofRow * query.certainty);
  const bands = Uint8Array.from(counts, (count) => Math.min(LAST_BAND, Math.floor(Math.log2(Math.max(1, count)))));
  let best: Neighbour[] = [];
  // The index knows cosines only. Rows of about one certainty are in about the right order by them, so each band is searched alone.
  for (let band = LAST_BAND; band >= 0; band--) {
    const mask = new Uint8Array(excluded.length);
    let most = -1;
    for (let row = 0; row < mask.length; row++) {
      if (excluded[row] === 1 || bands[row] !== band) mask[row] = 1;
      else most = Math.max(most, certainty(row));
    }
    if (most < 0) continue;
    const before = best;
    for (let wanted = k, limit = likeness(1, most); (best[k - 1]?.score ?? -2) < limit; wanted *= 4) {
      const near = await index.nearest(query.vector, { k: wanted, measure: 'cosine', excluded: mask });
      best = [...before, ...near.map(({ row, score }) => ({ row, score: likeness(score, certainty(row)) }))]
        .sort((a, b) => b.score - a.score || a.row - b.row)
        .slice(0, k);
      limit = near.length < wanted ? -2 : likeness(near.at(-1)!.score, most);
    }
  }
  return best;
}

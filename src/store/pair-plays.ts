import { SAME_PLAY_MS } from '../music/play.ts';

/**
 * Which polled plays and which exported plays of ONE track are the same play: both give the end, the Web API up to about
 * a minute off. Pairs are at most 90 s apart; nearest pairs first, each play in one pair only. The answer depends on the
 * two sets alone, so that it does not matter which source came first. Times in ms; returns polled -> exported.
 */
export function pairPlays(polled: readonly number[], exported: readonly number[]): Map<number, number> {
  const pairs: { polled: number; exported: number; apart: number }[] = [];
  const exports = [...new Set(exported)].sort((a, b) => a - b);
  let first = 0;
  for (const poll of [...new Set(polled)].sort((a, b) => a - b)) {
    while (first < exports.length && exports[first]! < poll - SAME_PLAY_MS) first++;
    for (let at = first; at < exports.length && exports[at]! <= poll + SAME_PLAY_MS; at++) {
      pairs.push({ polled: poll, exported: exports[at]!, apart: Math.abs(exports[at]! - poll) });
    }
  }
  pairs.sort((a, b) => a.apart - b.apart || a.polled - b.polled || a.exported - b.exported);
  const paired = new Map<number, number>();
  const taken = new Set<number>();
  for (const pair of pairs) {
    if (paired.has(pair.polled) || taken.has(pair.exported)) continue;
    paired.set(pair.polled, pair.exported);
    taken.add(pair.exported);
  }
  return paired;
}

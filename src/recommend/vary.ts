import type { Rows } from '../vectors/nearest.ts';
import type { Picks, RankedCandidate } from './compose.ts';
import { LAST_STANDING, standing } from './dials.ts';
import { cosineOf } from './song-distance.ts';

export interface VarietyOptions {
  /** 0..1: the share of unlikeness in each choice. */
  readonly variety: number;
  readonly vectors: Rows;
  /** Number of the cluster of a row, where there is one. */
  readonly clusterOf?: (row: number) => number | undefined;
}

/** Where both clusters are known, a quarter of likeness is whether they are the same. */
const CLUSTER_SHARE = 0.25;

/**
 * Candidates, best first, as maximal marginal relevance takes them (Carbonell and Goldstein 1998): next comes the one with the
 * highest (1 - variety) standing - variety x its greatest likeness to one that was taken; ties in the order given. Likeness:
 * cosine of the song vectors, at least 0; a quarter of it is the cluster where known. Those that a rule forbids push nothing
 * away. For `compose`; can be gone through once. At most taken x 5,000 likenesses: what is ranked lower follows as it stands.
 */
export function varied(candidates: Iterable<RankedCandidate>, { variety, vectors, clusterOf }: VarietyOptions): Picks {
  const likeness = likenessOf(vectors, clusterOf);
  const taken: number[] = [];
  return {
    taken: ({ row }) => void taken.push(row),
    *[Symbol.iterator]() {
      const source = Iterator.from(candidates);
      const left: Waiting[] = [];
      while (left.length < LAST_STANDING) {
        const next = source.next();
        if (next.done) break;
        const worth = (1 - variety) * standing(left.length + 1);
        left.push({ candidate: next.value, worth, nearest: 0, compared: 0 });
      }
      while (left.length > 0) yield left.splice(bestOf(left, taken, variety, likeness), 1)[0]!.candidate;
      yield* source;
    },
  };
}

interface Waiting {
  readonly candidate: RankedCandidate;
  /** Its standing's part of the value. */
  readonly worth: number;
  /** Greatest likeness to the first `compared` that were taken. */
  nearest: number;
  compared: number;
}

function bestOf(left: Waiting[], taken: readonly number[], variety: number, likeness: Likeness): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < left.length; at++) {
    const each = left[at]!;
    // A value only falls as more is taken: one that is behind already need not be compared with the newest.
    while (each.compared < taken.length && each.worth - variety * each.nearest > highest)
      each.nearest = Math.max(each.nearest, likeness(each.candidate.row, taken[each.compared++]!));
    const value = each.worth - variety * each.nearest;
    if (value <= highest) continue;
    best = at;
    highest = value;
  }
  return best;
}

type Likeness = (a: number, b: number) => number;

function likenessOf(vectors: Rows, clusterOf: VarietyOptions['clusterOf']): Likeness {
  const cosine = cosineOf(vectors);
  return (a, b) => {
    const near = Math.max(0, cosine(a, b));
    const [left, right] = [clusterOf?.(a), clusterOf?.(b)];
    if (left === undefined || right === undefined) return near;
    return (1 - CLUSTER_SHARE) * near + CLUSTER_SHARE * (left === right ? 1 : 0);
  };
}

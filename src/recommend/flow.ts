import type { Rows } from '../vectors/nearest.ts';
import { improvePath, LEAST_GAIN, pathLength } from './shorten-path.ts';
import { type FlowingSong, songDistance } from './song-distance.ts';

/** 500 songs have a matrix of 2 MB and take half a second; more are ordered so many at a time. */
const AT_ONCE = 500;

/** Of so few, paths by way of each other song are tried: of 40,000 worlds of up to 8 songs 99.7 % then come out shortest, not 96.5. */
const FEW = 60;

/**
 * The songs in an order in which neighbours are close (song-distance.ts): the first stays first, the way through all
 * others is short. Paths by nearest neighbour and the given order are improved by 2-opt (Croes 1958) and Or-opt (Or 1976)
 * until neither finds anything more; the shortest is taken. Never longer than the given order; the same songs in the same
 * order give the same. More than 500 are ordered 500 at a time, so that the best stay in front.
 */
export function flow<Song extends FlowingSong>(songs: readonly Song[], vectors: Rows): Song[] {
  const distance = songDistance(vectors);
  const ordered: Song[] = songs.slice(0, 1);
  for (let start = 1; start < songs.length; start += AT_ONCE) {
    const block = [ordered.at(-1)!, ...songs.slice(start, start + AT_ONCE)];
    const order = orderFromFirst(block.length, (a, b) => distance(block[a]!, block[b]!));
    for (const at of order.subarray(1)) ordered.push(block[at]!);
  }
  return flowLength(ordered, vectors) > flowLength(songs, vectors) ? [...songs] : ordered;
}

/** Sum of the distances between neighbours. */
export function flowLength(songs: readonly FlowingSong[], vectors: Rows): number {
  const distance = songDistance(vectors);
  return songs.reduce((sum, song, at) => (at === 0 ? 0 : sum + distance(songs[at - 1]!, song)), 0);
}

/** A short way from 0 through all of n places. `distance` is the same both ways round. */
export function orderFromFirst(n: number, distance: (a: number, b: number) => number): Uint32Array {
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      matrix[a * n + b] = distance(a, b);
      matrix[b * n + a] = matrix[a * n + b]!;
    }
  }
  let shortest = Uint32Array.from({ length: n }, (_, at) => at);
  improvePath(shortest, matrix);
  // The second place of the path; -1: the nearest.
  const seconds = n <= FEW ? Array.from({ length: Math.max(0, n - 1) }, (_, at) => at + 1) : [-1];
  for (const second of seconds) {
    const path = nearestNeighbours(n, matrix, second);
    improvePath(path, matrix);
    if (pathLength(path, matrix) < pathLength(shortest, matrix) - LEAST_GAIN) shortest = path;
  }
  return shortest;
}

/** From 0 by way of `second` always on to the nearest that is left; ties to the one given first. */
function nearestNeighbours(n: number, matrix: Float64Array, second: number): Uint32Array<ArrayBuffer> {
  const path = new Uint32Array(n);
  const visited = new Uint8Array(n);
  visited[0] = 1;
  for (let at = 1; at < n; at++) {
    const from = path[at - 1]! * n;
    let next = at === 1 ? second : -1;
    const isSet = next >= 0;
    for (let place = 0; place < n && !isSet; place++) {
      if (visited[place] === 0 && (next < 0 || matrix[from + place]! < matrix[from + next]!)) next = place;
    }
    path[at] = next;
    visited[next] = 1;
  }
  return path;
}

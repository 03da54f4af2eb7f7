import { nextBelow, PURPOSES, randomState } from './random-bits.ts';

/**
 * Sentences that one thread trains before it takes the next batch: about a thousand songs, a millisecond. A batch is also
 * the unit of chance (its draws depend on seed, epoch and batch alone) and of stopping and going on.
 */
export const SENTENCES_PER_BATCH = 16;

export function batchesOf(sentences: number): number {
  return Math.ceil(sentences / SENTENCES_PER_BATCH);
}

/**
 * Fills `order` with all sentence numbers, in the order of that epoch (Fisher and Yates). Corpora come source by source;
 * word2vec reads them in order, which leaves the last source's taste on top.
 */
export function orderSentences(order: Uint32Array, seed: number, epoch: number): void {
  const random = randomState(seed, epoch, PURPOSES.order);
  for (let at = 0; at < order.length; at++) order[at] = at;
  for (let last = order.length - 1; last > 0; last--) {
    const other = nextBelow(random, last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
}

/** The stream of chance of one batch of one epoch. */
export function batchStream(epoch: number, batch: number, batches: number): number {
  return epoch * batches + batch;
}

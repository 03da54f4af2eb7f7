/** A song to start from, by the id it has in the recommender's own catalogue, and how much it weighs. */
export interface SeedTrack {
  readonly trackId: string;
  readonly weight: number;
}

/** What a recommender proposes. */
export interface Candidate {
  readonly trackId: string;
  /** Higher is better; comparable only within one answer of one recommender. */
  readonly score: number;
  /** `trackId` of the seed that speaks most for it; absent where the recommender starts from none. */
  readonly seedId?: string;
  /** Cosine between the two in [-1, 1], where there is one. */
  readonly similarity?: number;
  /** What else the recommender knows of it, for `segue why`. */
  readonly facts?: { readonly [name: string]: number };
}

/**
 * One way to get candidates, made ready by its own `fit…` function. The same seeds give the same answer; long work lets
 * the event loop breathe or sits in worker threads.
 */
export interface Recommender {
  readonly name: string;
  /** At most k candidates, best first, never one of the seeds. Seeds it does not know are passed over. */
  candidates(seeds: readonly SeedTrack[], k: number): Promise<Candidate[]>;
  /** Ends the threads it started, if any. */
  close(): Promise<void>;
}

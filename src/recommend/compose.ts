import type { Json } from '../base/task.ts';
import { normaliseName } from '../music/track.ts';
import type { CatalogueTrack } from './catalogue.ts';
import { identityOf, type KnownRecordings, knownRecordings } from './known-recordings.ts';

/** Why a candidate is left out; the first that applies, in this order. */
export type RejectionRule =
  | 'unnamed'
  | 'not-playable'
  | 'artist-left-out'
  | 'track-left-out'
  | 'explicit'
  | 'heard'
  | 'liked'
  | 'recommended-lately'
  | FilterRule
  | 'same-recording'
  | 'artist-limit';

/** What a recipe's filters ask for (recipe-filters.ts). */
export type FilterRule =
  | 'heard-lately'
  | 'never-heard'
  | 'not-liked'
  | 'artist-known'
  | 'artist-unknown'
  | 'in-playlist';

export interface CandidateFilter {
  readonly rule: FilterRule;
  forbids(track: CatalogueTrack): boolean;
}

export interface RankedCandidate {
  /** In the catalogue. */
  readonly row: number;
  readonly track: CatalogueTrack;
  readonly score: number;
  /** Name of the recommender that proposed it. */
  readonly recommender: string;
  /** What its score is made of. */
  readonly facts?: { readonly [name: string]: Json };
}

export interface RejectedCandidate {
  readonly candidate: RankedCandidate;
  readonly rule: RejectionRule;
}

/** What the listener knows already, and what Segue proposed not long ago. */
export interface Familiar {
  readonly heard: KnownRecordings;
  readonly liked: KnownRecordings;
  readonly recommendedLately: KnownRecordings;
  /** Track ids that Spotify says cannot be played. */
  readonly unplayable: ReadonlySet<string>;
}

export interface CompositionRules {
  /** Songs wanted. */
  readonly length: number;
  /** Most songs that one artist is credited on, as primary artist or guest. */
  readonly perArtist: number;
  /** Whether liked songs may come, heard ones too; absent: no. */
  readonly likedAllowed?: boolean;
  /** Why a taste rule does not want this song; undefined: none is against it. */
  readonly leavesOut?: (track: CatalogueTrack) => 'artist-left-out' | 'track-left-out' | 'explicit' | undefined;
  readonly filters?: readonly CandidateFilter[];
}

/** Candidates in an order that may depend on what was taken: the next is asked for when the one before is settled. */
export interface Picks extends Iterable<RankedCandidate> {
  /** Told of each candidate that no rule forbade. */
  taken?(candidate: RankedCandidate): void;
}

export interface Composition {
  readonly items: readonly RankedCandidate[];
  /** Candidates that a rule left out before the edition was full, best first. */
  readonly rejected: readonly RejectedCandidate[];
}

/** From a ranking, best first, or from picks (vary.ts) to an edition: takes each candidate no rule forbids until it is full. */
export function compose(ranking: Picks, familiar: Familiar, rules: CompositionRules): Composition {
  const items: RankedCandidate[] = [];
  const rejected: RejectedCandidate[] = [];
  const chosen = knownRecordings();
  const songsBy = new Map<string, number>();
  for (const candidate of ranking) {
    if (items.length >= rules.length) break;
    const artists = new Set(candidate.track.artists.map((name) => normaliseName(name) || name));
    const rule = ruleAgainst(candidate.track, familiar, chosen, artists, songsBy, rules);
    if (rule !== undefined) {
      rejected.push({ candidate, rule });
      continue;
    }
    items.push(candidate);
    ranking.taken?.(candidate);
    chosen.add(identityOf(candidate.track));
    for (const artist of artists) songsBy.set(artist, (songsBy.get(artist) ?? 0) + 1);
  }
  return { items, rejected };
}

function ruleAgainst(
  track: CatalogueTrack,
  familiar: Familiar,
  chosen: KnownRecordings,
  artists: ReadonlySet<string>,
  songsBy: ReadonlyMap<string, number>,
  { perArtist, likedAllowed = false, leavesOut, filters = [] }: CompositionRules,
): RejectionRule | undefined {
  // Without a name there is neither a reason to print nor a way to tell its other editions.
  if (track.title === '' || track.artists.length === 0) return 'unnamed';
  if (familiar.unplayable.has(track.id)) return 'not-playable';
  const leftOut = leavesOut?.(track);
  if (leftOut !== undefined) return leftOut;
  const identity = identityOf(track);
  const isLiked = familiar.liked.has(identity);
  // Who likes a song has heard it as a rule; where liked songs may come, that must not keep them out.
  if (familiar.heard.has(identity) && !(isLiked && likedAllowed)) return 'heard';
  if (isLiked && !likedAllowed) return 'liked';
  if (familiar.recommendedLately.has(identity)) return 'recommended-lately';
  for (const filter of filters) if (filter.forbids(track)) return filter.rule;
  if (chosen.has(identity)) return 'same-recording';
  for (const artist of artists) if ((songsBy.get(artist) ?? 0) >= perArtist) return 'artist-limit';
  return undefined;
}

import type { Catalogue, CatalogueTrack } from './catalogue.ts';
import type { RankedCandidate } from './compose.ts';
import { type ListeningHistory, recordingKeys } from './listening-history.ts';
import { matchSeeds } from './matching.ts';
import { isWithin, type Span } from './period.ts';
import type { SeedRow } from './recommender.ts';
import { seedsFromFavourites } from './seeds.ts';

/** What the listener did with a song of their own. */
export interface HeardFacts {
  /** Listens in the period. */
  readonly plays: number;
  readonly isLiked: boolean;
  /** Its latest listen ever. */
  readonly lastPlayedAt: Date | undefined;
}

/** A song of the listener's own history as a candidate. */
export interface OwnSong extends HeardFacts {
  readonly track: CatalogueTrack;
  readonly score: number;
}

/** The row of a song that the model does not know: beyond all vectors. */
export const NO_ROW = 0xffff_ffff;

/**
 * The recordings with at least `atLeast` listens in `span`, and those liked in it where `orLiked`; best first. Score: log2(1 + listens
 * in the span), 1 more where liked at any time; ties by the latest listen, then by id. Under the id listened to last.
 */
export function ownSongs(
  history: ListeningHistory,
  span: Span,
  { atLeast, orLiked }: { readonly atLeast: number; readonly orLiked: boolean },
): OwnSong[] {
  const keyAt = recordingKeys();
  const recordings = new Map<string, { track: CatalogueTrack; plays: number; last: Date | undefined }>();
  for (const listen of history.listens) {
    const key = keyAt(listen);
    const known = recordings.get(key) ?? { track: listen, plays: 0, last: undefined };
    if (isWithin(listen.endedAt, span)) known.plays++;
    if (known.last === undefined || listen.endedAt > known.last) {
      known.track = listen;
      known.last = listen.endedAt;
    }
    recordings.set(key, known);
  }
  const liked = new Map(history.liked.map((track) => [keyAt(track), track]));
  for (const [key, track] of liked) {
    if (!recordings.has(key)) recordings.set(key, { track, plays: 0, last: undefined });
  }
  const songs: OwnSong[] = [];
  for (const [key, { track, plays, last }] of recordings) {
    const like = liked.get(key);
    const wasLiked = orLiked && like?.since !== undefined && isWithin(like.since, span);
    if (plays < atLeast && !wasLiked && !(orLiked && like !== undefined && isEver(span))) continue;
    const { id, title, artists, isrc } = track;
    songs.push({
      track: { id, title, artists, ...(isrc === undefined ? {} : { isrc }) },
      plays,
      isLiked: like !== undefined,
      lastPlayedAt: last,
      score: Math.log2(1 + plays) + (like === undefined ? 0 : 1),
    });
  }
  return songs.sort(
    (a, b) =>
      b.score - a.score ||
      (b.lastPlayedAt?.getTime() ?? 0) - (a.lastPlayedAt?.getTime() ?? 0) ||
      (a.track.id < b.track.id ? -1 : 1),
  );
}

/** Own songs as candidates, in their order. Those that the model does not know have the row NO_ROW, and stay in. */
export function asCandidates(songs: readonly OwnSong[], catalogue: Catalogue, now: Date): RankedCandidate[] {
  const seeds = seedsFromFavourites(
    songs.map(({ track }) => track),
    'liked',
    now,
  );
  const rows = new Map(matchSeeds(seeds, catalogue).matched.map(({ seed, row }) => [seed.id, row]));
  return songs.map(({ track, score, plays, isLiked }) => ({
    row: rows.get(track.id) ?? NO_ROW,
    track,
    score,
    recommender: 'history',
    facts: { plays, liked: isLiked ? 1 : 0 },
  }));
}

/** So many of the heaviest say where the listener's tastes lie; centres of them take a tenth of a second. */
const MOST_ROWS = 2000;

/** Rows of the songs the listener heard most, at most 2,000, weighted as own songs are scored: for their centres of taste. */
export function heardRows(history: ListeningHistory, catalogue: Catalogue, now: Date): SeedRow[] {
  const ever = { since: null, until: new Date(now.getTime() + 1) };
  const most = ownSongs(history, ever, { atLeast: 1, orLiked: false }).slice(0, MOST_ROWS);
  return asCandidates(most, catalogue, now)
    .filter(({ row }) => row !== NO_ROW)
    .map(({ row, score }) => ({ row, weight: score }));
}

/** A day of liking is often unknown; over all of time it does not matter. */
function isEver({ since }: Span): boolean {
  return since === null;
}

import type { ArtistFamiliarity } from './artist-familiarity.ts';
import type { CandidateFilter, Familiar } from './compose.ts';
import { identityOf, knownRecordings } from './known-recordings.ts';
import type { ListeningHistory } from './listening-history.ts';
import type { Recipe } from './recipe.ts';

const WEEK_MS = 7 * 86_400_000;

/** A recipe's filters as `compose` takes them. */
export interface RecipeRules {
  /** What must not come because it is known. */
  readonly familiar: Pick<Familiar, 'heard' | 'liked'>;
  readonly filters: readonly CandidateFilter[];
}

/**
 * Any play counts as heard, a skipped one too: who skips a song does not want it recommended, nor is its artist new. What stands in a
 * playlist that the recipe starts from does not come either: recommenders are only told of the heaviest hundred.
 */
export function recipeRules(
  { heard, liked, artists, notHeardForWeeks }: Recipe['filters'],
  history: ListeningHistory,
  familiarity: Pick<ArtistFamiliarity, 'knows'>,
  now: Date,
): RecipeRules {
  const known = knownRecordings(history.heard);
  const favourites = knownRecordings(history.everyLike ?? history.liked.map(identityOf));
  const filters: CandidateFilter[] = [];
  if (heard === 'before') filters.push({ rule: 'never-heard', forbids: (track) => !known.has(identityOf(track)) });
  if (liked === 'only') filters.push({ rule: 'not-liked', forbids: (track) => !favourites.has(identityOf(track)) });
  if (history.playlists.size > 0) {
    const inPlaylists = knownRecordings([...history.playlists.values()].flat().map(identityOf));
    filters.push({ rule: 'in-playlist', forbids: (track) => inPlaylists.has(identityOf(track)) });
  }
  if (notHeardForWeeks !== undefined) {
    const since = now.getTime() - notHeardForWeeks * WEEK_MS;
    const lately = knownRecordings(history.heard.filter(({ lastPlayedAt }) => lastPlayedAt.getTime() >= since));
    filters.push({ rule: 'heard-lately', forbids: (track) => lately.has(identityOf(track)) });
  }
  if (artists === 'unknown')
    filters.push({ rule: 'artist-known', forbids: (track) => familiarity.knows(track.artists) });
  if (artists === 'known')
    filters.push({ rule: 'artist-unknown', forbids: (track) => !familiarity.knows(track.artists) });
  const nothing = knownRecordings();
  return {
    familiar: { heard: heard === 'never' ? known : nothing, liked: liked === 'never' ? favourites : nothing },
    filters,
  };
}

import { type ArtistFamiliarity, artistFamiliarity } from './artist-familiarity.ts';
import type { Catalogue, CatalogueTrack } from './catalogue.ts';
import type { CompositionRules, Familiar, RankedCandidate } from './compose.ts';
import { identityOf } from './known-recordings.ts';
import { type ListeningHistory, recordingKeys } from './listening-history.ts';
import { asCandidates, type OwnSong, ownSongs } from './own-songs.ts';
import { spanOf } from './period.ts';
import type { Recipe } from './recipe.ts';
import { recipeRules } from './recipe-filters.ts';
import { type RecipeSeeds, recipeSeeds } from './recipe-seeds.ts';

const WEEK_MS = 7 * 86_400_000;

export interface RecipeContext {
  readonly now: Date;
  /** IANA time zone of the listener's days. */
  readonly timeZone: string;
  /** What the recipe leaves open: songs, and days of plays. */
  readonly defaults: { readonly length: number; readonly days: number };
}

/** All that composing an edition by a recipe needs, besides the recommenders. */
export interface RecipeInput {
  readonly title: string;
  readonly seeds: RecipeSeeds;
  /** Where the pool is one's own history: its candidates, best first, and what each was. Undefined: ask recommenders. */
  readonly own:
    | { readonly candidates: readonly RankedCandidate[]; readonly songs: ReadonlyMap<string, OwnSong> }
    | undefined;
  readonly familiar: Pick<Familiar, 'heard' | 'liked'>;
  readonly rules: CompositionRules;
  /** What was recommended since then must not come again. */
  readonly notAgainSince: Date;
  /** How well the listener knows artists: for the dial and for the measures. */
  readonly artists: ArtistFamiliarity;
  /** When the listener first heard a song, or else liked it: for the order by date. */
  readonly dateOf: (track: CatalogueTrack) => Date | undefined;
}

/** Evaluates the history parts of a recipe. The same recipe, history and moment give the same. */
export function recipeInput(
  recipe: Recipe,
  history: ListeningHistory,
  catalogue: Catalogue,
  { now, timeZone, defaults }: RecipeContext,
): RecipeInput {
  // A recording's key starts with its artist: of a play too short to be a listen, that is what is known.
  const heardArtists = new Set(history.heard.map(({ recordingKey }) => recordingKey.split('|')[0]!));
  heardArtists.delete('');
  const artists = artistFamiliarity(history.listens, heardArtists);
  const { familiar, filters } = recipeRules(recipe.filters, history, artists, now);
  const { pool } = recipe;
  const songs = pool.from === 'history' ? ownSongs(history, spanOf(pool.period, { now, timeZone }), pool) : undefined;
  return {
    title: recipe.title.replaceAll('{date}', dayWords(now, timeZone)),
    seeds: recipeSeeds(recipe, history, catalogue, { now, timeZone, days: defaults.days }),
    own: songs && {
      candidates: asCandidates(songs, catalogue, now),
      songs: new Map(songs.map((song) => [song.track.id, song])),
    },
    familiar,
    rules: { length: recipe.length ?? defaults.length, perArtist: recipe.perArtist, filters },
    notAgainSince: new Date(now.getTime() - recipe.notAgainWeeks * WEEK_MS),
    artists,
    dateOf: firstDates(history),
  };
}

/** Names of playlists that a recipe starts from: their songs must be in the history's `playlists`. */
export function playlistsOf({ seeds }: Recipe): string[] {
  return [...new Set(seeds.flatMap((source) => (source.from === 'playlist' ? [source.playlist] : [])))];
}

/** "22 November 2026". */
function dayWords(now: Date, timeZone: string): string {
  return now.toLocaleDateString('en-GB', { timeZone, day: 'numeric', month: 'long', year: 'numeric' });
}

function firstDates({ listens, liked }: ListeningHistory): (track: CatalogueTrack) => Date | undefined {
  const keyAt = recordingKeys();
  const dates = new Map<string, Date>();
  for (const listen of listens) {
    const known = dates.get(keyAt(listen));
    if (known === undefined || listen.endedAt < known) dates.set(keyAt(listen), listen.endedAt);
  }
  for (const track of liked) {
    if (track.since !== undefined && !dates.has(keyAt(track))) dates.set(keyAt(track), track.since);
  }
  return (track) => dates.get(identityOf(track).recordingKey);
}

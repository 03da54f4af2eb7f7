import { periodWords } from './period.ts';
import type { Pool, Recipe, SeedSource } from './recipe.ts';

/** What a recipe does, a sentence a line. */
export function recipeWords(recipe: Recipe): string[] {
  const { seeds, widenSeeds, pool, dials, length, perArtist, notAgainWeeks, order } = recipe;
  const starts =
    seeds.length === 0 ? [] : [`Starts from ${seeds.map(sourceWords).join(' and ')}${widenSeeds ? WIDENED : ''}.`];
  const candidates = poolWords(pool);
  const songs = length === undefined ? 'As many songs as SEGUE_PLAYLIST_LENGTH says' : `${length} songs`;
  const again = notAgainWeeks === 0 ? '' : `, none that was recommended in the last ${counted(notAgainWeeks, 'week')}`;
  return [
    ...starts,
    candidates,
    `${songs}, at most ${perArtist} by one artist${again}.`,
    ...filterWords(recipe.filters),
    `Adventurousness ${shown(dials.adventurousness)} (0 artists you know well, .5 as ranked, 1 never heard), variety ${shown(dials.variety)} (0 as ranked, 1 unlike one another).`,
    ORDERS[order],
  ];
}

const WIDENED = '; where too few are known, from longer periods, then liked and top songs';

const ORDERS: Readonly<Record<Recipe['order'], string>> = {
  flow: 'Ordered so that neighbours are close in song vectors and, where known, in tempo and key.',
  score: 'Ordered best first.',
  date: 'Ordered by the day you first heard or liked them.',
};

function filterWords({ heard, liked, artists, notHeardForWeeks }: Recipe['filters']): string[] {
  return [
    {
      never: 'Only songs you never heard.',
      before: 'Only songs you heard before.',
      any: 'Songs heard before may come.',
    }[heard],
    { never: 'No liked songs.', only: 'Only liked songs.', any: 'Liked songs may come.' }[liked],
    ...{ any: [], known: ['Only artists you played before.'], unknown: ['Only artists you never played.'] }[artists],
    ...(notHeardForWeeks === undefined
      ? []
      : [`None that you heard in the last ${counted(notHeardForWeeks, 'week')}.`]),
  ];
}

function sourceWords(source: SeedSource): string {
  switch (source.from) {
    case 'plays': {
      const when = source.period === undefined ? 'in the last days (SEGUE_SEED_DAYS)' : periodWords(source.period);
      return `plays ${when}${source.atLeast > 1 ? `, of songs played at least ${times(source.atLeast)}` : ''}`;
    }
    case 'liked':
      return source.period === undefined ? 'liked songs' : `songs liked ${periodWords(source.period)}`;
    case 'top':
      return 'top songs';
    case 'playlist':
      return `the playlist ${source.playlist}`;
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? noun : `${count} ${noun}s`;
}

function shown(dial: number): string {
  return String(dial).replace(/^0\./, '.');
}

function poolWords(pool: Pool): string {
  switch (pool.from) {
    case 'recommenders':
      return 'Candidates come from the recommenders.';
    case 'nearest':
      return `Candidates are the ${pool.perSong === 1 ? 'song' : `${pool.perSong} songs`} nearest to each of these by song vectors.`;
    case 'history':
      return `Candidates are songs of your own that you played at least ${times(pool.atLeast)} ${periodWords(pool.period)}${pool.orLiked ? ', or liked then' : ''}.`;
  }
}

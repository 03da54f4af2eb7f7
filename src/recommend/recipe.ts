import { z } from 'zod';

const weeks = z.int().min(1).max(5000);

/** A stretch of time, by days of the listener's time zone; `{}` is all of it. */
const period = z
  .strictObject({
    /** The last so many days, to the minute. */
    lastDays: z.int().min(1).max(36_500).optional(),
    /** A calendar year. */
    year: z.int().min(1900).max(2200).optional(),
    /** First day, 2019-06-01. */
    since: z.iso.date().optional(),
    /** Last day, 2019-08-31; it belongs to the period. */
    until: z.iso.date().optional(),
  })
  .superRefine(({ lastDays, year, since, until }, context) => {
    const ways = [lastDays, year, since ?? until].filter((way) => way !== undefined);
    if (ways.length > 1)
      context.addIssue({ code: 'custom', message: 'says one of lastDays, year, and since with until, not several' });
    if (since !== undefined && until !== undefined && since > until)
      context.addIssue({ code: 'custom', message: 'ends before it begins' });
  });
export type Period = z.output<typeof period>;

const seedSource = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('plays'),
    /** Absent: the last days, as many as the settings say. */
    period: period.optional(),
    /** Least listens in the period. */
    atLeast: z.int().min(1).default(1),
  }),
  /** Liked songs; with a period those liked in it. */
  z.strictObject({ from: z.literal('liked'), period: period.optional() }),
  /** The account's top songs. */
  z.strictObject({ from: z.literal('top') }),
  /** A playlist of the account, by name or id. */
  z.strictObject({ from: z.literal('playlist'), playlist: z.string().trim().min(1) }),
]);
export type SeedSource = z.output<typeof seedSource>;

const pool = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('recommenders') }),
  /** Of each seed its nearest songs by song vectors, so many. */
  z.strictObject({ from: z.literal('nearest'), perSong: z.int().min(1).max(100).default(2) }),
  /** Songs of one's own history. */
  z.strictObject({
    from: z.literal('history'),
    period: period.default({}),
    /** Least listens in the period. */
    atLeast: z.int().min(1).default(1),
    /** Songs liked in the period as well, however often they were heard. */
    orLiked: z.boolean().default(false),
  }),
]);
export type Pool = z.output<typeof pool>;

const share = z.number().min(0).max(1);

/** What a recipe file says; docs/recipes.md explains every field. Defaults are the weekly discovery. */
export const recipeSchema = z
  .strictObject({
    /** Lower-case words with hyphens; what it is called by. */
    name: z
      .string()
      .max(60)
      .regex(
        /^[a-z0-9]+(-[a-z0-9]+)*$/,
        'must be lower-case letters and digits with single hyphens, such as my-recipe',
      ),
    /** One sentence. */
    summary: z.string().trim().min(1).max(200),
    /** Title of its editions; {date} becomes the day. Absent: the name and the day. */
    title: z.string().trim().min(1).max(250).optional(),
    /** Values that whoever uses it may choose; "{year}" anywhere else stands for the one called year. */
    parameters: z
      .record(
        z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be one word'),
        z.strictObject({ says: z.string().min(1), default: z.union([z.number(), z.string()]).optional() }),
      )
      .default({}),
    /** What recommenders start from. */
    seeds: z.array(seedSource).default([{ from: 'plays', atLeast: 1 }]),
    /** Where the model knows fewer than five seeds: longer periods, then liked and top songs. */
    widenSeeds: z.boolean().default(true),
    /** Where candidates come from. */
    pool: pool.default({ from: 'recommenders' }),
    filters: z
      .strictObject({
        /** Songs heard `never`, `before`, or `any`. Absent: never, of one's own history before. */
        heard: z.enum(['never', 'before', 'any']).optional(),
        /** Liked songs: `never`, `only`, or `any`. Absent: never, of one's own history any. */
        liked: z.enum(['never', 'only', 'any']).optional(),
        /** Artists that were played (`known`), that were never played (`unknown`), or `any`. */
        artists: z.enum(['any', 'known', 'unknown']).default('any'),
        /** Weeks in which the song was not played. */
        notHeardForWeeks: weeks.optional(),
      })
      .default({ artists: 'any' }),
    dials: z
      .strictObject({ adventurousness: share.default(0.5), variety: share.default(0) })
      .default({ adventurousness: 0.5, variety: 0 }),
    /** Songs in the edition. Absent: as the settings say. */
    length: z.int().min(1).max(10_000).optional(),
    /** Most songs by one artist. */
    perArtist: z.int().min(1).default(2),
    /** Weeks in which a song is not recommended again. */
    notAgainWeeks: z.int().min(0).max(5000).default(8),
    /** `flow`: neighbours are close; `score`: best first; `date`: by the day first heard or liked. */
    order: z.enum(['flow', 'score', 'date']).default('flow'),
  })
  .superRefine((recipe, context) => {
    for (const { path, says } of contradictions(recipe)) context.addIssue({ code: 'custom', path, message: says });
  })
  .transform(({ filters, title, ...recipe }) => {
    const isOwn = recipe.pool.from === 'history';
    return {
      ...recipe,
      title: title ?? `${recipe.name[0]!.toUpperCase()}${recipe.name.slice(1).replaceAll('-', ' ')}, {date}`,
      filters: {
        ...filters,
        heard: filters.heard ?? (isOwn ? ('before' as const) : ('never' as const)),
        liked: filters.liked ?? (isOwn ? ('any' as const) : ('never' as const)),
      },
    };
  });

/** A recipe with every default filled in. */
export type Recipe = z.output<typeof recipeSchema>;

interface Contradiction {
  readonly path: string[];
  readonly says: string;
}

// Each would otherwise end in an empty edition, or be ignored without a word.
function contradictions(recipe: {
  readonly seeds: readonly SeedSource[];
  readonly pool: Pool;
  readonly filters: {
    readonly heard?: string | undefined;
    readonly artists: string;
    readonly notHeardForWeeks?: number | undefined;
  };
  readonly dials: { readonly adventurousness: number };
}): Contradiction[] {
  const { filters, dials } = recipe;
  const isOwn = recipe.pool.from === 'history';
  const heard = filters.heard ?? (isOwn ? 'before' : 'never');
  const found: Contradiction[] = [];
  if (!isOwn && recipe.seeds.length === 0)
    found.push({ path: ['seeds'], says: 'must name something: recommenders need songs to start from' });
  if (isOwn && heard === 'never')
    found.push({ path: ['filters', 'heard'], says: 'cannot be "never" where the pool is your history' });
  if (isOwn && dials.adventurousness !== 0.5)
    found.push({
      path: ['dials', 'adventurousness'],
      says: 'must stay .5 where the pool is your history: all of it is known',
    });
  if (heard === 'never' && filters.notHeardForWeeks !== undefined)
    found.push({ path: ['filters', 'notHeardForWeeks'], says: 'says nothing of songs that were never heard' });
  if (filters.artists === 'unknown' && heard === 'before')
    found.push({ path: ['filters', 'artists'], says: 'cannot be "unknown" for songs that were heard before' });
  return found;
}

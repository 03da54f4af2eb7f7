import { z } from 'zod';

/** What an edition keeps of why a song is in it (`edition_item.facts`). Editions of older versions have less. */
export const itemFacts = z.object({
  /** The recommender with the second largest share. */
  runnerUp: z.string().nullish(),
  /** By member, of the score, in [0, 1]. */
  shares: z.record(z.string(), z.number()).optional(),
  /** Its place with each member, from 1; 0: not among its candidates. */
  places: z.record(z.string(), z.number()).optional(),
  /** What the blend weighed, by feature. */
  features: z.record(z.string(), z.number()).optional(),
  evidence: z
    .object({
      /** Playlists there were. */
      playlists: z.number(),
      /** Of these, how many hold the song, and how many of those a seed. */
      holders: z.number(),
      shared: z.number(),
      /** The ones most like the seeds, with the track ids of the seeds in them. */
      examples: z.array(z.object({ name: z.string(), seeds: z.array(z.string()) })),
      /** Seeds beside it: in how many playlists together, and how many hold the seed. */
      seeds: z.array(z.object({ track: z.string(), together: z.number(), holders: z.number() })),
    })
    .optional(),
});
export type ItemFacts = z.output<typeof itemFacts>;

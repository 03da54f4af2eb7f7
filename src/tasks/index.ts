// The graph on one screen: which pipelines there are, and what waits for what.
import type { Pipeline } from '../base/task.ts';

/** The pipelines, with their schedules as five cron fields in the owner's time zone. */
export function definePipelines(cron: { readonly collect: string; readonly weekly: string }): Pipeline[] {
  return [
    {
      name: 'collect',
      summary: 'Collects the latest plays before Spotify forgets them.',
      cron: cron.collect,
      nodes: [{ task: 'sync-plays', after: [] }],
    },
    {
      name: 'learn',
      summary: 'Reads the playlists to learn from, trains song vectors and makes all recommenders ready.',
      nodes: [
        { task: 'import-playlists', after: [] },
        { task: 'build-corpus', after: ['import-playlists'] },
        { task: 'train-vectors', after: ['build-corpus'] },
        { task: 'fit-recommenders', after: ['train-vectors'] },
      ],
    },
    {
      name: 'weekly',
      summary: 'Collects, learns what is new, makes an edition and puts it into the account.',
      cron: cron.weekly,
      nodes: [
        { task: 'sync-plays', after: [] },
        { task: 'sync-library', after: ['sync-plays'], optional: true },
        { task: 'measure-outcomes', after: ['sync-plays', 'sync-library'], optional: true },
        { task: 'import-playlists', after: [] },
        { task: 'import-features', after: ['import-playlists'], optional: true },
        { task: 'enrich-features', after: ['import-features', 'sync-library'], optional: true },
        { task: 'build-corpus', after: ['import-playlists', 'sync-library'] },
        { task: 'train-vectors', after: ['build-corpus'] },
        { task: 'fit-recommenders', after: ['train-vectors', 'measure-outcomes'] },
        { task: 'recommend', after: ['fit-recommenders', 'sync-plays'] },
        { task: 'publish', after: ['recommend'] },
      ],
    },
  ];
}

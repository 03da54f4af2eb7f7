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
      summary: 'Reads the playlists to learn from and trains song vectors.',
      nodes: [
        { task: 'import-playlists', after: [] },
        { task: 'build-corpus', after: ['import-playlists'] },
        { task: 'train-vectors', after: ['build-corpus'] },
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
        { task: 'recommend', after: ['train-vectors', 'sync-plays', 'measure-outcomes'] },
        { task: 'publish', after: ['recommend'] },
      ],
    },
  ];
}

import { availableParallelism } from 'node:os';
import type { Json } from '../base/task.ts';
import { surveyFeatures } from '../recommend/feature-survey.ts';
import { readFeatureCoverage } from '../store/feature-songs.ts';
import { openFeatures } from '../tasks/open-features.ts';
import type { CliCommand } from './command.ts';
import { coverageOf, reportFeatures } from './features-report.ts';
import { showSongFeatures, songsOf } from './features-song.ts';
import { positiveNumber } from './option-values.ts';

export const features: CliCommand = {
  name: 'features',
  summary: 'Look at the audio features: how they are spread, what goes together, clusters; or those of one song.',
  runs: 'app',
  examples: ['features', 'features --clusters 6', 'features "TOTO - Africa"'],
  define: (command) =>
    command
      .argument('[track...]', 'a track id, URI or link, "artist - title" or a title: one song beside all')
      .option('--clusters <n>', 'how many clusters; default: as many as fit best, 4 to 10', positiveNumber)
      .option('--count <n>', 'nearest songs of one song', positiveNumber, 10),
  async run({ args, options }, { app, terminal }) {
    const { store, config, listener } = await app();
    const opened = await openFeatures(store, config.dataDir, terminal.signal);
    const words = ((args[0] as string[] | undefined) ?? []).join(' ');
    if (words !== '') {
      const count = options.count as number;
      return await showSongFeatures(opened, words, { count, threads: availableParallelism() }, terminal.width);
    }
    const clusters = options.clusters as number | undefined;
    const { survey } = await surveyFeatures(opened.songs.features, opened.matrix, {
      ...(clusters === undefined ? {} : { least: clusters, most: clusters }),
      signal: terminal.signal,
    });
    const coverage = coverageOf(opened, await readFeatureCoverage(store.db, listener.id));
    const songs = songsOf(opened);
    const shown = {
      ...survey,
      clusters: survey.clusters.map(({ example, ...cluster }) => {
        const { id, title, artists } = songs.track(example);
        return { ...cluster, example: { id, title, artists: [...artists] } };
      }),
    };
    return {
      // A feature that no song has has no mean: null.
      json: JSON.parse(JSON.stringify({ coverage, ...shown })) as Json,
      lines: reportFeatures(coverage, shown, terminal),
      next: 'segue features "artist - title"',
    };
  },
};

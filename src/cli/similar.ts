import { availableParallelism } from 'node:os';
import stringWidth from 'string-width';
import type { Catalogue, CatalogueTrack } from '../recommend/catalogue.ts';
import { findSimilar, type SimilarTrack } from '../recommend/similar.ts';
import { readSongs, type WeightedRow } from '../recommend/song-expression.ts';
import { openSongVectors } from '../tasks/open-song-vectors.ts';
import type { CliCommand } from './command.ts';
import { cut, paint, table, wrap } from './format.ts';
import { positiveNumber } from './option-values.ts';
import type { Terminal } from './terminal.ts';

type By = 'likeness' | 'continuation';

export const similar: CliCommand = {
  name: 'similar',
  summary: 'List the songs nearest to one or to several (this + that - other), by song vectors.',
  runs: 'app',
  examples: [
    'similar "Foreigner - Feels Like the First Time"',
    'similar "TOTO - Africa" "Journey - Separate Ways" --goes-with',
    'similar "TOTO - Africa + Heart - Barracuda - Journey - Separate Ways"',
    'similar "TOTO - Africa" --plus "Heart - Barracuda" --minus "Journey - Separate Ways"',
    'similar spotify:track:36xEjbl8DtevPJgw6i9IuY --count 5 --min-count 3',
  ],
  define: (command) =>
    command
      .argument('<track...>', 'a track id, URI or link, "artist - title" or a title; several; or "this + that - other"')
      .option('--plus <track>', 'one more song to be like; may come again', collect)
      .option('--minus <track>', 'a song not to be like; may come again', collect)
      .option('--goes-with', 'what goes on a playlist of these songs, instead of what is like them')
      .option('--count <n>', 'how many', positiveNumber, 10)
      .option('--min-count <n>', 'only songs that stand in playlists at least n times', positiveNumber, 1),
  async run({ args, options }, { app, terminal }) {
    const { store, config } = await app();
    const { model, catalogue } = await openSongVectors(store, config.dataDir);
    const songs = await readSongs(catalogue, {
      words: args[0] as string[],
      plus: options.plus as string[] | undefined,
      minus: options.minus as string[] | undefined,
    });
    const by: By = options.goesWith === true ? 'continuation' : 'likeness';
    const { count, minCount } = options as { count: number; minCount: number };
    const near = await findSimilar(
      model,
      catalogue,
      songs,
      { count, by, minCount },
      { threads: availableParallelism() },
    );
    const show = (track: CatalogueTrack, row: number) => ({
      id: track.id,
      title: track.title,
      artists: [...track.artists],
      count: model.counts[row]!,
    });
    return {
      json: {
        of: songs.map(({ row, weight }) => ({ ...show(catalogue.track(row), row), weight })),
        by,
        similar: near.map(({ row, track, score }) => ({ ...show(track, row), score })),
      },
      lines: [
        ...wrap(heading(terminal, by, songs, catalogue), terminal.width),
        ...listOf(terminal, by, near, model.counts),
        ...footnotes(terminal, songs, catalogue, model.counts),
      ],
    };
  },
};

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function heading(terminal: Terminal, by: By, songs: readonly WeightedRow[], catalogue: Catalogue): string {
  const names = songs.map(({ row, weight }, i) => {
    const { title, artists } = catalogue.track(row);
    const sign = weight < 0 ? '− ' : i > 0 ? '+ ' : '';
    return `${sign}${paint(terminal, 'bold', title)} · ${artists.join(', ')}`;
  });
  return `${by === 'likeness' ? 'Nearest to' : 'Goes with'} ${names.join(' ')}`;
}

function listOf(terminal: Terminal, by: By, near: readonly SimilarTrack[], counts: Uint32Array): string[] {
  if (near.length === 0) return ['No song is left; --min-count leaves out all others.'];
  // Score, times, id and the gaps between take 45 columns; an id that was cut would be of no use.
  const room = Math.max(30, terminal.width - 45);
  const longest = Math.max(...near.map(({ track }) => stringWidth(track.title)));
  const forTitles = Math.min(longest, Math.ceil(room * 0.6));
  const header = [by === 'likeness' ? 'likeness' : 'score', 'title', 'artists', 'times', 'id'];
  const rows = near.map(({ row, track, score }) => [
    score.toFixed(by === 'likeness' ? 2 : 1).padStart(header[0]!.length),
    cut(track.title, forTitles),
    cut(track.artists.join(', '), room - forTitles),
    counts[row]!,
    track.id,
  ]);
  const [names, ...lines] = table([header, ...rows], terminal.width);
  return [paint(terminal, 'dim', names!), ...lines];
}

/** From here on vectors are worth their cosine within a fifth (src/recommend/likeness.ts). */
const WELL_KNOWN = 4;

function footnotes(
  terminal: Terminal,
  songs: readonly WeightedRow[],
  catalogue: Catalogue,
  counts: Uint32Array,
): string[] {
  const rare = songs.filter(({ row }) => counts[row]! < WELL_KNOWN && counts[row] !== counts[0]);
  return rare.flatMap(({ row }) => {
    const times = counts[row] === 1 ? 'only once' : `only ${counts[row]} times`;
    return wrap(
      `${catalogue.track(row).title} stands ${times} in the playlists, so little is known of it.`,
      terminal.width,
    );
  });
}

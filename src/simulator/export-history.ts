import { readListener } from './changes.ts';
import { type BadgedRow, type ExportQuirks, readQuirks } from './export-quirks.ts';
import { historyRows } from './export-rows.ts';
import { changeSamples, duplicateRows, nonMusicRows, shortRows } from './export-samples.ts';
import { playsUntil } from './listener-plays.ts';
import { now, playLogOf, type Simulation } from './simulation.ts';
import { writeZip } from './write-zip.ts';

export interface ExtendedHistoryOptions {
  /** Default: whoever is logged in. */
  readonly listenerId?: string;
  /** Plays that ended up to here; default now. */
  readonly until?: Date;
  /** The same plays again this many times, each time a log's length earlier: for exports of any size. Default 0. */
  readonly earlierPasses?: number;
  /** `current` (since August 2023), `legacy` (`MyData/endsong_0.json`, old columns), or `mixed` (both names in one zip, as delivered in autumn 2023). */
  readonly layout?: 'current' | 'legacy' | 'mixed';
  /** Default 15,000, about the 12 MB of a real file. */
  readonly rowsPerFile?: number;
  /** `usual`: a few of each, as in real exports; `none`: clean music only. */
  readonly quirks?: 'usual' | 'none' | Partial<ExportQuirks>;
}

/** A zip as Spotify sends it, and what is in it by kind, so that a reader's account of it can be checked. */
export interface ExportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Rows in all files. */
  readonly rows: number;
  /** Rows by what is odd about them (`music` for those with nothing odd). */
  readonly counts: Readonly<Record<string, number>>;
}

/** The "Extended streaming history" package of a listener. The same options give the same bytes' contents. */
export function exportExtendedHistory(simulation: Simulation, options: ExtendedHistoryOptions = {}): ExportFile {
  const listener = readListener(simulation, options.listenerId);
  const log = playLogOf(simulation, listener);
  const plays = playsUntil(simulation.state, listener, log, options.until?.getTime() ?? now(simulation));
  const quirks = readQuirks(options.quirks ?? 'usual');
  const layout = options.layout ?? 'current';
  const era = layout === 'legacy' ? 'old' : quirks.audiobookKeys === 'missing' ? 'middle' : 'new';

  const rows: BadgedRow[] = [];
  for (let pass = options.earlierPasses ?? 0; pass >= 0; pass--) {
    const shifted = plays.map((play) => ({ ...play, endedAt: play.endedAt - pass * log.lengthMs }));
    rows.push(...historyRows(simulation.world.catalogue, listener, shifted, era, quirks));
  }
  changeSamples(rows, quirks);
  const audio = [...rows, ...shortRows(rows, quirks), ...duplicateRows(rows, quirks)];
  const { episodes, chapters, videos } = nonMusicRows(rows, quirks, era);
  audio.push(...episodes, ...chapters);
  for (const list of [audio, videos]) list.sort((a, b) => (a.row.ts < b.row.ts ? -1 : a.row.ts > b.row.ts ? 1 : 0));

  const files = layOutFiles(audio, videos, layout, options.rowsPerFile ?? 15_000);
  const counts: Record<string, number> = {};
  for (const { badge } of [...audio, ...videos]) counts[badge] = (counts[badge] ?? 0) + 1;
  return { name: 'my_spotify_data.zip', bytes: writeZip(files), rows: audio.length + videos.length, counts };
}

function layOutFiles(audio: BadgedRow[], videos: BadgedRow[], layout: 'current' | 'legacy' | 'mixed', perFile: number) {
  const files: Record<string, string> = {};
  const folder = layout === 'legacy' ? 'MyData' : 'Spotify Extended Streaming History';
  for (let number = 0; number * perFile < audio.length; number++) {
    const part = audio.slice(number * perFile, (number + 1) * perFile);
    const oldName = layout === 'legacy' || (layout === 'mixed' && number % 2 === 0);
    const name = oldName ? `endsong_${number}` : `Streaming_History_Audio_${years(part)}_${number}`;
    files[`${folder}/${name}.json`] = JSON.stringify(
      part.map((entry) => entry.row),
      null,
      2,
    );
  }
  if (videos.length > 0) {
    const name = layout === 'legacy' ? 'endvideo' : `Streaming_History_Video_${years(videos)}`;
    files[`${folder}/${name}.json`] = JSON.stringify(
      videos.map((entry) => entry.row),
      null,
      2,
    );
  }
  if (layout !== 'legacy') files[`${folder}/ReadMeFirst_ExtendedStreamingHistory.pdf`] = '%PDF-1.4\n%%EOF\n';
  return files;
}

/** `2025` or `2024-2026`. */
function years(rows: readonly BadgedRow[]): string {
  const first = rows[0]!.row.ts.slice(0, 4);
  const last = rows.at(-1)!.row.ts.slice(0, 4);
  return first === last ? first : `${first}-${last}`;
}

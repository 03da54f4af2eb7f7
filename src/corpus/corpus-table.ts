import type { CorpusManifest } from './manifest.ts';

/** One line of what `segue corpus` shows: what a source brings into the training corpus. */
export interface CorpusTableRow {
  readonly part: string;
  readonly format: string;
  readonly playlists: number;
  readonly tokens: number;
  readonly tracks: number;
  /** Tracks that no part above it has; null for a source that the training corpus does not hold yet. */
  readonly newTracks: number | null;
  /** Share (0 to 1) of the listener's plays whose track it has; null when not measured. */
  readonly playsCovered: number | null;
}

export interface CorpusTable {
  readonly rows: readonly CorpusTableRow[];
  /** The training corpus as a whole; null before the first build-corpus. */
  readonly total: CorpusTableRow | null;
  /** Sources that were read after the training corpus was built. */
  readonly waiting: readonly CorpusTableRow[];
}

/**
 * What each source adds: playlists, tokens, tracks, share of plays covered. `covered`: the share by part name, with
 * the whole corpus under `training`.
 */
export function tabulateCorpus(
  training: CorpusManifest | undefined,
  sources: readonly CorpusManifest[],
  covered: ReadonlyMap<string, number | null>,
): CorpusTable {
  const share = (name: string) => covered.get(name) ?? null;
  const rows = (training?.parts ?? []).map(({ name, format, playlists, tokens, tracks, newTracks }) => {
    return { part: name, format, playlists, tokens, tracks, newTracks, playsCovered: share(name) };
  });
  const held = new Set(training?.parts.map(({ fingerprint }) => fingerprint));
  const waiting = sources
    .filter(({ fingerprint }) => !held.has(fingerprint))
    .map((source) => rowOf(source, null, share(source.name)));
  return { rows, total: training ? rowOf(training, training.counts.tracks, share('training')) : null, waiting };
}

function rowOf(manifest: CorpusManifest, newTracks: number | null, playsCovered: number | null): CorpusTableRow {
  const { playlists, tokens, tracks } = manifest.counts;
  return { part: manifest.name, format: manifest.source, playlists, tokens, tracks, newTracks, playsCovered };
}

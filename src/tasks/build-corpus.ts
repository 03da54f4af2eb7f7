import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { turnTaker } from '../corpus/breathing.ts';
import { type Corpus, openCorpus } from '../corpus/corpus-file.ts';
import { CorpusWriter } from '../corpus/corpus-writer.ts';
import { knownAmong, knownInVocabulary, shareOfPlaysCovered } from '../corpus/coverage.ts';
import { type MergeSource, mergeParts } from '../corpus/merge.ts';
import { cutSessions } from '../music/play.ts';
import type { Playlist } from '../music/playlist.ts';
import type { Track } from '../music/track.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus, listCorpora, saveCorpus } from '../store/corpora.ts';
import {
  type PlayedTrack,
  readOwnPlaylists,
  readPlayedTracks,
  readSessionListens,
  type SessionListen,
} from '../store/corpus-inputs.ts';
import { listenerNames } from '../store/listeners.ts';
import { corpusRow, newestSources, provenanceOf } from './corpus-rows.ts';
import { removeOldFolders } from './remove-old-folders.ts';

// Raised when the merge makes something else of the same sources.
const MERGE_VERSION = 1;

export interface BuildCorpusDeps {
  readonly store: Store;
  readonly dataDir: string;
  /** Whether plays and playlists fetched from the Web API may be learned from (docs/policy.md); default in config: no. */
  readonly trainOnApiContent: boolean;
}

/**
 * Makes the training corpus: all imported playlists, the listeners' own ones and their listening sessions, and where there are several
 * listeners what each plays most.
 */
export function buildCorpus(deps: BuildCorpusDeps): Task<null> {
  return {
    name: 'build-corpus',
    summary: 'Puts all playlists and listening sessions into the one corpus that models learn from.',
    timeoutMs: 60 * 60_000,
    maxAttempts: 3,
    run: (_, context) => run(deps, context),
  };
}

async function run(deps: BuildCorpusDeps, context: TaskContext): Promise<TaskOutput> {
  const { store, dataDir } = deps;
  const rows = (await newestSources(store.db)).filter((row) => existsSync(join(dataDir, row.path, 'manifest.json')));
  const played = await readPlayedTracks(store.db);
  const own = await ownParts(deps, played);
  if (rows.length === 0 && own.every(({ playlists }) => playlists.length === 0)) {
    return { skipped: 'There are no playlists yet; `segue import-playlists` reads some.' };
  }
  const inputs = inputsHash(rows, own);
  const before = await latestCorpus(store.db, 'training');
  if (before && provenanceOf(before).inputs === inputs && existsSync(join(dataDir, before.path, 'manifest.json'))) {
    return {
      skipped: `Nothing has changed since the corpus of ${before.createdAt.toISOString().slice(0, 16)} was built.`,
    };
  }

  const corpora: { name: string; corpus: Corpus; corpusId: number }[] = [];
  for (const row of rows) {
    const corpus = await openCorpus(join(dataDir, row.path));
    corpora.push({ name: row.name, corpus, corpusId: row.corpusId });
  }
  corpora.sort((a, b) => b.corpus.manifest.counts.tokens - a.corpus.manifest.counts.tokens);
  const sources: MergeSource[] = [...corpora, ...own.filter(({ playlists }) => playlists.length > 0)];

  const breathe = turnTaker(context.signal);
  const writer = await CorpusWriter.create(join(dataDir, 'corpora'), 'training');
  let finished = false;
  try {
    const { parts, named } = await mergeParts(writer, sources, breathe, context.progress);
    const covered = new Map<string, number | null>();
    for (const { name, corpus } of corpora) {
      covered.set(name, await shareOfPlaysCovered(knownInVocabulary(await corpus.readVocabulary()), played, breathe));
    }
    for (const { name, playlists } of own) {
      const ids = new Set(playlists.flatMap(({ tracks }) => tracks.flatMap(({ id }) => id ?? [])));
      covered.set(name, await shareOfPlaysCovered(knownAmong(played, ids), played, breathe));
    }
    const { trainOnApiContent } = deps;
    finished = true;
    const written = await writer.finish({
      source: 'training',
      createdAt: context.clock.now(),
      parts,
      provenance: { inputs, trainOnApiContent, namedTracks: { ...named } },
    });
    const vocabulary = await (await openCorpus(written.folder)).readVocabulary();
    const share = await shareOfPlaysCovered(knownInVocabulary(vocabulary), played, breathe);
    const partRows = parts.map(({ skipped: _, newTracks: __, fingerprint: ___, ...part }) => ({
      ...part,
      sourceCorpusId: corpora.find(({ name }) => name === part.name)?.corpusId ?? null,
      playsCovered: covered.get(part.name) ?? null,
    }));
    const row = corpusRow('training', written, { playsCovered: share });
    await saveCorpus(store.db, row, partRows);
    await removeOldFolders(dataDir, await listCorpora(store.db, 'training'), row.path, context);
    const { fingerprint, counts } = written.manifest;
    const { playlists, tokens, tracks } = counts;
    return { fingerprint, playlists, tokens, tracks, playsCovered: share, namedTracks: { ...named }, parts: partRows };
  } finally {
    if (!finished) await writer.discard();
  }
}

interface OwnPart {
  readonly name: string;
  readonly format: string;
  readonly playlists: Playlist[];
}

async function ownParts(
  { store, trainOnApiContent }: BuildCorpusDeps,
  played: readonly PlayedTrack[],
): Promise<OwnPart[]> {
  const from = trainOnApiContent ? (['export', 'api'] as const) : (['export'] as const);
  const lists = new Map<number, Playlist & { tracks: Playlist['tracks'][number][] }>();
  for (const { playlistId, name, trackId, title, artists, isrc } of await readOwnPlaylists(store.db, from)) {
    const list = lists.get(playlistId) ?? { id: `${playlistId}`, name, tracks: [] };
    list.tracks.push({ id: trackId, title, artists, ...(isrc === null ? {} : { isrc }) });
    lists.set(playlistId, list);
  }
  const trackOf = new Map(
    played.map(({ trackId, title, artists, isrc }) => [
      trackId,
      { id: trackId, title, artists, ...(isrc === null ? {} : { isrc }) },
    ]),
  );
  const byListener = Map.groupBy(await readSessionListens(store.db, from), ({ listenerId }) => listenerId);
  const sessions: Playlist[] = [];
  for (const listens of byListener.values()) {
    for (const session of cutSessions(listens)) {
      // A song on repeat is one choice; a session of one song says nothing of what goes together.
      const kept = session.filter(({ trackId }, i) => trackId !== session[i - 1]?.trackId);
      if (kept.length < 2) continue;
      const start = session[0]!.endedAt.toISOString();
      sessions.push({
        id: start,
        name: `Session of ${start.slice(0, 10)}`,
        tracks: kept.map(({ trackId }) => trackOf.get(trackId)!),
      });
    }
  }
  const names = await listenerNames(store.db);
  const favourites =
    byListener.size < 2
      ? []
      : Array.from(byListener, ([listener, listens]) => mostPlayed(names.get(listener)!, listens, trackOf));
  return [
    { name: 'own playlists', format: 'account', playlists: [...lists.values()] },
    { name: 'listening sessions', format: 'account', playlists: sessions },
    { name: 'listeners', format: 'account', playlists: favourites.filter(({ tracks }) => tracks.length > 1) },
  ];
}

/** Songs heard less often are no taste yet. */
const LEAST_LISTENS = 3;
/** As long as the longest playlists: more would only be found by everybody. */
const MOST_SONGS = 250;

/** A listener as a playlist: where several share a database, one may be what another is looking for. */
function mostPlayed(name: string, listens: readonly SessionListen[], trackOf: ReadonlyMap<string, Track>): Playlist {
  const counts = new Map<string, number>();
  for (const { trackId } of listens) counts.set(trackId, (counts.get(trackId) ?? 0) + 1);
  const often = Array.from(counts).filter(([, count]) => count >= LEAST_LISTENS);
  often.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return {
    id: `listener ${name}`,
    name: `What ${name} plays most`,
    tracks: often.slice(0, MOST_SONGS).map(([trackId]) => trackOf.get(trackId)!),
  };
}

function inputsHash(rows: readonly { name: string; fingerprint: string }[], own: readonly OwnPart[]): string {
  const hash = createHash('sha256').update(`${MERGE_VERSION}`);
  for (const { name, fingerprint } of rows) hash.update(`\n${name} ${fingerprint}`);
  for (const { name, playlists } of own) {
    hash.update(`\n${name}`);
    for (const { tracks } of playlists) hash.update(`\n${tracks.map(({ id }) => id).join(' ')}`);
  }
  return hash.digest('hex').slice(0, 32);
}

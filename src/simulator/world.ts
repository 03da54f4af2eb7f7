import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { buildCatalogue, type Catalogue, type FeaturedTrackRow, type NamedTrackRow } from './catalogue.ts';

const AUDIO_FEATURES = [
  'danceability',
  'energy',
  'key',
  'loudness',
  'mode',
  'speechiness',
  'acousticness',
  'instrumentalness',
  'liveness',
  'valence',
  'tempo',
] as const;

export type AudioFeatures = Readonly<Record<(typeof AUDIO_FEATURES)[number], number>>;

/** A playlist of the demo world as its source has it. Ids that begin with `37i9dQZ` are Spotify's own playlists. */
export interface WorldPlaylist {
  readonly id: string;
  readonly name: string;
  readonly trackIds: readonly string[];
}

/** One row of a radio log: `scrapedAt` (unix seconds) is when the list was read, up to an hour after the play. */
export interface LoggedPlay {
  readonly trackId: string;
  readonly scrapedAt: number;
}

/** What the local Spotify is made of before anybody touches it. Read-only, so that several simulators share one. */
export interface World {
  readonly catalogue: Catalogue;
  readonly playlists: readonly WorldPlaylist[];
  /** Radio station's call sign -> its plays, oldest first. */
  readonly logs: ReadonlyMap<string, readonly LoggedPlay[]>;
  /** Spotify's audio features by track id; read when first asked for, since only ReccoBeats shows them. */
  audioFeatures?(): Promise<ReadonlyMap<string, AudioFeatures>>;
}

const DEMO_DATA = new URL('../../data/demo/', import.meta.url);

let demoWorld: Promise<World> | undefined;

/** The bundled demo world (about half a second the first time, remembered for the life of the process). */
export function loadDemoWorld(): Promise<World> {
  demoWorld ??= readWorld(DEMO_DATA);
  return demoWorld;
}

async function readWorld(folder: URL): Promise<World> {
  const [tracks, archiveTracks, playlists, entries, plays] = await Promise.all([
    readTable(folder, 'tracks', featuredTrack),
    readTable(folder, 'archive_tracks', namedTrack),
    readTable(folder, 'playlists', (row) => row),
    readTable(folder, 'playlist_tracks', (row) => row),
    readTable(folder, 'plays', (row) => row),
  ]);
  let features: Promise<Map<string, AudioFeatures>> | undefined;
  return {
    catalogue: buildCatalogue(tracks, archiveTracks),
    playlists: readPlaylists(playlists, entries),
    logs: readLogs(plays),
    audioFeatures: () => {
      features ??= readTable(folder, 'tracks', audioFeatures).then((rows) => new Map(rows));
      return features;
    },
  };
}

/** The rows of a gzipped CSV file without its header line, each made into something smaller while it is read. */
async function readTable<Row>(folder: URL, name: string, read: (row: string[]) => Row): Promise<Row[]> {
  const text = await promisify(gunzip)(await readFile(new URL(`${name}.csv.gz`, folder)));
  return parse(text, { from_line: 2, on_record: read as never }) as unknown as Row[];
}

function featuredTrack(row: string[]): FeaturedTrackRow {
  const [id, title, artist, albumId, album, releaseDate, popularity] = row as [string, ...string[]];
  return {
    id,
    title: title!,
    artists: [artist!],
    albumId: albumId!,
    album: album!,
    releaseDate: releaseDate!,
    popularity: Number(popularity),
    durationMs: Number(row[18]),
  };
}

function audioFeatures(row: string[]): [id: string, AudioFeatures] {
  const values = AUDIO_FEATURES.map((name, index) => [name, Number(row[7 + index])]);
  return [row[0]!, Object.fromEntries(values) as AudioFeatures];
}

function namedTrack(row: string[]): NamedTrackRow {
  const [id, title, artists, album, seconds] = row as [string, string, string, string, string];
  return { id, title, artists: artists.split(' | '), album, durationMs: Number(seconds) * 1000 };
}

function readPlaylists(playlists: string[][], entries: string[][]): WorldPlaylist[] {
  const tracksOf = new Map<string, Set<string>>(playlists.map(([id]) => [id!, new Set()]));
  // 582 entries are repeated because their playlist stands under two genres: once is enough.
  for (const [playlist, track] of entries) tracksOf.get(playlist!)?.add(track!);
  return playlists.map(([id, name]) => ({ id: id!, name: name!, trackIds: [...tracksOf.get(id!)!] }));
}

/** Within a station the running number falls as time passes: the highest is the oldest play, 0001 the last. */
function readLogs(plays: string[][]): Map<string, LoggedPlay[]> {
  const rows = plays.map(([callsign, time, uniqueId, , , trackId]) => ({
    callsign: callsign!,
    number: Number(uniqueId!.slice(callsign!.length)),
    play: { trackId: trackId!, scrapedAt: Number(time) },
  }));
  rows.sort((a, b) => b.number - a.number);
  return new Map(
    Map.groupBy(rows, (row) => row.callsign)
      .entries()
      .map(([key, list]) => [key, list.map((r) => r.play)]),
  );
}

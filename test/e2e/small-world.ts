import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { DEMO_CLIENT_ID } from '../../src/simulator/apps.ts';
import type { Settings } from '../../src/simulator/settings.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { loadDemoWorld, type World } from '../../src/simulator/world.ts';
import type { StoreKind } from '../store-fixture.ts';
import { cloneDatabase, makeDataDir } from '../store-fixture.ts';

/** A local Spotify and an empty data folder whose settings point there, with few playlists, so that learning takes a second. */
export interface SmallWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly dataDir: string;
  /** The environment of a process that is to find all this. */
  readonly env: Record<string, string>;
  /** A folder for a test's own files. */
  readonly files: string;
  /** The file that import-playlists reads by default: this many playlists. */
  readonly playlists: number;
  open(): Promise<App>;
}

const PLAYLISTS = 60;

export async function openSmallWorld(
  kind: StoreKind = 'embedded',
  settings: Partial<Settings> = {},
): Promise<SmallWorld> {
  const world = await loadDemoWorld();
  const simulator = await startSimulator({ world, settings: { consent: 'approve', ...settings } });
  const dataDir = await makeDataDir(kind === 'embedded');
  const files = await mkdtemp(join(tmpdir(), 'segue-files-'));
  const database = kind === 'server' ? await cloneDatabase() : undefined;
  const playlists = join(files, 'playlists.jsonl');
  const features = join(files, 'features.csv');
  await writeFile(playlists, playlistLines(world, simulator.state.settings.loggedInAs));
  await writeFile(features, await featureTable(world));
  const env = {
    SEGUE_DATA_DIR: dataDir,
    SEGUE_TIME_ZONE: 'Europe/Stockholm',
    SEGUE_PORT: '0',
    SEGUE_PLAYLISTS: playlists,
    SEGUE_FEATURES: features,
    SPOTIFY_CLIENT_ID: DEMO_CLIENT_ID,
    SPOTIFY_REDIRECT_PORT: '0',
    SPOTIFY_ACCOUNTS_URL: simulator.accountsUrl,
    SPOTIFY_API_URL: simulator.apiUrl,
    RECCOBEATS_URL: simulator.reccobeatsUrl,
    // Empty is the same as not set, and keeps a server of the tests' own environment out.
    DATABASE_URL: database?.url ?? '',
  };
  return {
    simulator,
    dataDir,
    env,
    files,
    playlists: PLAYLISTS,
    open: () => openApp(readConfig(env), { log: silentLog }),
    async [Symbol.asyncDispose]() {
      await simulator.stop();
      await database?.drop();
      for (const folder of [dataDir, files]) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The playlists that share most with what the station played, one JSON object a line. */
function playlistLines({ playlists, logs, catalogue }: World, listener: string): string {
  const callsign = listener.slice(0, listener.indexOf('-')).toUpperCase();
  const played = new Set(logs.get(callsign)!.map(({ trackId }) => trackId));
  const shared = ({ trackIds }: World['playlists'][number]) => trackIds.filter((id) => played.has(id)).length;
  return playlists
    .toSorted((a, b) => shared(b) - shared(a) || (a.id < b.id ? -1 : 1))
    .slice(0, PLAYLISTS)
    .map(({ id, name, trackIds }) => {
      const tracks = trackIds.map((trackId) => {
        const track = catalogue.tracks.get(trackId)!;
        return { id: trackId, name: track.title, artists: track.artists.map((artist) => artist.name) };
      });
      return `${JSON.stringify({ id, name, tracks })}\n`;
    })
    .join('');
}

async function featureTable(world: World): Promise<string> {
  const rows = [...(await world.audioFeatures!())].slice(0, 20);
  const names = Object.keys(rows[0]![1]);
  const lines = rows.map(([id, values]) => [id, ...Object.values(values)].join(','));
  return `${[['track_id', ...names].join(','), ...lines].join('\n')}\n`;
}

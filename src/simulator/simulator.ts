import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { ExpectedError, systemCode } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import { buildApp } from './build-app.ts';
import { CallWindows } from './call-windows.ts';
import { addPlay, editPlaylist, type NewPlay, revokeConsent, turnSwitches } from './changes.ts';
import { type AccountDataOptions, exportAccountData } from './export-account.ts';
import { type ExportFile, type ExtendedHistoryOptions, exportExtendedHistory } from './export-history.ts';
import { FaultSwitches } from './faults.ts';
import { createState } from './initial-state.ts';
import { OffsetClock } from './offset-clock.ts';
import { RequestLog } from './request-log.ts';
import { changeSettings, type Settings } from './settings.ts';
import type { MovableClock, Simulation } from './simulation.ts';
import type { SimulatorState } from './state.ts';
import { readStateFile, writeStateFile } from './state-file.ts';
import { loadDemoWorld, type World } from './world.ts';

export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default: the machine's clock, movable. */
  readonly clock?: MovableClock;
  /** Default: the bundled demo world. */
  readonly world?: World;
  /** Makes every invented id repeatable. Default 1. */
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
  /**
   * Where to keep accounts, tokens, playlists and the place of the plays in time across restarts. Read when it
   * exists (the other options but `settings` and `clock` then count for nothing), written after every change. Default: nowhere.
   */
  readonly stateFile?: string;
  /** Keep the bodies that were answered in `requests`, for tests that check them all. */
  readonly recordBodies?: boolean;
  readonly log?: Log;
}

/** A running local Spotify. */
export interface Simulator {
  /** `http://127.0.0.1:<port>`: the page for people. */
  readonly url: string;
  /** Accounts service: `/authorize` and `/api/token` lie below it. */
  readonly accountsUrl: string;
  /** Web API: `/me` and all the rest lie below it. */
  readonly apiUrl: string;
  /** `/v1/audio-features` lies below it. */
  readonly reccobeatsUrl: string;
  readonly clock: MovableClock;
  readonly state: SimulatorState;
  readonly faults: FaultSwitches;
  readonly requests: RequestLog;
  readonly world: World;
  /** Turns switches; the names are those of `Settings`. */
  change(settings: Partial<Settings>): void;
  /** Withdraws the listener's consent to every app (or one): refreshing answers "Refresh token revoked". */
  revoke(listenerId: string, clientId?: string): void;
  /** A play besides the radio log's. `visibleAt` later than `endedAt` makes it arrive late. Times default to the clock. */
  addPlay(play: NewPlay): void;
  /** What the owner does to a playlist in Spotify's own app between two writes of ours: new contents, new snapshot. */
  editPlaylist(playlistId: string, uris: readonly (string | null)[]): void;
  exportHistory(options?: ExtendedHistoryOptions): ExportFile;
  exportAccountData(options?: AccountDataOptions): ExportFile;
  stop(): Promise<void>;
}

/** Starts a local Spotify on 127.0.0.1. Throws an ExpectedError where the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const world = options.world ?? (await loadDemoWorld());
  const clock = options.clock ?? new OffsetClock();
  const simulation = await createSimulation(options, world, clock);
  // One write after another: two at once would rename the same file twice.
  let saving = Promise.resolve();
  const save = (): Promise<void> => {
    const { stateFile } = options;
    if (stateFile) saving = saving.then(() => writeStateFile(stateFile, simulation.state));
    return saving;
  };
  const app = buildApp(simulation, { recordBodies: options.recordBodies ?? false, afterChange: save });
  const server = createAdaptorServer({ fetch: app.fetch });
  simulation.origin = await listen(server, options.port ?? 0);
  await save();
  return present(simulation, server, save);
}

async function createSimulation(options: SimulatorOptions, world: World, clock: MovableClock): Promise<Simulation> {
  const settings = options.settings ?? {};
  const kept = options.stateFile ? await readStateFile(options.stateFile) : undefined;
  const state = kept ?? createState(world, options.seed ?? 1, clock.now(), settings);
  if (kept) state.settings = changeSettings(state.settings, settings);
  return {
    world,
    state,
    clock,
    faults: new FaultSwitches(),
    requests: new RequestLog(),
    windows: new CallWindows(),
    log: options.log ?? silentLog,
    origin: '',
    playLogs: new Map(),
  };
}

function present(simulation: Simulation, server: ServerType, save: () => Promise<void>): Simulator {
  const { origin, state, clock, faults, requests, world } = simulation;
  return {
    url: origin,
    accountsUrl: `${origin}/accounts`,
    apiUrl: `${origin}/v1`,
    reccobeatsUrl: `${origin}/reccobeats`,
    clock,
    state,
    faults,
    requests,
    world,
    change: (settings) => turnSwitches(simulation, settings),
    revoke: (listenerId, clientId) => revokeConsent(simulation, listenerId, clientId),
    addPlay: (play) => addPlay(simulation, play),
    editPlaylist: (playlistId, uris) => editPlaylist(simulation, playlistId, uris),
    exportHistory: (exportOptions = {}) => exportExtendedHistory(simulation, exportOptions),
    exportAccountData: (exportOptions = {}) => exportAccountData(simulation, exportOptions),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      (server as { closeAllConnections?: () => void }).closeAllConnections?.();
      await closed;
      await save();
    },
  };
}

/** Listens on the loopback address and returns the origin. */
function listen(server: ServerType, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (systemCode(error) !== 'EADDRINUSE') return reject(error);
      reject(
        new ExpectedError('port-in-use', `The local Spotify cannot listen on port ${port}.`, {
          why: 'Another program listens there already.',
          hint: 'Stop that program, or give another port (0 takes any free one).',
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

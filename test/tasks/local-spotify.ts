import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { TaskContext } from '../../src/base/task.ts';
import { DEMO_CLIENT_ID } from '../../src/simulator/apps.ts';
import type { Settings } from '../../src/simulator/settings.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { loadDemoWorld, type World } from '../../src/simulator/world.ts';
import { rememberInProcess } from '../../src/spotify/block-memory.ts';
import { SCOPES } from '../../src/spotify/oauth.ts';
import { RequestQueue } from '../../src/spotify/request-queue.ts';
import { SpotifySession, type TokenVault } from '../../src/spotify/session.ts';
import { bindWebApi, type WebApi } from '../../src/spotify/web-api.ts';

export const LISTENER = 'kufx-radio';
const TOKEN = 'an-access-token-of-the-local-spotify';

/** A local Spotify whose listener is signed in, and the ordinary client that talks to it over HTTP. One clock for both. */
export interface LocalSpotify extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: ManualClock;
  /** A client as a new process would have it. */
  connect(timeoutMs?: number): WebApi;
  /** What a task run is given; every one draws other random numbers. */
  context(runKey?: string, attempt?: number): TaskContext;
}

let world: Promise<World> | undefined;

export async function openLocalSpotify(settings: Partial<Settings> = {}): Promise<LocalSpotify> {
  world ??= loadDemoWorld();
  const clock = new ManualClock(new Date('2026-11-22T14:00:00Z'));
  const unlimited = { rateLimit: null, quota: null, imageLimit: null };
  const simulator = await startSimulator({ clock, world: await world, settings: { ...unlimited, ...settings } });
  signIn(simulator);
  let draws = 0;
  return {
    simulator,
    clock,
    connect: (timeoutMs) => connectTo(simulator.apiUrl, clock, timeoutMs),
    context: (runKey = 'run-1', attempt = 1) => ({
      runKey,
      attempt,
      signal: new AbortController().signal,
      log: silentLog,
      progress: noProgress,
      clock,
      random: seededRandom(++draws),
    }),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

/** Puts a token into the simulator; signing in has its own tests. */
export function signIn(simulator: Simulator): void {
  const expiresAt = new Date('2100-01-01').getTime();
  simulator.state.accessTokens[TOKEN] = {
    clientId: DEMO_CLIENT_ID,
    listenerId: LISTENER,
    scope: SCOPES.join(' '),
    expiresAt,
  };
}

export function connectTo(apiUrl: string, clock: ManualClock, timeoutMs = 30_000): WebApi {
  const tokens = {
    accessToken: TOKEN,
    accessExpiresAt: new Date('2100-01-01'),
    refreshToken: 'none',
    scopes: SCOPES,
  };
  const vault: TokenVault = {
    load: async () => ({ status: 'connected', tokens }),
    save: async () => {},
    markReauthRequired: async () => {},
    withLock: (work) => work(),
  };
  const refresh = async () => {
    throw new Error('these tests need no refresh');
  };
  const random = seededRandom(7);
  return bindWebApi({
    session: new SpotifySession({ vault, refresh, clock, random }),
    queue: new RequestQueue({ clientId: DEMO_CLIENT_ID, clock, memory: rememberInProcess(), dailyCalls: 1_000_000 }),
    clock,
    random,
    apiUrl,
    timeoutMs,
  });
}

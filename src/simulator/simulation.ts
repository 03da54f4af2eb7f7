import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CallWindows } from './call-windows.ts';
import type { FaultSwitches } from './faults.ts';
import { layOutPlays, type PlayLog } from './play-log.ts';
import type { RequestLog } from './request-log.ts';
import type { App, Listener, SimulatorState } from './state.ts';
import type { World } from './world.ts';

/** A clock that can be moved; `ManualClock` is one. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
  set(time: Date): void;
}

/** What every route works on. */
export interface Simulation {
  readonly world: World;
  readonly state: SimulatorState;
  readonly clock: MovableClock;
  readonly faults: FaultSwitches;
  readonly requests: RequestLog;
  readonly windows: CallWindows;
  readonly log: Log;
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  origin: string;
  /** Laid-out radio logs by call sign, filled when first asked for. */
  readonly playLogs: Map<string, PlayLog>;
}

/** What the gate in front of the Web API finds out about a call. */
export interface Caller {
  readonly app: App;
  readonly listener: Listener;
  readonly scopes: ReadonlySet<string>;
}

/** Hono's variables on every route of the Web API. */
export interface ApiEnv {
  Variables: { caller: Caller };
}

export function now(simulation: Simulation): number {
  return simulation.clock.now().getTime();
}

export function apiUrl(simulation: Simulation): string {
  return `${simulation.origin}/v1`;
}

/** The listener's radio log, laid out in time. */
export function playLogOf(simulation: Simulation, listener: Listener): PlayLog {
  const { world, playLogs } = simulation;
  let log = playLogs.get(listener.callsign);
  if (!log) {
    const plays = world.logs.get(listener.callsign) ?? [];
    log = layOutPlays(plays, (id) => world.catalogue.tracks.get(id)?.durationMs ?? 240_000);
    playLogs.set(listener.callsign, log);
  }
  return log;
}

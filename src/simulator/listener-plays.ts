import { inventNumber } from './invent.ts';
import type { LaidOutPlay, PlayLog } from './play-log.ts';
import type { Settings } from './settings.ts';
import type { Listener, SimulatorState } from './state.ts';

/** A play as the local Spotify knows it, times in unix milliseconds. */
export interface ListenerPlay {
  readonly trackId: string | null;
  readonly endedAt: number;
  readonly msPlayed: number;
}

/** recently-played keeps this many plays and no more. */
export const RING_SIZE = 50;

// "Now" lies this far into the log when a simulator is first started, so that plays go on appearing.
const SHARE_PAST = 0.8;

/** When the first pass of the listener's log begins. */
export function logBeginning(state: SimulatorState, log: PlayLog): number {
  return state.anchor - Math.round(log.lengthMs * SHARE_PAST);
}

/** All plays that ended up to `until`, oldest first. When the log ends it begins again. */
export function playsUntil(state: SimulatorState, listener: Listener, log: PlayLog, until: number): ListenerPlay[] {
  const plays: ListenerPlay[] = [];
  for (let start = logBeginning(state, log); start <= until; start += log.lengthMs) {
    for (const play of log.plays) {
      const endedAt = start + play.endsAt;
      if (endedAt <= until) plays.push({ trackId: play.trackId, endedAt, msPlayed: play.msPlayed });
    }
  }
  for (const extra of listener.extraPlays) if (extra.endedAt <= until) plays.push(extra);
  return plays.sort((a, b) => a.endedAt - b.endedAt);
}

/** What recently-played can show at `now`: the last 50 of the plays that have arrived, newest first. */
export function recentPlays(state: SimulatorState, listener: Listener, log: PlayLog, now: number): ListenerPlay[] {
  const { playLagMs } = state.settings;
  const recent: ListenerPlay[] = [];
  for (const play of backwards(log, logBeginning(state, log), now - playLagMs)) {
    if (recent.length === RING_SIZE) break;
    recent.push(play);
  }
  for (const extra of listener.extraPlays) if (extra.visibleAt + playLagMs <= now) recent.push(extra);
  return recent.sort((a, b) => b.endedAt - a.endedAt).slice(0, RING_SIZE);
}

/** The play that is on at `now`, with how far it is. */
export function currentPlay(state: SimulatorState, log: PlayLog, now: number) {
  const beginning = logBeginning(state, log);
  if (now < beginning) return undefined;
  const offset = (now - beginning) % log.lengthMs;
  const play = log.plays.find((candidate) => candidate.endsAt > offset);
  const progressMs = play ? offset - (play.endsAt - play.msPlayed) : -1;
  return play && progressMs >= 0 ? { trackId: play.trackId, progressMs } : undefined;
}

/** The time recently-played gives a play, as the setting says. */
export function playedAt(play: ListenerPlay, marks: Settings['playedAt']): number {
  const atStart = marks === 'start' || (marks === 'mixed' && inventNumber(2, 'marks', play.endedAt) === 0);
  return atStart ? play.endedAt - play.msPlayed : play.endedAt;
}

function* backwards(log: PlayLog, beginning: number, until: number): Generator<ListenerPlay> {
  for (let pass = Math.floor((until - beginning) / log.lengthMs); pass >= 0; pass--) {
    const start = beginning + pass * log.lengthMs;
    for (const play of log.plays.toReversed() as LaidOutPlay[]) {
      const endedAt = start + play.endsAt;
      if (endedAt <= until) yield { trackId: play.trackId, endedAt, msPlayed: play.msPlayed };
    }
  }
}

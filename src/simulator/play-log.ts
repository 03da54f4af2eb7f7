import { inventNumber } from './invent.ts';
import type { LoggedPlay } from './world.ts';

/** One play of a radio log laid out in time; times in milliseconds from the log's beginning. */
export interface LaidOutPlay {
  readonly trackId: string;
  readonly endsAt: number;
  readonly msPlayed: number;
}

export interface PlayLog {
  /** Oldest first, `endsAt` strictly rising. */
  readonly plays: readonly LaidOutPlay[];
  /** How long the log lasts; after it the station is taken to begin again. */
  readonly lengthMs: number;
}

// Two readings of one station a second apart are one reading that was split.
const SAME_READING_MS = 60_000;
// Between two songs of a reading lie advertisements and songs nobody could match: up to 6 minutes are made silence.
const LONGEST_GAP_MS = 6 * 60_000;

/**
 * Gives each play of a log its own end time. The log only says when the station's list was read (about hourly), so the plays
 * of one reading are spread backwards from that time: each lasts its track's length, with equal gaps, or is cut short
 * where the songs together are longer than the time since the reading before.
 */
export function layOutPlays(log: readonly LoggedPlay[], durationMs: (trackId: string) => number): PlayLog {
  const laidOut: LaidOutPlay[] = [];
  let previousEnd = Number.NEGATIVE_INFINITY;
  for (const reading of cutReadings(log)) {
    const end = reading.at(-1)!.scrapedAt * 1000;
    const lengths = reading.map((play) => durationMs(play.trackId));
    const total = lengths.reduce((sum, ms) => sum + ms, 0);
    const room = end - previousEnd;
    const squeeze = Math.min(1, room / total);
    const gap = Math.min(LONGEST_GAP_MS, Math.max(0, room - total) / reading.length);
    let at = end;
    const backwards: LaidOutPlay[] = [];
    for (let i = reading.length - 1; i >= 0; i--) {
      const msPlayed = Math.floor(lengths[i]! * squeeze);
      // Spotify's times carry milliseconds: up to 0.4 s off the round figure, less than any track lasts.
      const jitter = inventNumber(400, 'end of play', reading[i]!.trackId, i);
      backwards.push({ trackId: reading[i]!.trackId, endsAt: Math.floor(at - jitter * squeeze), msPlayed });
      at -= lengths[i]! * squeeze + gap;
    }
    laidOut.push(...backwards.reverse());
    previousEnd = end;
  }
  const beginning = laidOut[0]!.endsAt - laidOut[0]!.msPlayed;
  const plays = laidOut.map((play) => ({ ...play, endsAt: play.endsAt - beginning }));
  return { plays, lengthMs: plays.at(-1)!.endsAt + LONGEST_GAP_MS };
}

function cutReadings(log: readonly LoggedPlay[]): LoggedPlay[][] {
  const readings: LoggedPlay[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const play of log) {
    if (Math.abs(play.scrapedAt - last) * 1000 > SAME_READING_MS) readings.push([]);
    readings.at(-1)!.push(play);
    last = play.scrapedAt;
  }
  return readings;
}

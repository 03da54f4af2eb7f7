import type { StoredPlay } from '../music/history.ts';
import { MERGE_REACH_MS, SAME_PLAY_MS } from '../music/play.ts';
import type { HistoryPlay } from './export-row.ts';

/** A play of an export whose track is settled. */
export interface ExportPlay extends HistoryPlay {
  readonly trackId: string;
  /** One key for all editions of the recording. */
  readonly recordingKey: string;
}

/** What to do with the store so that it holds every play once. `inserts` + `alreadyThere` = plays given. */
export interface HistoryMerge {
  readonly inserts: readonly ExportPlay[];
  /** Stored plays that the export knows more of; `endedAt` and `trackId` are what the row must have afterwards. */
  readonly updates: readonly PlayUpdate[];
  readonly alreadyThere: number;
  /** How many of the updates gave a polled play its length. */
  readonly mergedWithPolled: number;
}

export interface PlayUpdate {
  readonly playId: number;
  readonly endedAt: Date;
  readonly precision: 'second' | 'minute';
  readonly trackId: string;
  readonly play: ExportPlay;
}

const MINUTE_MS = 60_000;
/** recently-played sometimes gives the start instead of the end: then the track's length lies between, give or take this. */
const START_END_SLACK_MS = 15_000;

/** A play of one recording, stored or just accepted. */
interface Known {
  time: number;
  ms: number | null;
  kind: StoredPlay['known'];
  readonly stored: StoredPlay | undefined;
  /** The row of the export that it came from or was matched with. */
  play: ExportPlay | undefined;
  changed: boolean;
}

/**
 * Finds for each play of an export whether the store has it already, has less of it, or lacks it. Rules, per recording:
 *
 * - Same end: the same play. Ends less than 90 s and less than either length apart: one play reported twice.
 * - A play known to the minute is the precise play that ended within that minute.
 * - A polled play is the nearest exported one within 90 s, each used once; failing that, the only one whose distance is
 *   the track's length (start taken for end).
 *
 * Giving the same plays again, in any split, changes nothing.
 */
export function mergeHistory(plays: readonly ExportPlay[], stored: readonly StoredPlay[]): HistoryMerge {
  const recordings = new Map<string, { known: Known[]; plays: ExportPlay[] }>();
  // An id stays with the first key it came with: Spotify renames tracks now and then.
  const keyOfTrack = new Map<string, string>();
  const recordingOf = (track: { trackId: string; recordingKey: string }) => {
    let key = keyOfTrack.get(track.trackId);
    if (key === undefined) {
      key = track.recordingKey;
      keyOfTrack.set(track.trackId, key);
    }
    const recording = recordings.get(key) ?? { known: [], plays: [] };
    recordings.set(key, recording);
    return recording;
  };
  for (const row of stored) {
    const known = { time: row.endedAt.getTime(), ms: row.msPlayed, kind: row.known, stored: row };
    recordingOf(row).known.push({ ...known, play: undefined, changed: false });
  }
  for (const play of plays) recordingOf(play).plays.push(play);

  const inserts: ExportPlay[] = [];
  const updates: PlayUpdate[] = [];
  let mergedWithPolled = 0;
  for (const recording of recordings.values()) {
    if (recording.plays.length === 0) continue;
    for (const known of mergeRecording(recording.plays, recording.known)) {
      if (!known.changed || !known.play) continue;
      if (!known.stored) inserts.push(known.play);
      else {
        const { playId, trackId } = known.stored;
        const isNamed = trackId.startsWith('name:');
        const wasPolled = known.stored.known === 'polled' || known.stored.known === 'polled-and-minute';
        if (wasPolled) mergedWithPolled++;
        updates.push({
          playId,
          endedAt: new Date(known.time),
          precision: known.kind === 'minute' ? 'minute' : 'second',
          // The polled id stays, so that polling it once more finds it.
          trackId: isNamed ? known.play.trackId : trackId,
          play: { ...known.play, msPlayed: known.ms },
        });
      }
    }
  }
  return { inserts, updates, alreadyThere: plays.length - inserts.length, mergedWithPolled };
}

function mergeRecording(plays: readonly ExportPlay[], stored: Known[]): Known[] {
  const timeline = stored.toSorted((a, b) => a.time - b.time);
  const byTime = longestOfEachTime(plays);
  const accepted: Known[] = [];
  for (const play of byTime) {
    if (play.precision === 'minute' || addToSame(timeline, play)) continue;
    const known = acceptPrecise(timeline, play);
    if (!known.stored) accepted.push(known);
  }
  matchPolled(timeline, accepted);
  // A polled play goes to the minute it ended in before one nearby may have it.
  const open = byTime.filter((play) => play.precision === 'minute' && !isInItsMinute(timeline, play));
  for (const play of open) acceptMinute(timeline, play);
  return timeline;
}

/**
 * The longest of the plays that end at the same time, earliest first. Two rows of the account data for one recording
 * and minute cannot be told from one row given twice.
 */
function longestOfEachTime(plays: readonly ExportPlay[]): ExportPlay[] {
  const longest = new Map<string, ExportPlay>();
  for (const play of plays) {
    const key = `${play.precision} ${play.endedAt.getTime()}`;
    const other = longest.get(key);
    if (!other || (play.msPlayed ?? -1) > (other.msPlayed ?? -1)) longest.set(key, play);
  }
  return [...longest.values()].sort((a, b) => a.endedAt.getTime() - b.endedAt.getTime());
}

/** Whether a precise play is there already, the same or reported a second time. The longer length of the two is kept. */
function addToSame(timeline: Known[], play: ExportPlay): boolean {
  const time = play.endedAt.getTime();
  const near = within(timeline, time - SAME_PLAY_MS, time + SAME_PLAY_MS).filter((known) => known.kind === 'precise');
  const same =
    near.find((known) => known.time === time) ??
    near.find(
      (known) => Math.abs(known.time - time) < Math.min(known.ms ?? SAME_PLAY_MS, play.msPlayed ?? SAME_PLAY_MS),
    );
  if (!same) return false;
  if ((play.msPlayed ?? -1) > (same.ms ?? -1)) {
    same.ms = play.msPlayed;
    same.play = same.stored || !same.play ? play : { ...same.play, msPlayed: play.msPlayed };
    same.changed = true;
  }
  return true;
}

/** Gives a play of the account data its seconds, or adds a new one. */
function acceptPrecise(timeline: Known[], play: ExportPlay): Known {
  const time = play.endedAt.getTime();
  const off = (known: Known) => Math.abs((known.ms ?? 0) - (play.msPlayed ?? 0));
  const [minute] = within(timeline, time - MINUTE_MS + 1, time)
    .filter((known) => known.kind === 'minute')
    .sort((a, b) => off(a) - off(b));
  if (!minute) return insert(timeline, play, 'precise');
  remove(timeline, minute);
  return insert(timeline, play, 'precise', minute.stored);
}

/** Pairs polled plays with newly accepted ones, the nearest first, each once. */
function matchPolled(timeline: Known[], accepted: readonly Known[]): void {
  const pairs: { polled: Known; fresh: Known; distance: number }[] = [];
  const far: { polled: Known; fresh: Known }[] = [];
  for (const fresh of accepted) {
    // A whole track may lie between start and end: look that far, but no further than an hour.
    const reach = Math.min(MERGE_REACH_MS, Math.max(20 * MINUTE_MS, (fresh.ms ?? 0) + START_END_SLACK_MS));
    for (const polled of within(timeline, fresh.time - reach, fresh.time + reach)) {
      if (!isPolled(polled)) continue;
      const distance = Math.abs(polled.time - fresh.time);
      const length = polled.stored?.durationMs ?? fresh.ms;
      if (distance <= SAME_PLAY_MS) pairs.push({ polled, fresh, distance });
      else if (length !== null && Math.abs(distance - length) <= START_END_SLACK_MS) far.push({ polled, fresh });
    }
  }
  const used = new Set<Known>();
  const join = (polled: Known, fresh: Known) => {
    used.add(polled).add(fresh);
    remove(timeline, polled);
    remove(timeline, fresh);
    insert(timeline, fresh.play!, 'precise', polled.stored);
  };
  for (const { polled, fresh } of pairs.sort((a, b) => a.distance - b.distance)) {
    if (!used.has(polled) && !used.has(fresh)) join(polled, fresh);
  }
  const open = far.filter(({ polled, fresh }) => !used.has(polled) && !used.has(fresh));
  for (const { polled, fresh } of open) {
    const rivals = open.filter((other) => other.polled === polled || other.fresh === fresh);
    if (rivals.length === 1) join(polled, fresh);
  }
}

/** Whether a play of the account data is there already: as the same row, or as a precise or polled play that ended in its minute. */
function isInItsMinute(timeline: readonly Known[], play: ExportPlay): boolean {
  const time = play.endedAt.getTime();
  const inMinute = within(timeline, time, time + MINUTE_MS - 1);
  if (inMinute.some((known) => known.kind === 'precise')) return true;
  const same = inMinute.find((known) => known.kind === 'minute' && known.time === time);
  if (same) {
    if ((play.msPlayed ?? -1) > (same.ms ?? -1)) {
      same.ms = play.msPlayed;
      same.play = play;
      same.changed = true;
    }
    return true;
  }
  const [polled] = inMinute.filter(isOpenPoll).sort((a, b) => b.kind.localeCompare(a.kind));
  if (polled) giveLength(polled, play);
  return polled !== undefined;
}

/** Gives the nearest polled play its length, or adds a new one. */
function acceptMinute(timeline: Known[], play: ExportPlay): void {
  const time = play.endedAt.getTime();
  const distance = (known: Known) => Math.max(0, time - known.time, known.time - (time + MINUTE_MS - 1));
  const [polled] = within(timeline, time - SAME_PLAY_MS, time + MINUTE_MS - 1 + SAME_PLAY_MS)
    .filter(isOpenPoll)
    .sort((a, b) => distance(a) - distance(b) || b.kind.localeCompare(a.kind));
  if (polled) giveLength(polled, play);
  else insert(timeline, play, 'minute');
}

function giveLength(polled: Known, play: ExportPlay): void {
  polled.play = play;
  if (polled.kind === 'polled-and-minute' && (polled.ms ?? -1) >= (play.msPlayed ?? -1)) return;
  polled.kind = 'polled-and-minute';
  polled.ms = play.msPlayed;
  polled.changed = true;
}

/** A polled play that no play of the export at hand is yet. */
function isOpenPoll(known: Known): boolean {
  return isPolled(known) && known.play === undefined;
}

function isPolled(known: Known): boolean {
  return known.kind === 'polled' || known.kind === 'polled-and-minute';
}

function insert(timeline: Known[], play: ExportPlay, kind: 'precise' | 'minute', stored?: StoredPlay): Known {
  const known = { time: play.endedAt.getTime(), ms: play.msPlayed, kind, stored, play, changed: true };
  timeline.splice(lowerBound(timeline, known.time + 1), 0, known);
  return known;
}

function remove(timeline: Known[], known: Known): void {
  timeline.splice(timeline.indexOf(known, lowerBound(timeline, known.time)), 1);
}

function within(timeline: readonly Known[], from: number, to: number): Known[] {
  return timeline.slice(lowerBound(timeline, from), lowerBound(timeline, to + 1));
}

/** Index of the first that is not earlier than `time`. */
function lowerBound(timeline: readonly Known[], time: number): number {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeline[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

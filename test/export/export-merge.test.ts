import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_FACTS, type StoredPlay } from '../../src/music/history.ts';
import { type ExportPlay, mergeHistory } from '../../src/spotify/export-merge.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const second = (at: number) => new Date(NOON + at * 1000);

function play(at: number, seconds: number | null, more: Partial<ExportPlay> = {}): ExportPlay {
  return {
    trackId: 'a',
    recordingKey: 'artist|a',
    title: 'A',
    artist: 'Artist',
    album: null,
    endedAt: second(at),
    precision: 'second',
    ...NO_FACTS,
    msPlayed: seconds === null ? null : seconds * 1000,
    platform: 'android',
    ...more,
  };
}
const accountPlay = (at: number, seconds: number): ExportPlay =>
  play(at, seconds, { precision: 'minute', platform: null });

function stored(at: number, known: StoredPlay['known'], more: Partial<StoredPlay> = {}): StoredPlay {
  const msPlayed = known === 'polled' ? null : 200_000;
  return {
    playId: at,
    trackId: 'a',
    recordingKey: 'artist|a',
    endedAt: second(at),
    msPlayed,
    known,
    durationMs: null,
    ...more,
  };
}

/** What the table holds afterwards, as the store would have it. */
function apply(plays: readonly ExportPlay[], before: readonly StoredPlay[]) {
  const merge = mergeHistory(plays, before);
  const rows = new Map(before.map((row) => [row.playId, row]));
  for (const { playId, endedAt, trackId, precision, play } of merge.updates) {
    const known = precision === 'minute' ? 'minute' : play.platform === null ? 'polled-and-minute' : 'precise';
    rows.set(playId, { ...rows.get(playId)!, endedAt, trackId, msPlayed: play.msPlayed, known });
  }
  let playId = 1_000_000 + rows.size;
  for (const { trackId, recordingKey, endedAt, msPlayed, precision } of merge.inserts) {
    const known = precision === 'minute' ? 'minute' : 'precise';
    rows.set(++playId, { playId, trackId, recordingKey, endedAt, msPlayed, known, durationMs: null });
  }
  return { merge, rows: [...rows.values()] };
}

describe('plays of the extended history', () => {
  test('that end at the same second are one, the longer', () => {
    const { merge, rows } = apply([play(0, 10), play(0, 200)], []);
    expect(rows.map((row) => row.msPlayed)).toEqual([200_000]);
    expect(merge.alreadyThere).toBe(1);
  });

  test('that would have run at the same time are one, short ones in a row are not', () => {
    expect(apply([play(0, 200), play(5, 200)], []).rows).toHaveLength(1);
    expect(apply([play(0, 3), play(5, 3), play(10, 3)], []).rows).toHaveLength(3);
    expect(apply([play(0, 200), play(200, 200)], []).rows).toHaveLength(2);
  });

  test('are polled plays at most 90 s away, each once, the nearest first', () => {
    const before = [stored(-60, 'polled'), stored(140, 'polled')];
    const { merge, rows } = apply([play(0, 100), play(100, 100), play(300, 100)], before);
    expect(merge.mergedWithPolled).toBe(2);
    expect(rows.map((row) => (row.endedAt.getTime() - NOON) / 1000)).toEqual([0, 100, 300]);
    expect(apply([play(0, 300)], [stored(91, 'polled')]).rows).toHaveLength(2);
  });

  test('are polled plays of another edition; the polled id stays', () => {
    const { rows } = apply([play(0, 100, { trackId: 'b' })], [stored(10, 'polled')]);
    expect(rows).toMatchObject([{ trackId: 'a', known: 'precise' }]);
  });

  test('are the polled play that gives the start, when there is only one', () => {
    const before = [stored(-205, 'polled', { durationMs: 200_000 })];
    expect(apply([play(0, 200)], before).rows).toHaveLength(1);
    expect(apply([play(0, 200), play(-405, 200)], before).rows).toHaveLength(3);
  });

  test('give plays of the account data their second', () => {
    const before = [stored(0, 'minute', { trackId: 'name:artist|a' })];
    const { merge, rows } = apply([play(59, 200)], before);
    expect(rows).toMatchObject([{ trackId: 'a', endedAt: second(59), known: 'precise' }]);
    expect(merge.inserts).toEqual([]);
    expect(apply([play(60, 200)], before).rows).toHaveLength(2);
  });
});

describe('plays of the account data', () => {
  test('are the precise plays of their minute', () => {
    expect(apply([accountPlay(0, 200)], [stored(59, 'precise')]).merge).toMatchObject({ inserts: [], updates: [] });
    expect(apply([accountPlay(0, 200)], [stored(60, 'precise')]).rows).toHaveLength(2);
    expect(apply([accountPlay(0, 200)], [stored(-1, 'precise')]).rows).toHaveLength(2);
  });

  test('give polled plays their length and keep their time', () => {
    const { rows } = apply([accountPlay(0, 200)], [stored(75, 'polled')]);
    expect(rows).toMatchObject([{ msPlayed: 200_000, endedAt: second(75), known: 'polled-and-minute' }]);
  });

  test('leave a polled play to the minute it ended in', () => {
    const { rows } = apply([accountPlay(0, 100), accountPlay(120, 200)], [stored(120, 'polled')]);
    expect(rows).toMatchObject([
      { msPlayed: 200_000, endedAt: second(120), known: 'polled-and-minute' },
      { msPlayed: 100_000, endedAt: second(0), known: 'minute' },
    ]);
  });
});

test('an id whose title changed is still one recording', () => {
  const before = [stored(0, 'precise', { recordingKey: 'artist|a old title' })];
  expect(apply([play(0, 200)], before).rows).toHaveLength(1);
});

const anyPlay = fc
  .record({
    track: fc.constantFrom(['a', 'x'], ['b', 'x'], ['c', 'y']),
    at: fc.integer({ min: 0, max: 1200 }),
    seconds: fc.constantFrom(null, 0, 3, 45, 200, 600),
    minute: fc.boolean(),
  })
  .map(({ track, at, seconds, minute }) => {
    const names = { trackId: track[0]!, recordingKey: track[1]! };
    const time = minute ? Math.floor(at / 60) * 60 : at;
    return play(time, seconds, { ...names, ...(minute ? { precision: 'minute', platform: null } : {}) });
  });
const anyPolled = fc
  .uniqueArray(fc.record({ track: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 0, max: 1200 }) }), {
    maxLength: 12,
    selector: ({ track, at }) => `${track}${at}`,
  })
  .map((rows) =>
    rows.map(({ track, at }, playId) => {
      return stored(at, 'polled', { playId, trackId: track, recordingKey: track === 'c' ? 'y' : 'x' });
    }),
  );
const anyExport = fc.array(anyPlay, { maxLength: 25 });

describe('whatever is given', () => {
  test('every play is accounted for, none is stored twice, and no stored play is lost', () => {
    fc.assert(
      fc.property(anyExport, anyPolled, (plays, polled) => {
        const { merge, rows } = apply(plays, polled);
        expect(merge.inserts.length + merge.alreadyThere).toBe(plays.length);
        expect(rows.length).toBe(polled.length + merge.inserts.length);
        expect(new Set(merge.updates.map(({ playId }) => playId)).size).toBe(merge.updates.length);
        const keys = rows.map((row) => `${row.trackId} ${row.endedAt.getTime()}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('giving it again changes nothing, giving some of it again adds nothing', () => {
    fc.assert(
      fc.property(anyExport, anyPolled, fc.integer({ min: 0, max: 1200 }), (plays, polled, cut) => {
        const { rows } = apply(plays, polled);
        const again = mergeHistory(plays, rows);
        expect({ inserts: again.inserts, updates: again.updates }).toEqual({ inserts: [], updates: [] });
        const [early, late] = [
          plays.filter((p) => p.endedAt < second(cut)),
          plays.filter((p) => p.endedAt >= second(cut)),
        ];
        for (const part of [early, late]) expect(mergeHistory(part, rows).inserts).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/music/history.ts';
import { MERGE_REACH_MS } from '../../src/music/play.ts';
import { type ExportPlay, mergeHistory } from '../../src/spotify/export-merge.ts';
import { findPlaysNear, insertHistory, lockPlays, updateHistory } from '../../src/store/history.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { pairPlays } from '../../src/store/pair-plays.ts';
import { fillGaps, openGaps } from '../../src/store/play-gaps.ts';
import { heardTracks, saveApiPlays } from '../../src/store/plays.ts';
import { type PolledHalf, settlePolled } from '../../src/store/settle-polled.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, openTestStore, type TestStore } from '../store-fixture.ts';

const A = 'A'.repeat(22);
const B = 'B'.repeat(22);
const NOON = Date.UTC(2026, 10, 22, 12);
const at = (seconds: number) => new Date(NOON + seconds * 1000);
const page = { fetchedAt: at(9_999), pageIsFull: false };

async function withTracks(store: TestStore): Promise<number> {
  await saveTracks(store.db, [
    { id: A, title: 'Blue Monday', artists: ['New Order'] },
    { id: B, title: 'Temptation', artists: ['New Order'] },
  ]);
  return await ensureListener(store.db, 'me');
}

/** Every play without what says in which order it came. */
async function table(store: TestStore, listenerId: number) {
  return await store.db
    .selectFrom('play')
    .select(['track_id', 'ended_at', 'ms_played', 'source', 'polled_at', 'context_uri', 'platform', 'reason_end'])
    .where('listener_id', '=', listenerId)
    .orderBy('track_id')
    .orderBy('ended_at')
    .execute();
}

const polled = (trackId: string, seconds: number): PolledHalf => ({
  trackId,
  endedAt: at(seconds),
  contextUri: `spotify:album:${seconds}`,
});
const exported = (trackId: string, seconds: number, msPlayed = 200_000): ExportPlay => ({
  trackId,
  recordingKey: trackId,
  title: '',
  artist: '',
  album: null,
  endedAt: at(seconds),
  precision: 'second',
  ...NO_FACTS,
  msPlayed,
  platform: 'linux',
});

/** As the task import-history does it. */
async function importPlays(store: TestStore, me: number, plays: readonly ExportPlay[]) {
  const times = plays.map(({ endedAt }) => endedAt);
  return await store.transaction(async (db) => {
    await lockPlays(db, me);
    const merge = mergeHistory(plays, await findPlaysNear(db, me, times, MERGE_REACH_MS));
    await updateHistory(
      db,
      merge.updates.map((update) => ({ ...update, precision: update.play.precision })),
    );
    await insertHistory(db, me, merge.inserts);
    await settlePolled(db, me, new Set(plays.map(({ trackId }) => trackId)), []);
    await fillGaps(db, me, times, at(0));
    return merge;
  });
}

describeEachStore('plays', (open) => {
  it('stores a poll once, however often it is given', async () => {
    await using store = await open();
    const me = await withTracks(store);
    const plays = [polled(A, 0), polled(B, 200)];
    expect(await saveApiPlays(store.db, me, plays, page)).toMatchObject({ stored: 2, merged: 0, alreadyThere: 0 });
    expect(await saveApiPlays(store.db, me, plays, page)).toMatchObject({ stored: 0, merged: 0, alreadyThere: 2 });
    expect(await table(store, me)).toMatchObject([
      { track_id: A, ended_at: at(0), ms_played: null, source: 'api' },
      { track_id: B, ended_at: at(200), ms_played: null, source: 'api' },
    ]);
  });

  it('makes a polled play the exported one within 90 s and keeps when it was polled', async () => {
    await using store = await open();
    const me = await withTracks(store);
    await saveApiPlays(store.db, me, [polled(A, 0), polled(A, 1000)], page);
    await importPlays(store, me, [exported(A, 90), exported(A, 1091), exported(B, 0)]);
    expect(await table(store, me)).toMatchObject([
      { track_id: A, ended_at: at(90), source: 'export', ms_played: 200_000, polled_at: at(0), platform: 'linux' },
      { track_id: A, ended_at: at(1000), source: 'api', ms_played: null, polled_at: at(1000) },
      { track_id: A, ended_at: at(1091), source: 'export', polled_at: null },
      { track_id: B, ended_at: at(0), source: 'export', polled_at: null },
    ]);
  });

  it('marks an exported play as polled instead of storing it twice, one to one', async () => {
    await using store = await open();
    const me = await withTracks(store);
    await importPlays(store, me, [exported(A, 0)]);
    const saved = await saveApiPlays(store.db, me, [polled(A, 30), polled(A, -60)], page);
    expect(saved).toMatchObject({ stored: 1, merged: 1 });
    expect(await table(store, me)).toMatchObject([
      { ended_at: at(-60), source: 'api' },
      { ended_at: at(0), source: 'export', polled_at: at(30), context_uri: 'spotify:album:30' },
    ]);
  });

  it('records a gap once and closes it when an export covers it', async () => {
    await using store = await open();
    const me = await withTracks(store);
    const full = { fetchedAt: at(5_000), pageIsFull: true };
    expect(await saveApiPlays(store.db, me, [polled(A, 0)], full)).toMatchObject({ gap: undefined });
    const gap = { newestStoredAt: at(0), oldestFetchedAt: at(4_000) };
    expect(await saveApiPlays(store.db, me, [polled(A, 4_000)], full)).toMatchObject({ gap });
    expect(await saveApiPlays(store.db, me, [polled(A, 4_000), polled(A, 4_500)], full)).toMatchObject({
      gap: undefined,
    });
    expect(await openGaps(store.db, me)).toMatchObject([gap]);
    await importPlays(store, me, [exported(B, -100), exported(A, 30)]);
    expect(await openGaps(store.db, me)).toHaveLength(1);
    await importPlays(store, me, [exported(B, 1_000)]);
    expect(await openGaps(store.db, me)).toEqual([]);
  });

  it('tells what was heard, how often and for long enough', async () => {
    await using store = await open();
    const me = await withTracks(store);
    await importPlays(store, me, [exported(A, 0, 29_999), exported(A, 500, 30_000)]);
    await saveApiPlays(store.db, me, [polled(B, 900)], page);
    expect(await heardTracks(store.db, me)).toEqual([
      { trackId: A, recordingKey: 'new order|blue monday', isrc: null, plays: 2, listens: 1, lastPlayedAt: at(500) },
      { trackId: B, recordingKey: 'new order|temptation', isrc: null, plays: 1, listens: 1, lastPlayedAt: at(900) },
    ]);
  });
});

describe('polling and importing', () => {
  // Two tracks within six minutes, so that plays crowd each other and pairs have to be decided.
  const track = fc.constantFrom(A, B);
  const poll = fc.record({ trackId: track, ms: fc.integer({ min: 0, max: 360_000 }) });
  const row = fc.record({
    trackId: track,
    s: fc.integer({ min: 0, max: 360 }),
    msPlayed: fc.integer({ min: 0, max: 3 }),
  });
  const batch = fc.oneof(
    fc.record({ polls: fc.array(poll, { minLength: 1, maxLength: 4 }) }),
    fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 4 }) }),
  );
  const shuffled = fc
    .array(batch, { minLength: 1, maxLength: 5 })
    .chain((batches) =>
      fc.tuple(
        fc.constant(batches),
        fc.shuffledSubarray(batches, { minLength: batches.length }),
        fc.nat(batches.length - 1),
      ),
    );

  it('gives the same table in any order, and again', async () => {
    await using store = await openTestStore();
    await withTracks(store);
    let listeners = 0;
    const fill = async (batches: readonly unknown[]) => {
      const me = await ensureListener(store.db, `listener ${listeners++}`);
      for (const given of batches as (
        | { polls: { trackId: string; ms: number }[] }
        | { rows: { trackId: string; s: number; msPlayed: number }[] }
      )[]) {
        if ('polls' in given) {
          const plays = given.polls.map(({ trackId, ms }) => polled(trackId, ms / 1000));
          const saved = await saveApiPlays(store.db, me, plays, page);
          expect(saved.stored + saved.merged + saved.alreadyThere).toBe(plays.length);
        } else {
          const plays = given.rows.map(({ trackId, s, msPlayed }) => exported(trackId, s, msPlayed));
          await importPlays(store, me, plays);
        }
      }
      return await table(store, me);
    };
    await fc.assert(
      fc.asyncProperty(shuffled, async ([batches, other, again]) => {
        const first = await fill(batches);
        expect(await fill(other)).toEqual(first);
        expect(await fill([...batches, batches[again]])).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });
});

describe('pairPlays', () => {
  const times = fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 12 });

  it('pairs one to one, at most 90 s apart, and leaves no two that could still be paired', () => {
    fc.assert(
      fc.property(times, times, (polls, exports) => {
        const pairs = pairPlays(polls, exports);
        expect(new Set(pairs.values()).size).toBe(pairs.size);
        for (const [poll, row] of pairs) expect(Math.abs(poll - row)).toBeLessThanOrEqual(90_000);
        const free = exports.filter((row) => ![...pairs.values()].includes(row));
        for (const poll of polls.filter((each) => !pairs.has(each))) {
          for (const row of free) expect(Math.abs(poll - row)).toBeGreaterThan(90_000);
        }
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { ensureListener } from '../../src/store/listeners.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(22)) as [string, string];
const at = (time: string) => `2026-11-${time}:00Z`;

/** Two songs; three sessions, one over midnight; one play too short to count, one of unknown length. */
async function fill(store: TestStore): Promise<void> {
  const me = await ensureListener(store.db, 'me');
  await saveTracks(store.db, [
    { id: A, title: 'Long', artists: ['First', 'Second'], durationMs: 360_000, isrc: 'SE0000000001' },
    { id: B, title: 'Short', artists: ['Second'], durationMs: 180_000, isrc: 'SE0000000001' },
  ]);
  const plays: [string, string, number | null][] = [
    [A, at('21T23:50'), 360_000],
    [B, at('22T00:05'), 180_000],
    [B, at('22T00:06'), 29_999],
    [A, at('22T00:36'), 360_000],
    [A, at('22T01:07'), null],
    [B, at('22T12:00'), 30_000],
  ];
  for (const [track_id, ended_at, ms_played] of plays) {
    const polled =
      ms_played === null ? { source: 'api' as const, polled_at: new Date(ended_at) } : { source: 'export' as const };
    await store.db
      .insertInto('play')
      .values({ listener_id: me, track_id, ended_at: new Date(ended_at), ms_played, ...polled })
      .execute();
  }
}

describeEachStore('the views', (open) => {
  it('answer what was heard, when and how often', async () => {
    await using store = await open();
    await fill(store);
    const rows = async (query: string) => (await store.exec(query)).rows;
    expect(await rows('select count(*) from listen')).toEqual([{ count: 5 }]);
    expect(await rows('select day, listens, tracks, hours from listens_per_day order by day')).toEqual([
      { day: '2026-11-21', listens: 1, tracks: 1, hours: 0.1 },
      { day: '2026-11-22', listens: 4, tracks: 2, hours: 0.26 },
    ]);
    expect(await rows('select rank, title, artists, listens from top_track order by rank')).toEqual([
      { rank: 1, title: 'Long', artists: 'First, Second', listens: 3 },
      { rank: 2, title: 'Short', artists: 'Second', listens: 2 },
    ]);
    expect(await rows('select rank, artist, listens, tracks from top_artist order by rank')).toEqual([
      { rank: 1, artist: 'First', listens: 3, tracks: 1 },
      { rank: 2, artist: 'Second', listens: 2, tracks: 1 },
    ]);
    expect(
      await rows('select first_ended_at, plays, track_ids from listening_session order by first_ended_at'),
    ).toEqual([
      { first_ended_at: new Date(at('21T23:50')), plays: 4, track_ids: [A, B, B, A] },
      { first_ended_at: new Date(at('22T01:07')), plays: 1, track_ids: [A] },
      { first_ended_at: new Date(at('22T12:00')), plays: 1, track_ids: [B] },
    ]);
    expect(await rows('select title, tracks, track_ids, isrcs from recording')).toEqual([
      { title: 'Long', tracks: 2, track_ids: [A, B], isrcs: ['SE0000000001'] },
    ]);
  });

  it('show open gaps and the last run of each pipeline', async () => {
    await using store = await open();
    const me = await ensureListener(store.db, 'me');
    const gap = {
      listener_id: me,
      newest_stored_at: new Date(0),
      oldest_fetched_at: new Date(5_000),
      detected_at: new Date(),
    };
    await store.db.insertInto('play_gap').values(gap).execute();
    await store.db
      .insertInto('play_gap')
      .values({ ...gap, oldest_fetched_at: new Date(9_000), filled_at: new Date() })
      .execute();
    expect((await store.exec('select length from open_gap')).rows).toEqual([{ length: '00:00:05' }]);
    for (const [run_key, seconds] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      await store.db
        .insertInto('run')
        .values({
          run_key,
          pipeline: 'weekly',
          trigger: 'manual',
          status: 'succeeded',
          created_at: new Date(seconds * 1000),
          started_at: new Date(0),
          finished_at: new Date(seconds * 1000),
        })
        .execute();
    }
    expect((await store.exec('select run_key, took from latest_run')).rows).toEqual([
      { run_key: 'two', took: '00:00:02' },
    ]);
  });
});

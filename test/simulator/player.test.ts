import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { layOutPlays } from '../../src/simulator/play-log.ts';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import type { WirePlayHistory, WireRecentlyPlayed } from '../../src/spotify/wire.ts';
import { checkWire } from './check-wire.ts';
import { type caller, caller as callerOf, connect, START, startConnected, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;
const HOUR = 3_600_000;
const KNOWN = '6FsQrRpBLgsrFeAeiQqytm';

beforeAll(async () => {
  ({ simulator, call } = await startConnected({ settings: { rateLimit: null, quota: null } }));
});
afterAll(() => simulator.stop());
afterEach(() => {
  checkWire(simulator);
  simulator.change({ ...DEFAULT_SETTINGS, consent: 'approve', rateLimit: null, quota: null });
  simulator.state.listeners['kufx-radio']!.extraPlays = [];
  simulator.clock.set(START);
});

type Page = Omit<WireRecentlyPlayed, 'items'> & { items: WirePlayHistory[] };

async function recent(query = '?limit=50'): Promise<Page> {
  return (await call('GET', `/me/player/recently-played${query}`)).body;
}

/** The same with a new access token, after more than an hour has passed. */
async function recentLater(query = '?limit=50'): Promise<Page> {
  const later = callerOf(simulator, (await connect(simulator)).access_token);
  return (await later('GET', `/me/player/recently-played${query}`)).body;
}

const times = (page: { items: WirePlayHistory[] }) => page.items.map((item) => Date.parse(item.played_at));

describe('recently-played', () => {
  it('is a ring of the last 50 plays, newest first, without a total', async () => {
    const page = await recent();
    expect(page.items).toHaveLength(50);
    expect(page).not.toHaveProperty('total');
    const ends = times(page);
    expect(ends).toEqual([...ends].sort((a, b) => b - a));
    expect(new Set(ends).size).toBe(50);
    expect(ends[0]).toBeLessThanOrEqual(START.getTime());
  });

  it('gives cursors as text: after of the newest, before of the oldest, and a next that leads backwards', async () => {
    const page = await recent('?limit=20');
    const ends = times(page);
    expect(page.cursors).toEqual({ after: String(ends[0]), before: String(ends[19]) });
    const next = (await call('GET', page.next as string)).body;
    expect(times(next)).toEqual(times(await recent()).slice(20, 40));
  });

  it('ends at 50 plays: nothing older, and cursors null on the empty page', async () => {
    const page = await recent();
    const end = (await call('GET', page.next as string)).body;
    expect(end).toMatchObject({ items: [], next: null, cursors: null });
  });

  it('takes after and before strictly, not both, and limits of 1 to 50', async () => {
    const ends = times(await recent());
    expect(times(await recent(`?limit=50&after=${ends[3]}`))).toEqual(ends.slice(0, 3));
    expect(times(await recent(`?limit=2&before=${ends[3]}`))).toEqual(ends.slice(4, 6));
    for (const query of ['?after=1&before=2', '?limit=0', '?limit=51', '?limit=x', '?after=yesterday']) {
      expect((await call('GET', `/me/player/recently-played${query}`)).status).toBe(400);
    }
  });

  it('returns either end when more plays are newer than after than fit', async () => {
    const ends = times(await recent());
    expect(times(await recent(`?limit=5&after=${ends[20]}`))).toEqual(ends.slice(0, 5));
    simulator.change({ afterReturns: 'oldest' });
    expect(times(await recent(`?limit=5&after=${ends[20]}`))).toEqual(ends.slice(15, 20));
  });

  it('fills up while the clock moves, and again from the beginning when the log is over', async () => {
    const before = times(await recent());
    simulator.clock.advance(2 * HOUR);
    const after = times(await recentLater());
    expect(after[0]).toBeGreaterThan(before[0]!);
    expect(after.filter((end) => before.includes(end)).length).toBeGreaterThan(20);
    simulator.clock.advance(30 * 24 * HOUR);
    const later = times(await recentLater());
    expect(later).toHaveLength(50);
    expect(later[0]).toBeGreaterThan(simulator.clock.now().getTime() - 12 * HOUR);
  });

  it('takes in a play that arrives hours late, behind the newest', async () => {
    const endedAt = new Date(START.getTime() - 3 * HOUR);
    simulator.addPlay({ trackId: KNOWN, endedAt, visibleAt: new Date(START.getTime() + 2 * HOUR) });
    const end = endedAt.getTime();
    expect(times(await recent())).not.toContain(end);
    const cursor = times(await recent())[0];
    simulator.clock.set(new Date(START.getTime() + 2 * HOUR));
    const page = times(await recentLater());
    expect(page).toContain(end);
    expect(page.indexOf(end)).toBeGreaterThan(0);
    const missed = await recentLater(`?limit=50&after=${cursor}`);
    expect(times(missed)).not.toContain(end);
  });

  it('lags behind where it is told to', async () => {
    const prompt = times(await recent());
    simulator.change({ playLagMs: 3 * HOUR });
    const lagging = times(await recent());
    expect(lagging[0]).toBeLessThanOrEqual(START.getTime() - 3 * HOUR);
    expect(prompt).toContain(lagging[0]);
  });

  it('can list a play whose track is null', async () => {
    simulator.addPlay({ trackId: null });
    expect((await recent()).items[0]).toEqual({ track: null, played_at: START.toISOString(), context: null });
  });

  it('marks the end of the play, or the start where that is switched', async () => {
    simulator.addPlay({ trackId: KNOWN, endedAt: START });
    const [atEnd] = (await recent('?limit=1')).items;
    expect(atEnd!.played_at).toBe(START.toISOString());
    simulator.change({ playedAt: 'start' });
    const starts = (await recent()).items
      .filter((item) => item.track?.id === KNOWN)
      .map((item) => Date.parse(item.played_at));
    expect(starts).toContain(START.getTime() - atEnd!.track!.duration_ms!);
  });

  it('names the playlist of the listener as context of some plays and none of others', async () => {
    const contexts = (await recent()).items.map((item) => item.context?.type ?? null);
    expect(new Set(contexts)).toEqual(new Set(['playlist', null]));
  });
});

describe('currently-playing', () => {
  it('shows what becomes the next play, and answers 204 between plays', async () => {
    const statuses = new Set<number>();
    for (let minute = 0; minute < 40; minute++) {
      const { status, body } = await call('GET', '/me/player/currently-playing');
      statuses.add(status);
      if (status === 200) {
        expect(body.progress_ms).toBeLessThan(body.item.duration_ms);
        expect(body.timestamp).toBe(simulator.clock.now().getTime() - body.progress_ms);
      }
      simulator.clock.advance(60_000);
    }
    expect(statuses).toEqual(new Set([200, 204]));
  });
});

describe('top items', () => {
  it('are counted from the plays of the range', async () => {
    simulator.addPlay({ trackId: KNOWN });
    const top = (await call('GET', '/me/top/tracks?limit=50&time_range=short_term')).body;
    expect(top.items).toHaveLength(50);
    expect(top.total).toBeGreaterThan(250);
    expect(top.items[0].id).toBe(KNOWN);
    const artists = (await call('GET', '/me/top/artists?limit=1&offset=1')).body;
    expect(artists).toMatchObject({ limit: 1, offset: 1, previous: expect.stringContaining('offset=0') });
    expect((await call('GET', '/me/top/albums')).status).toBe(400);
    expect((await call('GET', '/me/top/tracks?time_range=ever')).status).toBe(400);
  });
});

describe('laying out a radio log', () => {
  it('gives every play of every station its own end time, in order, none longer than its track', () => {
    const { logs, catalogue } = simulator.world;
    const durationOf = (id: string) => catalogue.tracks.get(id)!.durationMs;
    for (const log of logs.values()) {
      const { plays, lengthMs } = layOutPlays(log, durationOf);
      expect(plays).toHaveLength(log.length);
      for (const [index, play] of plays.entries()) {
        const previousEnd = plays[index - 1]?.endsAt ?? 0;
        if (play.endsAt <= previousEnd || play.msPlayed > durationOf(play.trackId)) {
          throw new Error(
            `play ${index} ends at ${play.endsAt} after ${play.msPlayed} ms, the one before at ${previousEnd}`,
          );
        }
      }
      expect(lengthMs).toBeGreaterThan(plays.at(-1)!.endsAt);
    }
  });

  it('keeps the times of the readings for any log', () => {
    const reading = fc.record({ after: fc.integer({ min: 61, max: 50_000 }), plays: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 4000, max: 900_000 }),
        (readings, ms) => {
          let at = 1_402_880_000;
          const log = readings.flatMap(({ after, plays }) => {
            at += after;
            return Array.from({ length: plays }, (_, index) => ({ trackId: `${index}`, scrapedAt: at }));
          });
          const { plays } = layOutPlays(log, () => ms);
          const offset = log.at(-1)!.scrapedAt * 1000 - plays.at(-1)!.endsAt;
          for (const [index, play] of plays.entries()) {
            expect(play.endsAt + offset).toBeLessThanOrEqual(log[index]!.scrapedAt * 1000 + 400);
            if (index > 0) expect(play.endsAt).toBeGreaterThanOrEqual(plays[index - 1]!.endsAt);
          }
        },
      ),
    );
  });
});

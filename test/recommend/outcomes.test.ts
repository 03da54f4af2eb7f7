import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordingIdentity } from '../../src/recommend/known-recordings.ts';
import {
  decideOutcomes,
  type Evidence,
  OUTCOMES,
  type PublishedEdition,
  type SongOutcome,
  WINDOW_MS,
  type WitnessedPlay,
  wasHeardOut,
} from '../../src/recommend/outcomes.ts';

const PUBLISHED = new Date('2026-11-23T05:00:00Z');
const HOUR = 3_600_000;
const LIST = 'spotify:playlist:segue';

const track = (id: string, more: Partial<RecordingIdentity> = {}): RecordingIdentity => ({
  id,
  recordingKey: `artist|${id}`,
  ...more,
});
const later = (ms: number) => new Date(PUBLISHED.getTime() + ms);
const edition = (songs: readonly RecordingIdentity[], at = 0, editionId = 1): PublishedEdition => ({
  editionId,
  publishedAt: later(at),
  playlistUri: LIST,
  songs: songs.map((song, position) => ({ position, track: song })),
});
/** Of a song of four minutes, an hour after publication. */
const play = (more: Partial<WitnessedPlay> = {}): WitnessedPlay => ({
  track: track('a'),
  endedAt: later(HOUR),
  msPlayed: 60_000,
  durationMs: 240_000,
  skipped: null,
  reasonEnd: 'fwdbtn',
  contextUri: null,
  ...more,
});
const song = track('a', { isrc: 'SE1' });

/** Plays are known up to an hour past the window, unless said otherwise. */
function decideOne(evidence: Partial<Evidence>, editions = [edition([song])]): SongOutcome {
  return decideOutcomes(editions, { plays: [], saves: [], knownUntil: later(WINDOW_MS + HOUR), ...evidence })[0]!;
}

describe('a play', () => {
  test.each<[string, Partial<WitnessedPlay>, boolean]>([
    ['of nine tenths', { msPlayed: 216_000 }, true],
    ['of nine tenths, then skipped', { msPlayed: 216_000, skipped: true }, true],
    ['of a millisecond less', { msPlayed: 215_999 }, false],
    ['that ended with the song', { reasonEnd: 'trackdone' }, true],
    ['that was moved to the end at once', { reasonEnd: 'trackdone', msPlayed: 29_999 }, false],
    ['of a song of 20 s, all of it', { durationMs: 20_000, msPlayed: 20_000 }, true],
    ['of a song of unknown length', { durationMs: null }, false],
    ['of unknown length', { msPlayed: null, reasonEnd: null }, true],
    ['of unknown length, marked as skipped', { msPlayed: null, skipped: true }, false],
  ])('%s', (_, more, heardOut) => {
    expect(wasHeardOut(play(more))).toBe(heardOut);
  });
});

describe('a song is', () => {
  const part = play();
  const short = play({ msPlayed: 29_999 });
  const marked = play({ skipped: true });
  const whole = play({ msPlayed: 240_000, reasonEnd: 'trackdone' });
  test.each<[string, WitnessedPlay[], Partial<SongOutcome>]>([
    ['kept when heard to the end once', [whole], { outcome: 'kept', plays: 1, listens: 1, heardOut: 1 }],
    ['kept when listened to twice', [part, part], { outcome: 'kept', plays: 2, listens: 2, heardOut: 0 }],
    ['skipped when one listen was cut short', [part], { outcome: 'skipped', listens: 1 }],
    ['skipped under 30 s, however often', [short, short, short], { outcome: 'skipped', plays: 3, listens: 0 }],
    ['skipped when marked so, however often', [marked, marked], { outcome: 'skipped', plays: 2, listens: 0 }],
    ['skipped when one listen and skips are all', [part, short, marked], { outcome: 'skipped', listens: 1 }],
    ['kept when heard out after a skip', [short, whole], { outcome: 'kept', plays: 2 }],
    ['ignored without a play', [], { outcome: 'ignored', firstListenedAt: null, savedAt: null }],
  ])('%s', (_, plays, expected) => {
    expect(decideOne({ plays })).toMatchObject({ ...expected, settled: true, editionId: 1, position: 0 });
  });

  test('open while the window is, and only where nothing was played', () => {
    const open = { knownUntil: later(WINDOW_MS - 1) };
    expect(decideOne(open)).toMatchObject({ outcome: 'open', settled: false });
    expect(decideOne({ knownUntil: null })).toMatchObject({ outcome: 'open', settled: false });
    expect(decideOne({ ...open, plays: [part] })).toMatchObject({ outcome: 'skipped', settled: false });
    expect(decideOne({ ...open, plays: [whole] })).toMatchObject({ outcome: 'kept', settled: false });
    expect(decideOne({ knownUntil: later(WINDOW_MS) })).toMatchObject({ outcome: 'ignored', settled: true });
  });

  test('judged by plays from the publication on, until the window ends', () => {
    const at = (ms: number) => decideOne({ plays: [{ ...whole, endedAt: later(ms) }] });
    expect([-1, 0, WINDOW_MS - 1, WINDOW_MS].map((ms) => at(ms).outcome)).toEqual([
      'ignored',
      'kept',
      'kept',
      'ignored',
    ]);
    expect(at(0).firstListenedAt).toEqual(PUBLISHED);
    expect(at(0).windowEndsAt).toEqual(later(WINDOW_MS));
  });

  test('the same under another id, ISRC or name; another song is not', () => {
    const heard = (id: RecordingIdentity) => decideOne({ plays: [{ ...whole, track: id }] }).outcome;
    expect(heard({ id: 'a', recordingKey: 'x|y' })).toBe('kept');
    expect(heard({ id: 'b', recordingKey: 'x|y', isrc: 'SE1' })).toBe('kept');
    expect(heard({ id: 'b', recordingKey: 'artist|a' })).toBe('kept');
    expect(heard({ id: 'b', recordingKey: 'x|y', isrc: 'SE2' })).toBe('ignored');
    // One play that is the same by all three is one play.
    expect(decideOne({ plays: [{ ...part, track: song }] })).toMatchObject({ plays: 1, outcome: 'skipped' });
  });

  test('told whether its plays came from the published playlist', () => {
    const plays = [{ ...part, contextUri: LIST }, { ...part, contextUri: 'spotify:album:x' }, part];
    expect(decideOne({ plays })).toMatchObject({ plays: 3, fromPlaylist: 1 });
  });
});

describe('a saved song', () => {
  const saved = (...times: (number | null)[]) =>
    decideOne({ saves: times.map((ms) => ({ track: song, at: ms === null ? null : later(ms) })) });

  test('is kept, from the first save in the window', () => {
    expect(saved(HOUR, 2 * HOUR)).toMatchObject({ outcome: 'kept', savedAt: later(HOUR), plays: 0 });
    expect(saved(0).savedAt).toEqual(PUBLISHED);
    expect(saved(WINDOW_MS - 1).outcome).toBe('kept');
    expect(saved(WINDOW_MS).outcome).toBe('ignored');
  });

  test('is not saved again when it was liked before, or nobody knows when', () => {
    expect(saved(-1, HOUR)).toMatchObject({ outcome: 'ignored', savedAt: null });
    expect(saved(null, HOUR)).toMatchObject({ outcome: 'ignored', savedAt: null });
    const heard = decideOne({ plays: [play({ msPlayed: 240_000 })], saves: [{ track: song, at: null }] });
    expect(heard).toMatchObject({ outcome: 'kept', savedAt: null });
  });

  test('is kept although its only play was a skip', () => {
    const saves = [{ track: song, at: later(HOUR) }];
    expect(decideOne({ plays: [play({ msPlayed: 5_000 })], saves }).outcome).toBe('kept');
  });
});

test('a play speaks for the edition that brought the song last', () => {
  const week = 7 * 24 * HOUR;
  const again = { id: 'other', recordingKey: 'x|y', isrc: 'SE1' };
  const editions = [edition([song, track('b')]), edition([again], week, 2)];
  const heard = play({ msPlayed: 240_000, endedAt: later(week) });
  const evidence = { plays: [heard], saves: [], knownUntil: later(week) };
  const [first, other, second] = decideOutcomes(editions, evidence);
  expect(first).toMatchObject({ outcome: 'ignored', settled: true, windowEndsAt: later(week) });
  expect(other).toMatchObject({ outcome: 'open', position: 1, windowEndsAt: later(WINDOW_MS) });
  expect(second).toMatchObject({
    editionId: 2,
    outcome: 'kept',
    settled: false,
    windowEndsAt: later(week + WINDOW_MS),
  });
});

describe('whatever was played and saved', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const anyTrack = fc.record({
    id: names,
    recordingKey: names.map((name) => `artist|${name}`),
    isrc: fc.option(names, { nil: undefined }),
  });
  const day = fc.integer({ min: -5, max: 60 }).map((days) => later(days * 24 * HOUR));
  const plays = fc.array(
    fc.record({
      track: anyTrack,
      endedAt: day,
      msPlayed: fc.option(fc.integer({ min: 0, max: 300_000 })),
      durationMs: fc.option(fc.integer({ min: 1, max: 300_000 })),
      skipped: fc.option(fc.boolean()),
      reasonEnd: fc.constantFrom(null, 'trackdone', 'fwdbtn', 'endplay'),
      contextUri: fc.constantFrom(null, LIST, 'spotify:album:x'),
    }),
    { maxLength: 12 },
  );
  const saves = fc.array(fc.record({ track: anyTrack, at: fc.option(day) }), { maxLength: 4 });
  const evidence = fc.record({ plays, saves, knownUntil: fc.option(day) });
  const editions = fc
    .array(fc.record({ songs: fc.array(anyTrack, { maxLength: 4 }), day: fc.integer({ min: 0, max: 40 }) }), {
      maxLength: 3,
    })
    .map((list) => list.map(({ songs, day: days }, at) => edition(songs, days * 24 * HOUR, at)));

  test('every song has one outcome, and its counts fit together', () => {
    fc.assert(
      fc.property(editions, evidence, (published, seen) => {
        const found = decideOutcomes(published, seen);
        expect(found.map(({ editionId, position }) => [editionId, position])).toEqual(
          published.flatMap(({ editionId, songs }) => songs.map(({ position }) => [editionId, position])),
        );
        for (const each of found) {
          expect(OUTCOMES).toContain(each.outcome);
          expect(each.heardOut).toBeLessThanOrEqual(each.listens);
          expect(each.listens).toBeLessThanOrEqual(each.plays);
          expect(each.fromPlaylist).toBeLessThanOrEqual(each.plays);
          expect(each.firstListenedAt !== null).toBe(each.listens > 0);
          if (each.settled) expect(each.outcome).not.toBe('open');
          if (each.outcome === 'open' || each.outcome === 'ignored') expect(each.plays).toBe(0);
          if (each.outcome === 'skipped')
            expect([each.heardOut, each.savedAt, each.listens > 1]).toEqual([0, null, false]);
        }
      }),
    );
  });

  test('their order says nothing, and knowing more settles what was open and takes nothing back', () => {
    fc.assert(
      fc.property(editions, evidence, fc.integer({ min: 0, max: 90 }), (published, seen, days) => {
        const found = decideOutcomes(published, seen);
        const turned = { ...seen, plays: seen.plays.toReversed(), saves: seen.saves.toReversed() };
        expect(decideOutcomes(published, turned)).toEqual(found);
        const knownUntil = new Date((seen.knownUntil ?? PUBLISHED).getTime() + days * 24 * HOUR);
        for (const [at, now] of decideOutcomes(published, { ...seen, knownUntil }).entries()) {
          const { outcome, settled } = found[at]!;
          if (outcome === 'open') expect(['open', 'ignored']).toContain(now.outcome);
          else expect(now.outcome).toBe(outcome);
          if (settled) expect(now.settled).toBe(true);
        }
      }),
    );
  });

  test('one more play never makes a kept song less', () => {
    fc.assert(
      fc.property(editions, evidence, plays, (published, seen, more) => {
        const found = decideOutcomes(published, seen);
        const heardMore = decideOutcomes(published, { ...seen, plays: [...seen.plays, ...more] });
        for (const [at, { outcome }] of found.entries())
          if (outcome === 'kept') expect(heardMore[at]!.outcome).toBe('kept');
      }),
    );
  });

  test('a play is counted in at most one edition of a song', () => {
    const spread = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(spread, plays, (days, heard) => {
        const published = days.map((each, at) => edition([song], each * 24 * HOUR, at));
        const mine = heard.map((each) => ({ ...each, track: song }));
        const found = decideOutcomes(published, { plays: mine, saves: [], knownUntil: null });
        const counted = found.reduce((sum, each) => sum + each.plays, 0);
        expect(counted).toBeLessThanOrEqual(mine.length);
      }),
    );
  });
});

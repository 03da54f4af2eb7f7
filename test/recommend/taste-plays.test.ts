import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leaveOutPlays, seedAllowed, type TastePlay } from '../../src/recommend/taste-plays.ts';
import { ruleId, type TasteRule } from '../../src/recommend/taste-rules.ts';
import { parseRule } from '../../src/recommend/taste-text.ts';
import { trackOf } from './tiny-world.ts';

const play = (at: string, more: Partial<TastePlay> = {}): TastePlay => ({
  ...trackOf('Song', 'Somebody'),
  endedAt: new Date(at),
  msPlayed: 200_000,
  artistIds: [null],
  platform: null,
  contextUri: null,
  privateSession: null,
  skipped: null,
  reasonEnd: null,
  ...more,
});
const rulesOf = (...texts: string[]) => texts.map((text) => parseRule(text) as TasteRule);
const kept = (plays: TastePlay[], rules: TasteRule[], zone = 'Europe/Stockholm') =>
  leaveOutPlays(plays, rules, zone).kept.map(({ endedAt }) => endedAt.toISOString().slice(0, 16));

describe('times', () => {
  test('hours are those of the clock on the wall, in summer and winter, until the last', () => {
    // Stockholm is UTC+1 in winter and UTC+2 in summer.
    const plays = ['2026-01-10T00:59Z', '2026-01-10T01:00Z', '2026-01-10T03:59Z', '2026-01-10T04:00Z'].map((at) =>
      play(at),
    );
    expect(kept(plays, rulesOf('hour:2-5'))).toEqual(['2026-01-10T00:59', '2026-01-10T04:00']);
    expect(kept([play('2026-07-10T00:00Z'), play('2026-07-10T03:00Z')], rulesOf('hour:2-5'))).toEqual([
      '2026-07-10T03:00',
    ]);
    expect(kept(plays, rulesOf('hour:2-5'), 'America/New_York')).toHaveLength(4);
  });

  test('the hour that comes twice is left out twice, the one that never comes is no error', () => {
    const twice = [play('2026-10-25T00:30Z'), play('2026-10-25T01:30Z'), play('2026-10-25T02:30Z')];
    expect(kept(twice, rulesOf('hour:2'))).toEqual(['2026-10-25T02:30']);
    expect(kept([play('2026-03-29T00:30Z'), play('2026-03-29T01:30Z')], rulesOf('hour:2'))).toHaveLength(2);
  });

  test('over midnight and over New Year', () => {
    const night = ['2026-01-10T20:59Z', '2026-01-10T21:00Z', '2026-01-11T02:59Z', '2026-01-11T03:00Z'].map((at) =>
      play(at),
    );
    expect(kept(night, rulesOf('hour:22-4'))).toEqual(['2026-01-10T20:59', '2026-01-11T03:00']);
    const winter = ['2025-12-19', '2025-12-20', '2026-01-01', '2026-01-06', '2026-01-07'].map((day) =>
      play(`${day}T12:00Z`),
    );
    expect(kept(winter, rulesOf('yearly:12-20..01-06'))).toEqual(['2025-12-19T12:00', '2026-01-07T12:00']);
  });

  test('days are local: December begins and ends at midnight where the listener lives', () => {
    const plays = ['2025-11-30T22:59Z', '2025-11-30T23:00Z', '2025-12-31T22:59Z', '2025-12-31T23:00Z'].map((at) =>
      play(at),
    );
    expect(kept(plays, rulesOf('december'))).toEqual(['2025-11-30T22:59', '2025-12-31T23:00']);
    expect(kept(plays, rulesOf('period:2025-12'))).toEqual(['2025-11-30T22:59', '2025-12-31T23:00']);
    // 30 November 2025 is a Sunday.
    expect(kept(plays, rulesOf('sunday'))).toEqual(['2025-11-30T23:00', '2025-12-31T22:59', '2025-12-31T23:00']);
  });

  test('every play has one hour, one weekday, one month: complements share them out', () => {
    const at = fc.date({ min: new Date('2005-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    const hour = fc.integer({ min: 1, max: 23 });
    fc.assert(
      fc.property(fc.array(at), hour, hour, (times, a, b) => {
        fc.pre(a !== b);
        const plays = times.map((time) => play(time.toISOString()));
        const one = leaveOutPlays(plays, rulesOf(`hour:${a}-${b}`), 'Asia/Kathmandu').leftOut;
        const other = leaveOutPlays(plays, rulesOf(`hour:${b}-${a}`), 'Asia/Kathmandu').leftOut;
        expect(one + other).toBe(plays.length);
      }),
    );
  });
});

test('by artist: normalised names, guests too, and ids where both are known', () => {
  const rule = { ...rulesOf('artist:Nirvana')[0]!, id: '6olE6TJLqED3rqDCT0FyPh' } as TasteRule;
  const plays = [
    play('2026-01-01T00:00Z', { artists: ['NIRVANA'], artistIds: [null] }),
    play('2026-01-02T00:00Z', { artists: ['Nirvana'], artistIds: ['1111111111111111111111'] }),
    play('2026-01-03T00:00Z', { artists: ['Renamed'], artistIds: ['6olE6TJLqED3rqDCT0FyPh'] }),
    play('2026-01-04T00:00Z', { artists: ['Somebody', 'Nirvâna'], artistIds: [null, null] }),
  ];
  expect(kept(plays, [rule], 'UTC')).toEqual(['2026-01-02T00:00']);
  expect(kept(plays, rulesOf('artist:nirvana'), 'UTC')).toEqual(['2026-01-03T00:00']);
  expect(kept(plays, rulesOf('artist-songs:nirvana'), 'UTC')).toHaveLength(4);
});

test('by song: any edition of the recording', () => {
  const song = (title: string, day: number) =>
    play(`2026-01-0${day}T00:00Z`, trackOf(title, 'Toto', { id: `x${day}` }));
  const plays = [song('Africa', 1), song('Africa - Remastered 2018', 2), song('Africa - Live', 3)];
  expect(kept(plays, rulesOf('track:TOTO - Africa'), 'UTC')).toEqual(['2026-01-03T00:00']);
});

test('by device and playlist; what nobody knows is kept and counted', () => {
  const id = '37i9dQZF1DX4sWSpwq3LiO';
  const plays = [
    play('2026-01-01T00:00Z', { platform: 'Partner sonos_ppc Sonos;Play1', contextUri: `spotify:playlist:${id}` }),
    play('2026-01-02T00:00Z', {
      platform: "iOS 17.1 (Oscar's iPhone12,1)",
      contextUri: `spotify:user:me:playlist:${id}`,
    }),
    play('2026-01-03T00:00Z', { platform: null, contextUri: null }),
    play('2026-01-04T00:00Z', { platform: 'android', contextUri: `spotify:album:${id}` }),
  ];
  const device = leaveOutPlays(plays, rulesOf('device:SONOS', 'device:iphone', 'device:car'), 'UTC');
  expect(device.effects).toEqual([
    { id: 'device:SONOS', plays: 1, unknown: 1 },
    { id: 'device:iphone', plays: 1, unknown: 1 },
    { id: 'device:car', plays: 0, unknown: 1 },
  ]);
  expect(device).toMatchObject({ leftOut: 2, kept: [plays[2], plays[3]] });
  const playlist = leaveOutPlays(plays, rulesOf(`playlist:${id}`), 'UTC');
  expect(playlist).toMatchObject({ leftOut: 2, effects: [{ plays: 2, unknown: 1 }] });
});

test('skips and private sessions: told, told by the end, or unknown', () => {
  const plays = [
    play('2026-01-01T00:00Z', { skipped: true, privateSession: true }),
    play('2026-01-02T00:00Z', { skipped: false, reasonEnd: 'fwdbtn', privateSession: false }),
    play('2026-01-03T00:00Z', { skipped: null, reasonEnd: 'fwdbtn' }),
    play('2026-01-04T00:00Z', { skipped: null, reasonEnd: 'trackdone' }),
    play('2026-01-05T00:00Z'),
  ];
  expect(leaveOutPlays(plays, rulesOf('skips', 'private'), 'UTC').effects).toEqual([
    { id: 'skips', plays: 2, unknown: 1 },
    { id: 'private', plays: 1, unknown: 3 },
  ]);
  expect(leaveOutPlays(plays, rulesOf('allow-private'), 'UTC')).toEqual({ kept: plays, leftOut: 0, effects: [] });
});

test('a play that two rules name is left out once and counted by both; rules of songs count none', () => {
  const plays = [
    play('2025-12-07T12:00Z'),
    play('2025-12-08T12:00Z'),
    play('2025-11-09T12:00Z'),
    play('2025-11-10T12:00Z'),
  ];
  const rules = rulesOf('december', 'sunday', 'per-artist:1', 'no-explicit');
  const { leftOut, effects } = leaveOutPlays(plays, rules, 'UTC');
  expect(leftOut).toBe(3);
  expect(effects).toEqual([
    { id: 'december', plays: 2, unknown: 0 },
    { id: 'sunday', plays: 2, unknown: 0 },
  ]);
});

test('whatever the rules: what is kept stays in order, and adding a rule never brings a play back', () => {
  const texts = [
    'december',
    'sunday',
    'hour:22-4',
    'skips',
    'private',
    'device:tv',
    'period:..2010',
    'artist:Somebody',
  ];
  const anyPlay = fc.record({
    at: fc.date({ min: new Date('2005-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    skipped: fc.option(fc.boolean()),
    privateSession: fc.option(fc.boolean()),
    platform: fc.option(fc.constantFrom('Android TV', 'ios')),
    artist: fc.constantFrom('Somebody', 'Else'),
  });
  fc.assert(
    fc.property(fc.array(anyPlay), fc.subarray(texts), fc.constantFrom(...texts), (drawn, some, more) => {
      const plays = drawn.map(({ at, artist, ...facts }) => play(at.toISOString(), { ...facts, artists: [artist] }));
      const before = leaveOutPlays(plays, rulesOf(...some), 'Asia/Kathmandu');
      const after = leaveOutPlays(plays, rulesOf(...some, more), 'Asia/Kathmandu');
      expect(before.kept).toEqual(plays.filter((each) => before.kept.includes(each)));
      expect(before.kept).toEqual(expect.arrayContaining(after.kept));
      expect(before.leftOut).toBe(plays.length - before.kept.length);
      for (const { id, plays: count } of before.effects) {
        const rule = rulesOf(...some).find((each) => ruleId(each) === id)!;
        expect(leaveOutPlays(plays, [rule], 'Asia/Kathmandu').leftOut).toBe(count);
      }
    }),
  );
});

test('liked and top songs are seeds unless their artist or they themselves are left out', () => {
  const allowed = seedAllowed(rulesOf('artist:Enya', 'artist-songs:Abba', 'track:TOTO - Africa', 'december', 'skips'));
  expect(allowed(trackOf('Only Time', 'ENYA'))).toBe(false);
  expect(allowed(trackOf('Waterloo', 'ABBA'))).toBe(true);
  expect(allowed(trackOf('Africa', 'Toto'))).toBe(false);
  expect(allowed(trackOf('Rosanna', 'Toto'))).toBe(true);
});

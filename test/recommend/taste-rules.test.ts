import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTasteFile, writeTasteFile } from '../../src/recommend/taste-file.ts';
import {
  DEFAULT_RULES,
  MONTHS,
  ruleId,
  subjectOf,
  type TasteRule,
  tasteRule,
  WEEKDAYS,
  withDefaults,
  withRule,
} from '../../src/recommend/taste-rules.ts';
import { explicitOf, songRules, songsLeftOut } from '../../src/recommend/taste-songs.ts';
import { parseRule } from '../../src/recommend/taste-text.ts';
import { ruleWords } from '../../src/recommend/taste-words.ts';
import { trackOf } from './tiny-world.ts';

const code = (wanted: string) => expect.objectContaining({ code: wanted });

// Names as people have them: no line breaks, something to see, and no link where a name should be.
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map((text) => text.replace(/\p{Cc}/gu, '').trim())
  .filter((text) => text !== '' && !/^(spotify:|https?:)/.test(text));
const id = fc.stringMatching(/^[0-9A-Za-z]{22}$/);
const only = fc.option(fc.constantFrom('plays' as const, 'songs' as const), { nil: undefined });
const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const yearDay = day.map((date) => date.slice(5));
const anyRule: fc.Arbitrary<TasteRule> = fc
  .oneof(
    fc.record({ rule: fc.constant('artist'), name, only }),
    fc.record({ rule: fc.constant('track'), artist: name.filter((text) => !/ -( |$)/.test(text)), title: name, only }),
    fc.record({ rule: fc.constant('playlist'), id }),
    fc.record({ rule: fc.constant('hours'), from: fc.nat(23), to: fc.integer({ min: 1, max: 24 }) }),
    fc.record({ rule: fc.constant('weekday'), day: fc.constantFrom(...WEEKDAYS) }),
    fc.record({ rule: fc.constant('month'), month: fc.constantFrom(...MONTHS) }),
    fc.record({ rule: fc.constant('period'), from: day, to: day }),
    fc.record({ rule: fc.constant('period'), from: day }),
    fc.record({ rule: fc.constant('period'), to: day }),
    fc.record({ rule: fc.constant('yearly'), from: yearDay, to: yearDay }),
    fc.record({ rule: fc.constant('device'), name }),
    fc.record({ rule: fc.constant('skips') }),
    fc.record({ rule: fc.constant('private'), counts: fc.boolean() }),
    fc.record({ rule: fc.constantFrom('liked', 'explicit'), allowed: fc.boolean() }),
    fc.record({ rule: fc.constant('per-artist'), most: fc.integer({ min: 1, max: 99 }) }),
    fc.record({ rule: fc.constant('not-again'), weeks: fc.nat(99) }),
  )
  .map((rule) => tasteRule.safeParse(JSON.parse(JSON.stringify(rule))))
  .filter(({ success }) => success)
  .map(({ data }) => data!);

describe('any rule', () => {
  test('is typed as its id reads, and means the same', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        expect(parseRule(ruleId(rule))).toEqual(rule);
      }),
      { numRuns: 400 },
    );
  });

  test('has a sentence', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        expect(ruleWords(rule)).toMatch(/^.+\.$/su);
        expect(ruleWords(rule)).not.toMatch(/undefined|NaN/);
      }),
    );
  });

  test('goes into a file and comes back, with others', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 12 }), (many) => {
        const rules = many.reduce<TasteRule[]>((held, rule) => withRule(held, rule), []);
        const read = readTasteFile(writeTasteFile(rules), 'taste.json');
        expect(read.map(({ rule }) => rule)).toEqual(rules);
        expect(read.map(({ line }) => line)).toEqual(rules.map((_, at) => at + 5));
      }),
    );
  });
});

test.each([
  ['artist:Enya', 'artist:Enya', 'Plays of Enya do not count, and Enya is not recommended.'],
  ['artist-plays:Enya', 'artist-plays:Enya', 'Plays of Enya do not count.'],
  ['artist-songs: Enya', 'artist-songs:Enya', 'Enya is not recommended.'],
  [
    'track:TOTO - Africa',
    'track:TOTO - Africa',
    'Plays of Africa by TOTO do not count, and Africa by TOTO is not recommended.',
  ],
  ['dec', 'december', 'December does not count, in any year.'],
  ['month:May', 'may', 'May does not count, in any year.'],
  ['Sundays', 'sunday', 'Plays on Sundays do not count.'],
  ['weekday:tue', 'tuesday', 'Plays on Tuesdays do not count.'],
  ['hours:2-5', 'hour:2-5', 'Plays between 02:00 and 05:00 do not count.'],
  ['hour:22:00-4:00', 'hour:22-4', 'Plays between 22:00 and 04:00 do not count.'],
  ['hour:23-0', 'hour:23-24', 'Plays between 23:00 and 00:00 do not count.'],
  ['hour:23', 'hour:23-24', 'Plays between 23:00 and 00:00 do not count.'],
  ['period:2020', 'period:2020', 'Plays from 2020-01-01 to 2020-12-31 do not count.'],
  [
    'period:2020-01-01..2020-02-29',
    'period:2020-01-01..2020-02-29',
    'Plays from 2020-01-01 to 2020-02-29 do not count.',
  ],
  ['period:2020-02', 'period:2020-02', 'Plays from 2020-02-01 to 2020-02-29 do not count.'],
  ['period:2020-03..2020-05', 'period:2020-03-01..2020-05-31', 'Plays from 2020-03-01 to 2020-05-31 do not count.'],
  ['period:..2015', 'period:..2015-12-31', 'Plays until 2015-12-31 do not count.'],
  ['period:2026-01-01..', 'period:2026-01-01..', 'Plays since 2026-01-01 do not count.'],
  ['period:2026-11-22', 'period:2026-11-22', 'Plays on 2026-11-22 do not count.'],
  ['yearly:12-20..01-06', 'yearly:12-20..01-06', 'Plays from 20 December to 6 January do not count, in any year.'],
  ['device:Living Room', 'device:Living Room', 'Plays on "Living Room" do not count.'],
  ['skips', 'skips', 'Skipped plays do not count.'],
  ['PRIVATE', 'private', 'Private sessions do not count.'],
  ['allow-liked', 'allow-liked', 'Liked songs may come, heard ones too.'],
  ['no-explicit', 'no-explicit', 'Explicit songs do not come.'],
  ['per-artist:1', 'per-artist:1', 'At most 1 song by one artist.'],
  ['not-again:12', 'not-again:12', 'A song does not come again within 12 weeks.'],
])('%s', (text, written, words) => {
  const rule = parseRule(text) as TasteRule;
  expect([ruleId(rule), ruleWords(rule)]).toEqual([written, words]);
});

test.each([
  ['artist:spotify:artist:6uothxMWeLWIhsGeF7cyo4', { lookup: 'artist', of: '6uothxMWeLWIhsGeF7cyo4' }],
  [
    'artist-songs:https://open.spotify.com/intl-de/artist/6uothxMWeLWIhsGeF7cyo4?si=1',
    { lookup: 'artist', of: '6uothxMWeLWIhsGeF7cyo4', only: 'songs' },
  ],
  ['track:spotify:track:36xEjbl8DtevPJgw6i9IuY', { lookup: 'track', of: '36xEjbl8DtevPJgw6i9IuY' }],
  ['playlist:Sleep', { lookup: 'playlist', of: 'Sleep' }],
  ['playlist:spotify:playlist:37i9dQZF1DX4sWSpwq3LiO', { rule: 'playlist', id: '37i9dQZF1DX4sWSpwq3LiO' }],
])('%s leads to the library', (text, meant) => {
  expect(parseRule(text)).toEqual(meant);
});

test.each([
  ['', 'none of the forms'],
  ['winter', 'none of the forms'],
  ['artist:', 'none of the forms'],
  ['track:Africa', 'none of the forms'],
  ['hour:2-30', 'to: '],
  ['hour:25-3', 'from: '],
  ['hour:5-5', 'the whole day'],
  ['hour:0-24', 'the whole day'],
  ['period:..', 'a first or a last day'],
  ['period:2021..2020', 'ends before it begins'],
  ['period:2020-02-30', 'a date is written'],
  ['yearly:13-01..01-06', 'a day of the year is written'],
  ['per-artist:0', 'most: '],
  ['per-artist:two', 'most: '],
  ['not-again:-1', 'weeks: '],
])('"%s" is none, and says why', (text, why) => {
  let failure: unknown;
  try {
    parseRule(text);
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code: 'bad-rule', why: expect.stringMatching(new RegExp(why, 'i')) });
});

test('of two rules on one subject the later holds; defaults hold where no rule says otherwise', () => {
  const add = (rules: TasteRule[], text: string) => withRule(rules, parseRule(text) as TasteRule);
  const rules = ['artist:Enya', 'per-artist:1', 'artist-songs:ENYA', 'allow-private', 'december'].reduce(add, []);
  expect(rules.map(ruleId)).toEqual(['per-artist:1', 'artist-songs:ENYA', 'allow-private', 'december']);
  expect(withDefaults(rules).map(ruleId)).toEqual([...rules.map(ruleId), 'no-liked', 'not-again:8']);
  expect(withDefaults([])).toEqual(DEFAULT_RULES);
  expect(new Set(DEFAULT_RULES.map(subjectOf)).size).toBe(DEFAULT_RULES.length);
});

describe('songs', () => {
  test('by artist, however written, as a guest too; by recording; plays alone leave songs be', () => {
    const { leavesOut } = songRules([
      { rule: 'artist', name: 'Béyoncé' },
      { rule: 'artist', name: 'Enya', only: 'plays' },
      { rule: 'track', artist: 'TOTO', title: 'Africa' },
    ]);
    expect(leavesOut(trackOf('One', 'BEYONCE'))).toBe('artist-left-out');
    expect(leavesOut({ ...trackOf('Two', 'Jay-Z'), artists: ['Jay-Z', 'Beyoncé'] })).toBe('artist-left-out');
    expect(leavesOut(trackOf('Three', 'Enya'))).toBeUndefined();
    expect(leavesOut(trackOf('Africa - 2018 Remaster', 'Toto'))).toBe('track-left-out');
    expect(leavesOut(trackOf('Africa', 'Weezer'))).toBeUndefined();
  });

  test('what each rule left out of an edition, by its reason and its artist', () => {
    const rejected = [
      { rule: 'artist-left-out', track: trackOf('One', 'Enya') },
      { rule: 'artist-left-out', track: trackOf('Two', 'Abba') },
      { rule: 'artist-left-out', track: trackOf('Three', 'ABBA') },
      { rule: 'artist-limit', track: trackOf('Four', 'Toto') },
      { rule: 'heard', track: trackOf('Five', 'Enya') },
      { rule: 'liked', track: trackOf('Six', 'Enya') },
    ];
    const rules = ['artist:Enya', 'artist:abba', 'artist-plays:Toto', 'december', 'no-explicit'].map(
      (text) => parseRule(text) as TasteRule,
    );
    const counts = songsLeftOut(withDefaults(rules), rejected);
    // Then the defaults: private sessions, liked songs, two of an artist, not again.
    expect(counts).toEqual([1, 2, undefined, undefined, 0, undefined, 1, 1, 0]);
  });

  test('explicit: by id, by ISRC, by title; else nobody knows', () => {
    const isExplicit = explicitOf([
      { id: 'a', isrc: 'US1', explicit: true },
      { id: 'b', isrc: 'US1', explicit: false },
      { id: 'c', isrc: null, explicit: false },
    ]);
    const track = (id: string, title: string, isrc?: string) => ({ ...trackOf(title, 'X', { id }), isrc });
    expect(isExplicit(track('a', 'Song'))).toBe(true);
    expect(isExplicit(track('b', 'Song'))).toBe(false);
    expect(isExplicit(track('other', 'Song', 'US1'))).toBe(true);
    expect(isExplicit(track('c', 'Song (Explicit)'))).toBe(false);
    expect(isExplicit(track('d', 'Song [Explicit Version]'))).toBe(true);
    expect(isExplicit(track('d', 'Song (Clean)'))).toBe(false);
    expect(isExplicit(track('d', 'Explicit'))).toBeUndefined();
  });
});

describe('taste.json', () => {
  test('takes rules as they are typed, too, and tells where each stands', () => {
    const text =
      '\ufeff{\n  "rules": [\n    "december", {"rule":\n "weekday", "day": "sunday"},\n\n "playlist:Sleep"\n ] }';
    expect(readTasteFile(text, 'x')).toEqual([
      { line: 3, rule: { rule: 'month', month: 'december' } },
      { line: 3, rule: { rule: 'weekday', day: 'sunday' } },
      { line: 6, rule: { lookup: 'playlist', of: 'Sleep' } },
    ]);
    expect(readTasteFile('{"rules": []}', 'x')).toEqual([]);
  });

  test.each([
    ['', 'Line 1: this is not JSON'],
    ['{\n"rules": [\n"december",,\n]}', 'Line 3: this is not JSON'],
    ['["december"]', 'There is no list "rules"'],
    ['{"segue": "playlists", "rules": []}', 'It says that it holds "playlists".'],
    ['{"version": 2, "rules": []}', 'It is of version 2; this Segue reads version 1.'],
    [
      '{"rules": [\n"december",\n12,\n"winter",\n["may"]]}',
      'Line 3: .*A rule is an object or a text.*line 4: "winter".*line 5: ',
    ],
    ['{"rules": [\n{"rule": "hours", "from": 2},\n{"rule": "winter"}]}', 'Line 2: .*to: .*line 3: '],
    ['{"rules": [\n{"rule": "skips", "also": 1}]}', 'Line 2: .*also'],
    [
      '{"rules": [\n"artist:Enya",\n"dec",\n"artist-songs:enya"]}',
      'Line 4: artist-songs:enya is on the subject of line 2',
    ],
  ])('names each line that is wrong: %j', (text, why) => {
    expect(() => readTasteFile(text, 'taste.json')).toThrow(code('bad-taste-file'));
    expect(() => readTasteFile(text, 'taste.json')).toThrow(
      expect.objectContaining({ why: expect.stringMatching(new RegExp(why, 's')) }),
    );
  });

  test('says so of many lines without naming all', () => {
    const text = `{"rules": [\n${Array.from({ length: 14 }, () => '1').join(',\n')}]}`;
    expect(() => readTasteFile(text, 'x')).toThrow(
      expect.objectContaining({ why: expect.stringMatching(/^Line 2: .*line 11: .*; and 4 more\.$/s) }),
    );
  });
});

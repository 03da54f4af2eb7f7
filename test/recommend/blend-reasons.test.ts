import { expect, test } from 'vitest';
import { type Grounds, reasonOf } from '../../src/recommend/blend-reasons.ts';
import type { Evidence } from '../../src/recommend/evidence.ts';
import type { Seed } from '../../src/recommend/seeds.ts';
import { trackOf } from './tiny-world.ts';

const context = { now: new Date('2026-11-22T12:00:00Z'), timeZone: 'Europe/Stockholm' };
const seedOf = (title: string, artist: string, plays = 1): Seed => ({
  ...trackOf(title, artist),
  ids: [],
  origin: 'plays',
  weight: 1,
  plays,
  firstPlayedAt: new Date('2026-11-17T09:00:00Z'),
  lastPlayedAt: new Date('2026-11-20T09:00:00Z'),
});
const seeds = [
  seedOf('Harbour Lights', 'Marrow & Tide', 3),
  seedOf('Slow Rain', 'Ada Quist'),
  seedOf('Undertow', 'Marrow & Tide'),
];
const names = ['Late Night Jazz', '', 'Road Trip'];
const evidence: Evidence = {
  holders: 12,
  shared: 4,
  playlists: [
    { playlist: 0, seeds: [0, 1] },
    { playlist: 1, seeds: [1] },
  ],
  seeds: [
    { row: 0, together: 3, holders: 7 },
    { row: 1, together: 2, holders: 2 },
  ],
};
const none: Evidence = { holders: 0, shared: 0, playlists: [], seeds: [] };
const sentence = (winner: string, more: Partial<Grounds> = {}) =>
  reasonOf(
    {
      track: trackOf('Low Water', 'Calm Sea'),
      winner,
      evidence,
      playlists: 1320,
      seeds,
      seedOfRow: (row) => seeds[row],
      nameOfPlaylist: (playlist) => names[playlist]!,
      nearest: { seed: seeds[1]!, similarity: 0.71 },
      sound: { seed: seeds[2]!, similarity: 0.934 },
      ...more,
    },
    context,
  );

test.each<[string, string, Partial<Grounds>, string]>([
  [
    'neighbours',
    'Because 4 playlists with songs of yours hold it; the one most like them, “Late Night Jazz”, has 2 of your songs, among them Harbour Lights by Marrow & Tide, which you played 3 times since Tuesday.',
    {},
    'Harbour Lights',
  ],
  [
    'neighbours',
    'Because a playlist like your songs holds it: one without a name has Slow Rain by Ada Quist, which you played on Tuesday.',
    { evidence: { ...evidence, shared: 1, playlists: [{ playlist: 1, seeds: [1] }] } },
    'Slow Rain',
  ],
  [
    'co-occurrence',
    'Because it stands beside Harbour Lights by Marrow & Tide, which you played 3 times since Tuesday: the two are together in 3 of the 7 playlists that hold that one, for example in “Late Night Jazz”.',
    {},
    'Harbour Lights',
  ],
  [
    'ease',
    'Because it is what completes playlists with Slow Rain by Ada Quist, which you played on Tuesday: the two are together in all 2 playlists that hold that one, for example in “Late Night Jazz”.',
    { evidence: { ...evidence, seeds: [evidence.seeds[1]!] } },
    'Slow Rain',
  ],
  [
    'artists',
    'Because it is by Marrow & Tide, as is Harbour Lights, which you played 3 times since Tuesday, and 1 more of your songs.',
    { track: trackOf('Ebb', 'marrow & tide', { artists: ['Marrow & Tide'] }) },
    'Harbour Lights',
  ],
  [
    'artists',
    'Because Calm Sea stands in playlists with artists you play, among them that of Harbour Lights by Marrow & Tide, which you played 3 times since Tuesday.',
    {},
    'Harbour Lights',
  ],
  [
    'audio-features',
    'Because it sounds like Undertow by Marrow & Tide, which you played on Tuesday (audio features, similarity .93).',
    {},
    'Undertow',
  ],
  [
    'popular-of-old',
    'Because it is by Marrow & Tide, as is Harbour Lights, which you played 3 times since Tuesday, and 1 more of your songs.',
    { evidence: none, nearest: undefined, track: trackOf('Ebb', 'Marrow & Tide') },
    'Harbour Lights',
  ],
  [
    'neighbours',
    'Because it sounds like Undertow by Marrow & Tide, which you played on Tuesday (audio features, similarity .93).',
    { evidence: none, nearest: undefined },
    'Undertow',
  ],
  [
    'song-vectors',
    'Because you played Slow Rain by Ada Quist on Tuesday; the two stand in similar playlists (similarity .71).',
    {},
    'Slow Rain',
  ],
])('%s: %s', (winner, words, more, seed) => {
  const reason = sentence(winner, more);
  expect(reason.sentence).toBe(words);
  expect(reason.seed?.title).toBe(seed);
});

test('popular songs name no seed', () => {
  expect(sentence('popular')).toEqual({
    sentence: 'Because 12 playlists of 1,320 hold it, more than most songs.',
    seed: undefined,
  });
});

test('where the facts of the winner are missing, the nearest vector speaks', () => {
  for (const winner of ['neighbours', 'co-occurrence', 'ease', 'factors', 'artists', 'blend', 'something new']) {
    expect(sentence(winner, { evidence: none }).sentence).toBe(
      'Because you played Slow Rain by Ada Quist on Tuesday; the two stand in similar playlists (similarity .71).',
    );
  }
});

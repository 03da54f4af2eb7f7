import { expect, test } from 'vitest';
import { reasonFor } from '../../src/recommend/reasons.ts';
import type { Seed } from '../../src/recommend/seeds.ts';
import { trackOf } from './tiny-world.ts';

const context = { now: new Date('2026-11-22T12:00:00Z'), timeZone: 'Europe/Stockholm' };
const seed = (first: string, last = first, plays = 1, origin: Seed['origin'] = 'plays'): Seed => ({
  ...trackOf('Harbour Lights', 'Marrow & Tide'),
  ids: [],
  origin,
  weight: 1,
  plays,
  firstPlayedAt: new Date(first),
  lastPlayedAt: new Date(last),
});
const reason = (similarity: number | undefined, of: Seed | undefined) => reasonFor(of, similarity, context);

test.each([
  ['3 times since Tuesday', seed('2026-11-17T09:00:00Z', '2026-11-20T09:00:00Z', 3)],
  ['twice on Tuesday', seed('2026-11-17T09:00:00Z', '2026-11-17T19:00:00Z', 2)],
  ['twice today', seed('2026-11-22T00:30:00Z', '2026-11-22T10:00:00Z', 2)],
  ['today', seed('2026-11-22T10:00:00Z')],
  // 23:30 in UTC is past midnight in Stockholm.
  ['today', seed('2026-11-21T23:30:00Z')],
  ['yesterday', seed('2026-11-21T10:00:00Z')],
  ['on Monday', seed('2026-11-16T10:00:00Z')],
  ['on 15 November', seed('2026-11-15T10:00:00Z')],
  ['4 times since 3 November 2019', seed('2019-11-03T10:00:00Z', '2026-11-22T10:00:00Z', 4)],
])('%s', (words, of) => {
  expect(reason(0.714, of)).toBe(
    `Because you played Harbour Lights by Marrow & Tide ${words}; the two stand in similar playlists (similarity .71).`,
  );
});

test('liked and top songs are called what they are', () => {
  const at = '2026-11-17T09:00:00Z';
  expect(reason(1, seed(at, at, 0, 'liked'))).toBe(
    'Because you liked Harbour Lights by Marrow & Tide; the two stand in similar playlists (similarity 1.00).',
  );
  expect(reason(0.5, seed(at, at, 0, 'top'))).toBe(
    'Because Harbour Lights by Marrow & Tide is among your top songs; the two stand in similar playlists (similarity .50).',
  );
});

test('a song that is like none of the seeds does not claim to be', () => {
  expect(reason(0.12, seed('2026-11-17T09:00:00Z'))).toBe(
    'Because it goes with your recent songs taken together; the nearest of them is Harbour Lights by Marrow & Tide, which you played on Tuesday (similarity .12).',
  );
  expect(reason(undefined, undefined)).toBe('Because many playlists hold it.');
});

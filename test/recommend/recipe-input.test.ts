import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { compose, type RankedCandidate } from '../../src/recommend/compose.ts';
import { identityOf, knownRecordings } from '../../src/recommend/known-recordings.ts';
import type { ListeningHistory } from '../../src/recommend/listening-history.ts';
import { orderEdition } from '../../src/recommend/order-edition.ts';
import { heardRows, NO_ROW, ownSongs } from '../../src/recommend/own-songs.ts';
import { fillRecipe, readRecipe } from '../../src/recommend/read-recipe.ts';
import { historyReason } from '../../src/recommend/reasons.ts';
import { playlistsOf, recipeInput } from '../../src/recommend/recipe-input.ts';
import type { FavouriteTrack, ListenedTrack } from '../../src/recommend/seeds.ts';
import { trackOf } from './tiny-world.ts';

const now = new Date('2026-11-22T12:00:00Z');
const context = { now, timeZone: 'Europe/Stockholm', defaults: { length: 30, days: 7 } };
const recipeOf = (fields: object) =>
  fillRecipe(readRecipe(JSON.stringify({ name: 'mine', summary: 'Mine.', ...fields }), 'mine'));

const listen = (title: string, artist: string, day: string, more: Partial<ListenedTrack> = {}): ListenedTrack => ({
  ...trackOf(title, artist),
  endedAt: new Date(`${day}T20:00:00Z`),
  msPlayed: 200_000,
  ...more,
});
const times = (count: number, title: string, artist: string, day: string) =>
  Array.from({ length: count }, () => listen(title, artist, day));

/** A history whose plays are its listens, and what else is said. */
function historyOf(listens: ListenedTrack[], more: Partial<ListeningHistory> = {}): ListeningHistory {
  return {
    listens,
    heard: listens.map((each) => ({ ...identityOf(each), lastPlayedAt: each.endedAt })),
    liked: [],
    top: [],
    playlists: new Map(),
    ...more,
  };
}
const favourite = (title: string, artist: string, since?: string): FavouriteTrack => ({
  ...trackOf(title, artist),
  since: since === undefined ? undefined : new Date(`${since}T12:00:00Z`),
});

const songs = ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight'].map((title, at) =>
  trackOf(title, `Artist ${at % 4}`),
);
const catalogue = catalogueOf(songs);
const ranking = songs.map((track, row): RankedCandidate => ({ row, track, score: -row, recommender: 'test' }));

/** What is left of all songs by a recipe, and why the others are not. */
function chosen(fields: object, history: ListeningHistory) {
  const { familiar, rules, own } = recipeInput(recipeOf(fields), history, catalogue, context);
  const { items, rejected } = compose(
    own?.candidates ?? ranking,
    { ...familiar, recommendedLately: knownRecordings(), unplayable: new Set() },
    rules,
  );
  return {
    titles: items.map(({ track }) => track.title),
    left: Object.fromEntries(rejected.map(({ candidate, rule }) => [candidate.track.title, rule])),
  };
}

describe('seeds', () => {
  const week = ['One', 'Two', 'Three', 'Four', 'Five'].map((title, at) =>
    listen(title, `Artist ${at % 4}`, '2026-11-20'),
  );
  const seedsOf = (fields: object, history: ListeningHistory) => {
    const { matching, from } = recipeInput(recipeOf(fields), history, catalogue, context).seeds;
    return { rows: matching.matched.map(({ row }) => row).sort(), missing: matching.missing.length, from };
  };

  test('of the last days, as many as the settings say', () => {
    const history = historyOf([
      ...week,
      listen('Six', 'Artist 1', '2026-11-01'),
      listen('Unheard of', 'X', '2026-11-21'),
    ]);
    expect(seedsOf({}, history)).toEqual({ rows: [0, 1, 2, 3, 4], missing: 1, from: 'plays in the last 7 days' });
  });

  test('too few: a longer period, then liked and top songs, unless the recipe says no', () => {
    const history = historyOf([...week.slice(0, 2), listen('Six', 'Artist 1', '2026-11-01')], {
      liked: [favourite('Seven', 'Artist 2')],
      top: [favourite('Eight', 'Artist 3'), favourite('Seven', 'Artist 2')],
    });
    expect(seedsOf({}, history)).toEqual({
      rows: [0, 1, 5, 6, 7],
      missing: 0,
      from: 'plays ever and liked songs and top songs',
    });
    expect(seedsOf({ widenSeeds: false }, history)).toMatchObject({ rows: [0, 1], from: 'plays in the last 7 days' });
    const older = historyOf([...week.slice(0, 4), listen('Six', 'Artist 1', '2026-11-01')]);
    expect(seedsOf({}, older)).toMatchObject({ rows: [0, 1, 2, 3, 5], from: 'plays in the last 30 days' });
  });

  test('of a year, at least so often, liked, and of a playlist', () => {
    const history = historyOf(
      [...times(3, 'One', 'Artist 0', '2019-05-05'), listen('Two', 'Artist 1', '2019-05-05'), ...week],
      {
        liked: [favourite('Three', 'Artist 2', '2019-07-01'), favourite('Four', 'Artist 3', '2020-07-01')],
        playlists: new Map([['Summer', [favourite('Eight', 'Artist 3')]]]),
      },
    );
    const fields = {
      widenSeeds: false,
      seeds: [
        { from: 'plays', period: { year: 2019 }, atLeast: 2 },
        { from: 'liked', period: { year: 2019 } },
        { from: 'playlist', playlist: 'Summer' },
      ],
    };
    expect(playlistsOf(recipeOf(fields))).toEqual(['Summer']);
    expect(seedsOf(fields, history)).toEqual({
      rows: [0, 2, 7],
      missing: 0,
      from: 'plays in 2019 (at least 2) and songs liked in 2019 and the playlist Summer',
    });
  });

  test('nothing at all', () => {
    expect(seedsOf({}, historyOf([]))).toEqual({ rows: [], missing: 0, from: '' });
  });
});

describe('filters', () => {
  const history = historyOf([listen('One', 'Artist 0', '2026-11-20'), listen('Two', 'Artist 1', '2024-01-01')], {
    liked: [favourite('Three', 'Artist 2')],
  });

  test.each([
    [{}, ['Four', 'Five', 'Six', 'Seven', 'Eight'], { One: 'heard', Two: 'heard', Three: 'liked' }],
    [{ heard: 'before' }, ['One', 'Two'], { Three: 'liked', Four: 'never-heard' }],
    [{ heard: 'any', liked: 'any', notHeardForWeeks: 52 }, ['Two', 'Three', 'Four'], { One: 'heard-lately' }],
    [{ heard: 'any', liked: 'only' }, ['Three'], { One: 'not-liked', Eight: 'not-liked' }],
    [{ artists: 'unknown' }, ['Four', 'Seven', 'Eight'], { Five: 'artist-known', Six: 'artist-known' }],
    [{ artists: 'known' }, ['Five', 'Six'], { Four: 'artist-unknown', Seven: 'artist-unknown' }],
  ])('%j', (filters, titles, left) => {
    const found = chosen({ filters }, history);
    expect(found.titles).toEqual(expect.arrayContaining(titles));
    expect(found.left).toMatchObject(left);
    for (const title of titles) expect(found.left).not.toHaveProperty(title);
  });

  test('an artist of whom a song was only skipped is not one never played', () => {
    const skipped = historyOf([], {
      heard: [{ ...identityOf(trackOf('One', 'Artist 0')), lastPlayedAt: now }],
    });
    expect(chosen({ filters: { artists: 'unknown' } }, skipped).left).toMatchObject({
      One: 'heard',
      Five: 'artist-known',
    });
  });

  test('what stands in the playlist that it starts from does not come', () => {
    const fields = { seeds: [{ from: 'playlist', playlist: 'Mine' }], filters: { heard: 'any', liked: 'any' } };
    const withList = historyOf([], { playlists: new Map([['Mine', [favourite('Two', 'Artist 1')]]]) });
    expect(chosen(fields, withList).left).toMatchObject({ Two: 'in-playlist' });
  });

  test('length and songs by one artist', () => {
    expect(chosen({ length: 3 }, historyOf([])).titles).toEqual(['One', 'Two', 'Three']);
    expect(chosen({ perArtist: 1 }, historyOf([])).titles).toEqual(['One', 'Two', 'Three', 'Four']);
  });
});

describe('loved in 2019, not heard for two years', () => {
  const loved = {
    seeds: [],
    pool: { from: 'history', period: { year: 2019 }, atLeast: 3, orLiked: true },
    filters: { notHeardForWeeks: 104 },
    perArtist: 5,
  };
  const history = historyOf(
    [
      ...times(4, 'One', 'Artist 0', '2019-03-01'),
      ...times(9, 'Not in the model', 'Other', '2019-04-01'),
      ...times(5, 'Two', 'Artist 1', '2019-06-01'),
      listen('Two', 'Artist 1', '2026-01-01'),
      ...times(2, 'Three', 'Artist 2', '2019-06-01'),
      ...times(3, 'Four', 'Artist 3', '2018-06-01'),
      listen('Five', 'Artist 0', '2019-08-01'),
      // In Stockholm that is 2020.
      ...times(6, 'Six', 'Artist 1', '2019-12-31').map((each) => ({
        ...each,
        endedAt: new Date('2019-12-31T23:30:00Z'),
      })),
      ...times(3, 'Seven - Remastered 2011', 'Artist 2', '2019-02-01'),
      listen('Seven', 'Artist 2', '2020-02-01'),
    ],
    { liked: [favourite('Five', 'Artist 0', '2019-08-01'), favourite('Three', 'Artist 2', '2022-08-01')] },
  );

  test('whoever was loved then and is not played now, best first', () => {
    const { titles, left } = chosen(loved, history);
    expect(titles).toEqual(['Not in the model', 'One', 'Seven', 'Five']);
    expect(left).toEqual({ Two: 'heard-lately' });
  });

  test('each with what it was, under the id played last, also where the model does not know it', () => {
    const { own, title } = recipeInput(recipeOf({ ...loved, title: 'Loved, {date}' }), history, catalogue, context);
    expect(title).toBe('Loved, 22 November 2026');
    expect(own!.candidates.map(({ row }) => row)).toEqual([NO_ROW, 1, 0, 6, 4]);
    expect(own!.candidates[0]).toMatchObject({ recommender: 'history', facts: { plays: 9, liked: 0 } });
    expect(own!.songs.get(songs[4]!.id)).toMatchObject({ plays: 1, isLiked: true, score: 2 });
    const facts = own!.songs.get(songs[6]!.id)!;
    expect(facts).toMatchObject({ plays: 3, track: { title: 'Seven' } });
    expect(historyReason(facts, 'in 2019', context)).toBe(
      'Because you played it 3 times in 2019, and last on 1 February 2020.',
    );
  });

  test('a song that was liked and never played has its place and its reason', () => {
    const liked = historyOf([], { liked: [favourite('One', 'Artist 0', '2019-02-01'), favourite('Two', 'Artist 1')] });
    const fields = { ...loved, filters: { heard: 'any' } };
    expect(chosen(fields, liked).titles).toEqual(['One']);
    const ever = { ...fields, pool: { from: 'history', orLiked: true } };
    expect(chosen(ever, liked).titles.sort()).toEqual(['One', 'Two']);
    const facts = { plays: 0, isLiked: true, lastPlayedAt: undefined };
    expect(historyReason(facts, 'in 2019', context)).toBe('Because you liked it.');
    expect(historyReason({ ...facts, lastPlayedAt: now }, 'in 2019', context)).toBe(
      'Because you liked it, and last played it today.',
    );
    expect(historyReason({ plays: 2, isLiked: true, lastPlayedAt: now }, 'ever', context)).toBe(
      'Because you liked it and played it twice, and last today.',
    );
  });

  test('whatever the plays: each recording once, with all its listens of the span and no others', () => {
    const any = fc.record({ song: fc.nat(5), edition: fc.nat(1), day: fc.nat(2000) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (plays, atLeast) => {
        const at = (day: number) => new Date(now.getTime() - day * 86_400_000);
        const listens = plays.map(({ song, edition, day }) => ({
          ...trackOf(`Song ${song}${edition === 1 ? ' - Single Version' : ''}`, 'A', { id: `${song}/${edition}` }),
          endedAt: at(day),
          msPlayed: null,
        }));
        const span = { since: at(1500), until: at(500) };
        const found = ownSongs(historyOf(listens), span, { atLeast, orLiked: false });
        const expected = [0, 1, 2, 3, 4, 5].flatMap((song) => {
          const own = plays.filter((play) => play.song === song);
          const within = own.filter(({ day }) => day <= 1500 && day > 500).length;
          const latest = Math.min(...own.map(({ day }) => day));
          return within < atLeast ? [] : [{ song, plays: within, last: at(latest).getTime() }];
        });
        expect(
          found
            .map((each) => ({ song: Number(each.track.id[0]), plays: each.plays, last: each.lastPlayedAt!.getTime() }))
            .sort((a, b) => a.song - b.song),
        ).toEqual(expected);
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});

test('rows of what was heard most, with weights, without what the model does not know', () => {
  const history = historyOf(
    [
      ...times(3, 'Two', 'Artist 1', '2019-01-01'),
      listen('One', 'Artist 0', '2026-11-01'),
      listen('Other', 'X', '2026-11-01'),
    ],
    { liked: [favourite('One', 'Artist 0'), favourite('Three', 'Artist 2')] },
  );
  expect(heardRows(history, catalogue, now)).toEqual([
    { row: 0, weight: 2 },
    { row: 1, weight: 2 },
  ]);
});

test('orders: best first, by date, and one that flows', () => {
  const history = historyOf([
    listen('One', 'Artist 0', '2026-01-01'),
    listen('Two', 'Artist 1', '2020-01-01'),
    listen('Two', 'Artist 1', '2026-05-01'),
  ]);
  const { dateOf, notAgainSince } = recipeInput(recipeOf({}), history, catalogue, context);
  expect(notAgainSince.toISOString()).toBe('2026-09-27T12:00:00.000Z');
  const vectors = { dimensions: 2, values: Float32Array.from([1, 0, -1, 0, 0.9, 0.1, -0.9, 0.1]) };
  const items = ranking.slice(0, 4);
  const titles = (order: 'flow' | 'score' | 'date') =>
    orderEdition(items, order, { vectors, soundOf: () => undefined, dateOf }).map(({ track }) => track.title);
  expect(titles('score')).toEqual(['One', 'Two', 'Three', 'Four']);
  expect(titles('date')).toEqual(['Two', 'One', 'Three', 'Four']);
  expect(titles('flow')).toEqual(['One', 'Three', 'Four', 'Two']);
});

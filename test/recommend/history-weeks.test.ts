import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { evaluateHistory } from '../../src/recommend/history-evaluation.ts';
import { splitHistory } from '../../src/recommend/history-weeks.ts';
import { matchSeeds, seedRows } from '../../src/recommend/matching.ts';
import { matrixOf } from '../../src/recommend/playlist-matrix.ts';
import type { World } from '../../src/recommend/recommender.ts';
import { neighbours } from '../../src/recommend/recommenders/neighbours.ts';
import { type ListenedTrack, weighPlays } from '../../src/recommend/seeds.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { twoGenres } from '../vectors/two-genres.ts';
import { songOf, trackOf } from './tiny-world.ts';

const DAY = 86_400_000;
const END = new Date('2026-11-22T12:00:00Z');
const daysBefore = (days: number) => new Date(END.getTime() - days * DAY);

const corpus = twoGenres();
const vocabulary = buildVocabulary(corpus, 1);
const catalogue = catalogueOf(Array.from(vocabulary.tokens, (token) => songOf(token)));
const rowOf = (token: number) => vocabulary.rowOf[token]!;
const listen = (token: number, days: number, more: Partial<ListenedTrack> = {}): ListenedTrack => ({
  ...songOf(token),
  endedAt: daysBefore(days),
  msPlayed: null,
  ...more,
});
const split = (listens: readonly ListenedTrack[], weeks: number) =>
  splitHistory(listens, catalogue, { weeks, days: 7 });

describe('a split', () => {
  test('asks with what was heard before it, and hides what was heard in the week after', () => {
    const listens = [
      listen(5, 0),
      listen(1, 3),
      listen(9, 6.9),
      listen(1, 7.1),
      listen(1, 7.2),
      listen(2, 9),
      listen(3, 40),
    ];
    const { weeks, leftOut } = split(listens, 1);
    expect(leftOut).toEqual({});
    const [week] = weeks;
    expect(week!.from).toEqual(daysBefore(7));
    // Three songs are known, fewer than enough, of any period.
    expect(week!.days).toBe(Number.POSITIVE_INFINITY);
    expect(week!.all).toEqual({
      seeds: seedRows(
        matchSeeds(weighPlays(listens.slice(3), week!.from, Number.POSITIVE_INFINITY), catalogue).matched,
      ),
      history: [
        { row: rowOf(3), plays: 1, weeksAgo: 33 / 7 },
        { row: rowOf(2), plays: 1, weeksAgo: 2 / 7 },
        { row: rowOf(1), plays: 2, weeksAgo: 0 },
      ],
      excluded: new Set(),
      hidden: new Set([rowOf(5), rowOf(1), rowOf(9)]),
    });
    expect(week!.unheard).toEqual({
      ...week!.all,
      excluded: new Set([rowOf(1), rowOf(2), rowOf(3)]),
      hidden: new Set([rowOf(5), rowOf(9)]),
    });
  });

  test('starts from the plays of the last days where they are enough', () => {
    const listens = [0, 1, 2, 3, 4].map((token) => listen(token, 8 + token)).concat(listen(7, 30), listen(8, 0));
    const [week] = split(listens, 1).weeks;
    expect(week!.days).toBe(7);
    expect(new Set(week!.all.seeds.map(({ row }) => row))).toEqual(new Set([0, 1, 2, 3, 4].map(rowOf)));
  });

  test('songs that stand in no playlist are hidden too, one each', () => {
    const unknown = (title: string, days: number) => listen(0, days, trackOf(title, 'Nobody'));
    const [week] = split([listen(1, 10), unknown('A', 8), unknown('A', 1), unknown('B', 1), unknown('C', 0)], 1).weeks;
    expect([...week!.all.hidden].every((row) => row < 0)).toBe(true);
    expect(week!.all.hidden.size).toBe(3);
    expect(week!.unheard!.hidden.size).toBe(2);
    expect(week!.all.history).toEqual([{ row: rowOf(1), plays: 1, weeksAgo: 3 / 7 }]);
  });

  test('editions of a recording are one song, and none of them is new', () => {
    const two = catalogueOf([
      trackOf('Lights', 'A', { id: 'single' }),
      trackOf('Lights - Remastered 2011', 'A', { id: 'remaster' }),
      trackOf('Other', 'B'),
    ]);
    const play = (id: string, title: string, days: number): ListenedTrack => ({
      ...trackOf(title, 'A', { id }),
      endedAt: daysBefore(days),
      msPlayed: null,
    });
    const listens = [
      play('remaster', 'Lights - Remastered 2011', 9),
      play('single', 'Lights', 2),
      { ...trackOf('Other', 'B'), endedAt: END, msPlayed: null },
    ];
    const [week] = splitHistory(listens, two, { weeks: 1, days: 7 }).weeks;
    expect(week!.all.history!.map(({ row }) => row)).toEqual([0]);
    expect(week!.all.hidden).toEqual(new Set([0, 2]));
    expect(week!.unheard).toMatchObject({ hidden: new Set([2]), excluded: new Set([0, 1]) });
  });

  test('weeks that cannot be asked for are counted by reason', () => {
    const listens = [listen(1, 0), listen(2, 16), listen(0, 22, trackOf('Unknown', 'Nobody')), listen(3, 30)];
    expect(split(listens.slice(0, 3), 6)).toMatchObject({
      weeks: [{ from: daysBefore(7) }],
      leftOut: {
        'with nothing heard before': 3,
        'with nothing heard in them': 1,
        'with no song to start from that the playlists know': 1,
      },
    });
    expect(split([], 3)).toEqual({ weeks: [], leftOut: { 'with nothing heard before': 3 } });
    // All was heard before.
    const [week] = split([listen(1, 8), listen(1, 0)], 1).weeks;
    expect(week!.unheard).toBeUndefined();
  });

  test('nothing after it leaks into a question, whatever is heard when', () => {
    const listens = fc.array(
      fc.record({ token: fc.nat(45), days: fc.integer({ min: 0, max: 70 * 24 }).map((hours) => hours / 24) }),
      { minLength: 2, maxLength: 60 },
    );
    const tracks = (token: number) => (token < 40 ? songOf(token) : trackOf(`Unknown ${token}`, 'Nobody'));
    const heard = ({ token, days }: { token: number; days: number }) => listen(0, days, tracks(token));
    fc.assert(
      fc.property(listens, fc.integer({ min: 1, max: 12 }), (given, most) => {
        const all = given.map(heard);
        const end = Math.max(...all.map(({ endedAt }) => endedAt.getTime()));
        const { weeks, leftOut } = split(all, most);
        expect(weeks.length + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).toBe(most);
        for (const { from, all: question, unheard } of weeks) {
          const before = given.filter(({ days }) => daysBefore(days) <= from);
          const after = given.filter(
            ({ days }) => daysBefore(days) > from && daysBefore(days).getTime() <= from.getTime() + 7 * DAY,
          );
          const back = (end - from.getTime()) / (7 * DAY);
          expect(back).toBe(Math.round(back));
          const rows = new Set(before.filter(({ token }) => token < 40).map(({ token }) => rowOf(token)));
          for (const { row } of question.seeds) expect(rows).toContain(row);
          expect(new Set(question.history!.map(({ row }) => row))).toEqual(rows);
          for (const { weeksAgo } of question.history!) expect(weeksAgo).toBeGreaterThanOrEqual(0);
          const plays = question.history!.reduce((sum, each) => sum + each.plays, 0);
          expect(plays).toBe(before.filter(({ token }) => token < 40).length);
          expect(question.hidden.size).toBe(new Set(after.map(({ token }) => token)).size);
          const fresh = new Set(
            after.map(({ token }) => token).filter((token) => !before.some((each) => each.token === token)),
          );
          expect(unheard?.hidden.size ?? 0).toBe(fresh.size);
          if (unheard === undefined) continue;
          expect(unheard.excluded).toEqual(rows);
          for (const row of unheard.hidden) expect(rows).not.toContain(row);
          // As if what came later had never been.
          const only = [
            ...all.filter(({ endedAt }) => endedAt <= from),
            listen(0, 0, { endedAt: new Date(from.getTime() + 7 * DAY) }),
          ];
          const [alone] = split(only, 1).weeks;
          expect({ seeds: alone!.all.seeds, history: alone!.all.history }).toEqual({
            seeds: question.seeds,
            history: question.history,
          });
        }
      }),
    );
  });
});

test('each recommender and the baselines on every week: who repeats, and who finds what is new', async () => {
  const world: World = {
    playlists: matrixOf(corpus, vocabulary),
    groups: Uint32Array.from({ length: 200 }, (_, at) => at),
    vectorsOf: async () => {
      throw new Error('nobody asked for vectors');
    },
  };
  // Five songs of jazz are heard every week, and with them two more that were not heard before.
  const listens = Array.from({ length: 6 }, (_, week) =>
    [0, 1, 2, 3, 4, 5 + 2 * week, 6 + 2 * week].map((token) => listen(token, 39 - 7 * week - token / 10)),
  ).flat();
  const { weeks } = split(listens, 5);
  expect(weeks).toHaveLength(5);
  const options = { threads: 1, signal: new AbortController().signal };
  const { all, unheard } = await evaluateHistory([neighbours], world, { weeks, leftOut: {} }, options);
  expect(all.recommenders.map(({ name }) => name)).toEqual(['popular', 'recently-loved', 'neighbours']);
  const ndcg = ({ recommenders }: typeof all) => recommenders.map(({ metrics }) => metrics.ndcg.mean);
  const [popularAll, lovedAll] = ndcg(all);
  const [popularNew, lovedNew, neighboursNew] = ndcg(unheard);
  // The five come first, the two of last week after them.
  expect(lovedAll).toBeGreaterThan(popularAll!);
  expect(lovedNew).toBe(0);
  expect(unheard.recommenders.map(({ answered }) => answered)).toEqual([5, 0, 5]);
  expect(neighboursNew).toBeGreaterThan(popularNew!);
});

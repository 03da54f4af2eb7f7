import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExpectedError } from '../../src/base/errors.ts';
import { projectRoot } from '../../src/config.ts';
import { periodWords, spanOf, startOfDay } from '../../src/recommend/period.ts';
import { fillRecipe, readRecipe, usualValues } from '../../src/recommend/read-recipe.ts';
import { recipeWords } from '../../src/recommend/recipe-words.ts';

const read = (recipe: object) => readRecipe(JSON.stringify({ name: 'mine', summary: 'Mine.', ...recipe }), 'mine.json');

/** The three lines of what `attempt` throws. */
function refusal(attempt: () => unknown): ExpectedError {
  try {
    attempt();
  } catch (error) {
    return error as ExpectedError;
  }
  throw new Error('nothing was refused');
}

test('a name and a sentence are the weekly discovery', () => {
  expect(fillRecipe(read({}))).toEqual({
    name: 'mine',
    summary: 'Mine.',
    title: 'Mine, {date}',
    parameters: {},
    seeds: [{ from: 'plays', atLeast: 1 }],
    widenSeeds: true,
    pool: { from: 'recommenders' },
    filters: { heard: 'never', liked: 'never', artists: 'any' },
    dials: { adventurousness: 0.5, variety: 0 },
    perArtist: 2,
    notAgainWeeks: 8,
    order: 'flow',
  });
});

test('every example in docs/recipes.md can be used', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'recipes.md'), 'utf8');
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) =>
    fillRecipe(readRecipe(json!, 'docs')),
  );
  expect(examples.map(({ name }) => name)).toEqual(['summer-again', 'far-out']);
});

describe('bundled recipes', () => {
  const folder = join(projectRoot, 'data', 'recipes');
  const names = readdirSync(folder);

  test('are the promised ones', () => {
    expect(names).toEqual([
      'close-to-last-week.json',
      'discover-artists.json',
      'loved-in-year.json',
      'more-like-playlist.json',
      'two-nearest.json',
      'weekly.json',
    ]);
  });

  test.each(names.map((name) => [name]))('%s is called like its file and can be used', (name) => {
    const file = readRecipe(readFileSync(join(folder, name), 'utf8'), name);
    expect(`${file.name}.json`).toBe(name);
    const recipe = fillRecipe(file, usualValues(file.parameters));
    expect(recipe.title).toContain('{date}');
    expect(recipeWords(recipe).length).toBeGreaterThan(4);
    for (const line of recipeWords(recipe)) expect(line).toMatch(/^[A-Z0-9].*\.$/);
  });

  test('weekly is all defaults', () => {
    const weekly = fillRecipe(readRecipe(readFileSync(join(folder, 'weekly.json'), 'utf8'), 'weekly'));
    expect({ ...weekly, name: '', summary: '' }).toEqual({
      ...fillRecipe(read({})),
      name: '',
      summary: '',
      title: 'Weekly, {date}',
    });
  });
});

describe('a file that cannot be used is refused in three lines that name the field', () => {
  test.each([
    [{ filters: { heard: 'nevr' } }, 'filters.heard must be "never", "before" or "any", not "nevr".'],
    [{ filters: { herd: 'never' } }, 'filters has a field herd that no recipe knows.'],
    [{ length: 0 }, 'length must be at least 1.'],
    [{ length: 2.5 }, 'length must be a whole number, not 2.5.'],
    [{ perArtist: 'two' }, 'perArtist must be a number, not "two".'],
    [{ dials: { variety: 1.5 } }, 'dials.variety must be at most 1.'],
    [{ summary: '' }, 'summary must be at least 1 character long.'],
    [{ summary: undefined }, 'summary is missing.'],
    [{ name: 'My Recipe' }, 'name must be lower-case letters and digits with single hyphens, such as my-recipe.'],
    [{ seeds: 'plays' }, 'seeds must be a list, not "plays".'],
    [{ seeds: [{ from: 'mood' }] }, 'seeds[0].from must be "plays", "liked", "top" or "playlist".'],
    [{ seeds: [{ from: 'top' }, { from: 'playlist' }] }, 'seeds[1].playlist is missing.'],
    [
      { seeds: [{ from: 'plays', period: { since: '2019-02-30' } }] },
      'seeds[0].period.since must be a day such as 2019-07-31, not "2019-02-30".',
    ],
    [
      { seeds: [{ from: 'plays', period: { year: 2019, lastDays: 7 } }] },
      'seeds[0].period says one of lastDays, year, and since with until, not several.',
    ],
    [
      { pool: { from: 'history', period: { since: '2020-01-01', until: '2019-01-01' } } },
      'pool.period ends before it begins.',
    ],
    [{ seeds: [] }, 'seeds must name something: recommenders need songs to start from.'],
    [
      { pool: { from: 'history' }, filters: { heard: 'never' } },
      'filters.heard cannot be "never" where the pool is your history.',
    ],
    [{ filters: { notHeardForWeeks: 4 } }, 'filters.notHeardForWeeks says nothing of songs that were never heard.'],
    [
      { filters: { heard: 'before', artists: 'unknown' } },
      'filters.artists cannot be "unknown" for songs that were heard before.',
    ],
    [
      { pool: { from: 'history' }, dials: { adventurousness: 0.9 } },
      'dials.adventurousness must stay .5 where the pool is your history: all of it is known.',
    ],
    [{ length: 0, perArtist: 0 }, 'length must be at least 1 (and 1 more).'],
    [{ title: 'Of {year}' }, 'title speaks of {year}, and there is no parameter year.'],
    [{ parameters: { year: { default: 2019 } } }, 'parameters.year.says is missing.'],
    [{ parameters: { 'a year': { says: 'when' } } }, 'parameters.a year must be one word.'],
  ])('%j', (recipe, why) => {
    const error = refusal(() => read(recipe));
    expect([error.code, error.message, error.why]).toEqual(['bad-recipe', 'The recipe mine.json cannot be used.', why]);
    expect(error.hint).toContain('segue recipes check');
  });

  test('what is not JSON, or not an object', () => {
    expect(refusal(() => readRecipe('{"name": }', 'torn.json')).why).toMatch(/^It is not JSON: Unexpected token/);
    expect(refusal(() => readRecipe('[]', 'list.json')).why).toBe('it must be an object, not [].');
    expect(refusal(() => readRecipe('null', 'null.json')).why).toBe('it must be an object, not null.');
  });

  test('no JSON at all breaks the reader', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const lines = refusal(() => readRecipe(JSON.stringify(value), 'any.json')).lines;
        expect(lines.map((line) => line.length > 10)).toEqual([true, true, true]);
      }),
    );
    const field = fc.constantFrom('seeds', 'pool', 'filters', 'dials', 'length', 'title', 'parameters', 'order');
    fc.assert(
      fc.property(field, fc.jsonValue({ maxDepth: 3 }), (name, value) => {
        try {
          expect(read({ [name]: value }).name).toBe('mine');
        } catch (error) {
          expect((error as ExpectedError).code).toBe('bad-recipe');
        }
      }),
    );
  });
});

describe('parameters', () => {
  const file = read({
    title: 'Loved in {year} by {who}, {date}',
    parameters: { year: { says: 'which year', default: 2019 }, who: { says: 'whose name' } },
    pool: { from: 'history', period: { year: '{year}' } },
  });

  test('stand for a value, alone as what it is, in a text as its text', () => {
    const usual = fillRecipe(file, { who: 'me' });
    expect(usual.pool).toMatchObject({ period: { year: 2019 } });
    expect(usual.title).toBe('Loved in 2019 by me, {date}');
    const other = fillRecipe(file, { who: 'you', year: '2021' });
    expect([other.pool, other.title]).toEqual([
      { from: 'history', period: { year: 2021 }, atLeast: 1, orLiked: false },
      'Loved in 2021 by you, {date}',
    ]);
  });

  test.each([
    [{}, 'It needs who: whose name'],
    [{ who: '' }, 'It needs who: whose name'],
    [{ who: 'me', year: 'last' }, 'year must be a number, not "last".'],
    [{ who: 'me', yaer: '2021' }, 'It takes year, who, and no yaer.'],
  ])('%j is refused', (given, why) => {
    const error = refusal(() => fillRecipe(file, given));
    expect([error.code, error.message, error.why]).toEqual([
      'bad-input',
      'The recipe mine cannot be used like this.',
      why,
    ]);
  });

  test('a value that the recipe cannot have is named by its field', () => {
    const error = refusal(() => fillRecipe(file, { who: 'me', year: 19 }));
    expect([error.code, error.why]).toEqual(['bad-recipe', 'pool.period.year must be at least 1900.']);
  });
});

describe('periods', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const span = (period: Parameters<typeof spanOf>[0], timeZone = 'Europe/Stockholm') => {
    const { since, until } = spanOf(period, { now, timeZone });
    return [since?.toISOString() ?? null, until.toISOString()];
  };

  test('days are the listener’s', () => {
    expect(span({ year: 2019 })).toEqual(['2018-12-31T23:00:00.000Z', '2019-12-31T23:00:00.000Z']);
    expect(span({ since: '2019-06-01', until: '2019-06-01' })).toEqual([
      '2019-05-31T22:00:00.000Z',
      '2019-06-01T22:00:00.000Z',
    ]);
    expect(span({ year: 2019 }, 'America/Los_Angeles')[0]).toBe('2019-01-01T08:00:00.000Z');
    expect(span({ lastDays: 7 })).toEqual(['2026-11-15T12:00:00.000Z', '2026-11-22T12:00:00.001Z']);
    expect(span({})).toEqual([null, '2026-11-22T12:00:00.001Z']);
    expect(span({ until: '2020-02-29' })).toEqual([null, '2020-02-29T23:00:00.000Z']);
  });

  test('none lasts beyond now', () => expect(span({ year: 2026 })[1]).toBe('2026-11-22T12:00:00.001Z'));

  test.each([
    // No midnight: clocks went from 00:00 to 01:00.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    // Midnight twice: clocks went back from 01:00 to 00:00.
    ['2021-11-07', 'America/Havana', '2021-11-07T04:00:00.000Z'],
    ['2026-03-29', 'Europe/Stockholm', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Stockholm', '2026-03-29T22:00:00.000Z'],
    ['2020-01-01', 'Pacific/Kiritimati', '2019-12-31T10:00:00.000Z'],
  ])('%s in %s begins at %s', (day, timeZone, start) => {
    expect(startOfDay(day, timeZone).toISOString()).toBe(start);
  });

  test('a day begins where it is that day, and was another a millisecond before', () => {
    const zones = ['Europe/Stockholm', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo'];
    const day = fc
      .integer({ min: 3650, max: 20_000 })
      .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, fc.constantFrom(...zones), (wanted, timeZone) => {
        const start = startOfDay(wanted, timeZone).getTime();
        const dayAt = (time: number) => new Date(time).toLocaleDateString('sv-SE', { timeZone });
        expect([dayAt(start), dayAt(start - 1) < wanted]).toEqual([wanted, true]);
      }),
    );
  });

  test('in words', () => {
    expect([{ lastDays: 1 }, { lastDays: 7 }, { year: 2019 }, {}, { since: '2019-06-01' }].map(periodWords)).toEqual([
      'in the last day',
      'in the last 7 days',
      'in 2019',
      'ever',
      'since 2019-06-01',
    ]);
  });
});

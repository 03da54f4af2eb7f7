import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { speak } from './speak.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'segue-recipes-'));
  await mkdir(join(dataDir, 'recipes'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const recipes = (...words: string[]) =>
  speak(undefined, ['recipes', ...words], { folder: dataDir }, { config: readConfig({ SEGUE_DATA_DIR: dataDir }) });
const write = (name: string, recipe: unknown) =>
  writeFile(join(dataDir, name), typeof recipe === 'string' ? recipe : JSON.stringify(recipe));
const own = (name: string, recipe: unknown) => write(join('recipes', name), recipe);

const BUNDLED = [
  'close-to-last-week',
  'discover-artists',
  'loved-in-year',
  'more-like-playlist',
  'two-nearest',
  'weekly',
];

describe('the list', () => {
  test('has the bundled ones, each with a sentence, also without a folder of one’s own', async () => {
    await rm(join(dataDir, 'recipes'), { recursive: true });
    const { exitCode, said, json } = await recipes();
    expect(exitCode).toBe(0);
    for (const name of BUNDLED)
      expect(said.some((line) => new RegExp(`^${name} +bundled +[A-Z]`).test(line))).toBe(true);
    expect(json.recipes.map(({ name }: { name: string }) => name)).toEqual(BUNDLED);
    expect(json.broken).toEqual([]);
  });

  test('one’s own go over bundled ones of the same name, and what cannot be used is said', async () => {
    await own('weekly.json', { name: 'weekly', summary: 'My own way.', length: 12 });
    await own('mine.json', { name: 'mine', summary: 'Mine.' });
    await own('twin.json', { name: 'mine', summary: 'Mine too.' });
    await own('torn.json', '{"name": "to');
    await own('notes.txt', 'no recipe');
    const { exitCode, said, json } = await recipes('--json');
    expect([exitCode, said]).toEqual([0, []]);
    const found = new Map(json.recipes.map((each: { name: string; from: string }) => [each.name, each.from]));
    expect([found.get('weekly'), found.get('mine'), found.size]).toEqual(['own', 'own', BUNDLED.length + 1]);
    expect(json.broken).toMatchObject([
      { path: join(dataDir, 'recipes', 'torn.json'), why: expect.stringContaining('It is not JSON') },
      { path: join(dataDir, 'recipes', 'twin.json'), why: expect.stringContaining('is called mine as well') },
    ]);
    const people = await recipes();
    expect(people.said.join('\n')).toMatch(/mine +yours +Mine\.[\s\S]*torn\.json cannot be used\.\nIt is not JSON/);
    expect((await recipes('show', 'weekly')).said.join('\n')).toMatch(/My own way\.[\s\S]*12 songs[\s\S]*Yours: /);
  });
});

describe('show', () => {
  test('says in sentences what a recipe does, with the values given', async () => {
    const { exitCode, said, json } = await recipes('show', 'loved-in-year', '--set', 'year=2021');
    expect(exitCode).toBe(0);
    const text = said.join(' ');
    expect(text).toContain('at least 5 times in 2021, or liked then');
    expect(text).toContain('None that you heard in the last 104 weeks.');
    expect(text).toContain('year: the year in which you loved them (2019 unless given)');
    expect(json).toMatchObject({ from: 'bundled', recipe: { pool: { period: { year: 2021 } }, notAgainWeeks: 26 } });
  });

  test('a parameter that must be given is named, and does not stop it', async () => {
    const { exitCode, said } = await recipes('show', 'more-like-playlist');
    expect([exitCode, said.join('\n')]).toEqual([
      0,
      expect.stringContaining('playlist: name or id of a playlist of yours (must be given)'),
    ]);
  });

  test.each([
    [['show', 'nope'], 'not-found', 'Those that are: close-to-last-week, discover-artists'],
    [['show'], 'used-wrongly', 'It is missing which recipe to show.'],
    [['show', 'loved-in-year', '--set', 'month=5'], 'bad-input', 'It takes year, and no month.'],
    [['show', 'loved-in-year', '--set', 'year=old'], 'bad-input', 'year must be a number, not "old".'],
    [['show', 'loved-in-year', '--set', 'year'], 'used-wrongly', 'It must be parameter=value, such as year=2021.'],
    [['taste', 'weekly'], 'used-wrongly', 'Allowed choices are show, check.'],
    [['check'], 'used-wrongly', 'It is missing which file to check.'],
    [['check', 'nowhere.json'], 'not-found', 'There is no such file.'],
    [['check', 'recipes'], 'not-found', 'It is not a file.'],
  ])('%j is refused', async (words, code, why) => {
    const { exitCode, json, noted } = await recipes(...words, '--json');
    expect([exitCode, json.error.code, noted.length]).toEqual([2, code, 3]);
    expect(noted[1]).toContain(why);
  });

  test('of one’s own that cannot be used the bundled one does not stand in', async () => {
    await own('weekly.json', { name: 'weekly', summary: 'Mine.', order: 'random' });
    const { exitCode, noted } = await recipes('show', 'weekly');
    expect([exitCode, noted[1]]).toEqual([2, 'order must be "flow", "score" or "date", not "random".']);
  });
});

describe('check', () => {
  test('a file that can be used, as Windows writes it, and where to put it', async () => {
    const text = JSON.stringify({ name: 'mine', summary: 'Mine.', dials: { variety: 0.5 } });
    await write('mine.json', '');
    await writeFile(join(dataDir, 'mine.json'), Buffer.from(`\ufeff${text}`, 'utf16le'));
    const { exitCode, said, json } = await recipes('check', 'mine.json');
    expect(exitCode).toBe(0);
    expect(said[0]).toBe('mine can be used: Mine.');
    expect(said.at(-1)).toContain(join(dataDir, 'recipes', 'mine.json'));
    expect(json).toMatchObject({ usable: true, recipe: { dials: { adventurousness: 0.5, variety: 0.5 } } });
  });

  test('a field that is wrong is named', async () => {
    await write('mine.json', { name: 'mine', summary: 'Mine.', dials: { variety: 5 } });
    const { exitCode, noted } = await recipes('check', 'mine.json');
    expect([exitCode, noted[1]]).toEqual([2, 'dials.variety must be at most 1.']);
  });

  test('what is far too large is not read', async () => {
    await write('dump.json', 'x'.repeat(1_000_001));
    const { exitCode, noted } = await recipes('check', 'dump.json');
    expect([exitCode, noted[1]]).toEqual([2, 'It has 1000001 bytes; a recipe has at most 1000000.']);
  });
});

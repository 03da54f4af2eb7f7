import { expect, test } from 'vitest';
import type { Continuation } from '../../src/recommend/continuation-file.ts';
import { askAs, challengeName, readScenarios } from '../../src/recommend/scenarios.ts';

const scenario = (name: string) => readScenarios(name)[0]!;
const playlist = (seeds: number, name = 'Rock'): Continuation => ({
  id: `${seeds}`,
  name,
  seeds: Array.from({ length: seeds }, (_, at) => `seed ${at}`),
  hidden: ['hidden'],
});

test('those of the command line', () => {
  expect(readScenarios('all').map(({ name }) => name)).toEqual(['name', '1', '5', '10', '25', '100']);
  expect(readScenarios('none')).toEqual([]);
  expect(readScenarios('7-random-unnamed, name,name')).toEqual([
    { name: '7-random-unnamed', seeds: 7, random: true, unnamed: true },
    { name: 'name', seeds: 0, random: false, unnamed: false },
  ]);
});

test('the ten of the challenge', () => {
  const ten = readScenarios('challenge');
  expect(ten.map(({ name }) => name).join(' ')).toBe('name 1 5 5-unnamed 10 10-unnamed 25 25-random 100 100-random');
  expect(ten.filter(({ random }) => random).map(({ seeds }) => seeds)).toEqual([25, 100]);
  expect(ten.filter(({ unnamed }) => unnamed).map(({ seeds }) => seeds)).toEqual([5, 10]);
  expect(ten.map(challengeName)).not.toContain(undefined);
  expect(challengeName(scenario('7'))).toBeUndefined();
});

test.each(['', 'names', '0', '-5', '5-named', '5-unnamed-random', '1e3', '123456'])('%j is none', (text) => {
  expect(() => readScenarios(text)).toThrow(expect.objectContaining({ code: 'used-wrongly' }));
});

test('the first songs in order, with the name, of playlists that have as many', () => {
  const { cases, leftOut } = askAs(scenario('5'), [playlist(4), playlist(5), playlist(9, '')]);
  expect(leftOut).toEqual({ 'with fewer songs': 1 });
  expect(cases.map(({ name, seeds, known }) => [name, seeds, known.length])).toEqual([
    ['Rock', ['seed 0', 'seed 1', 'seed 2', 'seed 3', 'seed 4'], 5],
    ['', ['seed 0', 'seed 1', 'seed 2', 'seed 3', 'seed 4'], 9],
  ]);
  expect(askAs(scenario('5-unnamed'), [playlist(5)]).cases[0]!.name).toBe('');
});

test('the name alone, of playlists that have one', () => {
  const { cases, leftOut } = askAs(scenario('name'), [playlist(4), playlist(5, ''), playlist(0)]);
  expect(leftOut).toEqual({ 'without a name': 1 });
  expect(cases.map(({ name, seeds, known }) => [name, seeds, known.length])).toEqual([
    ['Rock', [], 4],
    ['Rock', [], 0],
  ]);
});

test('random songs are seeds of the playlist, other ones for each, and the same each time', () => {
  const ask = () => askAs(scenario('25-random'), [playlist(200), playlist(200), playlist(25)]).cases;
  const [first, second, third] = ask().map(({ seeds }) => seeds);
  expect(new Set(first).size).toBe(25);
  for (const seed of first!) expect(playlist(200).seeds).toContain(seed);
  expect(first).not.toEqual(playlist(200).seeds.slice(0, 25));
  expect(second).not.toEqual(first);
  expect([...third!].sort()).toEqual([...playlist(25).seeds].sort());
  expect(ask()).toEqual(ask());
});

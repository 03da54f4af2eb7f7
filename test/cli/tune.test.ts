import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openSmallWorld, type SmallWorld } from '../e2e/small-world.ts';
import { type Person, speak } from './speak.ts';

let world: SmallWorld;
let app: App;
const segue = (words: string, person: Person = {}) => speak(app, words.split(' '), person);

beforeAll(async () => {
  world = await openSmallWorld();
  app = await world.open();
  await segue('import-playlists');
  await segue('build-corpus');
});
afterAll(async () => {
  await app.close();
  await world[Symbol.asyncDispose]();
});

test('tune: the verdict, what it rests on, the best trials; --json has all of them', async () => {
  const spoken = await segue('tune --trials 3');
  expect(spoken.exitCode).toBe(0);
  for (const line of spoken.said) {
    expect(line).not.toMatch(/[{}]|undefined|NaN|null|\[object/);
    expect(line.length).toBeLessThanOrEqual(100);
  }
  expect(spoken.said[0]).toMatch(/^(The defaults stay|Better than the defaults): /);
  expect(spoken.said).toContainEqual(expect.stringMatching(/^tried +3 settings in /));
  expect(spoken.said).toContainEqual(expect.stringMatching(/^trial +folds +input x output +cosine +work +settings$/));
  expect(spoken.said).toContainEqual(expect.stringMatching(/^1 .* 1\.0 x +the defaults$/));
  expect(spoken.said.at(-1)).toBe('Next: segue train-vectors');
  expect(spoken.reports.at(-1)!.note).toMatch(/^3 tried, best 0\.\d{4} \(defaults 0\.\d{4}\)$/);

  const { json } = await segue('tune --trials 3 --json');
  expect(json).toMatchObject({ task: 'tune', status: 'succeeded', output: { tried: 3, trainings: 0 } });
  expect(json.output.trials.map(({ trial }: { trial: number }) => trial)).toEqual([1, 2, 3]);
});

test('train-vectors says where its settings come from, and evaluates when asked', async () => {
  const given = await segue('train-vectors --epochs 3 --dimensions 16 --min-learning-rate 0.01 --evaluate');
  expect(given.said).toContainEqual(expect.stringMatching(/^settings +given \(.*epochs.*\); others: /));
  expect(given.said).toContainEqual(
    expect.stringMatching(/^held out +6 playlists, half of each hidden: NDCG@500 0\.\d{4}$/),
  );
  expect((await segue('tune --forget')).said[0]).toMatch(/^Forgotten/);
  expect((await segue('tune --forget')).exitCode).toBe(99);
});

test('Ctrl-C ends with what is known so far, and code 130', async () => {
  const controller = new AbortController();
  const stopping = segue('tune --trials 500 --seed 3 --json', { signal: controller.signal });
  const running = await untilRunning();
  controller.abort(new Error('Ctrl-C'));
  const { exitCode, json } = await stopping;
  expect({ exitCode, running }).toEqual({ exitCode: 130, running: true });
  expect(json).toMatchObject({ status: 'succeeded', output: { stopped: true, chosen: null } });
});

/** Resolves once a measurement of the tune is done. */
function untilRunning(): Promise<true> {
  const { promise, resolve } = Promise.withResolvers<true>();
  app.engine.events.on('progress', ({ task }) => task === 'tune' && resolve(true));
  return promise;
}

test.each([
  ['--minutes 0', 'It must be more than 0'],
  ['--trials 0', 'It must be at least 1'],
  ['--algorithm glove', 'algorithm'],
])('tune %s is used wrongly', async (words, why) => {
  const { exitCode, noted } = await segue(`tune ${words}`);
  expect({ exitCode, noted: noted.join(' ') }).toEqual({ exitCode: 2, noted: expect.stringContaining(why) });
});

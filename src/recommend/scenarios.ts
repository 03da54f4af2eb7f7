import { ExpectedError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Continuation } from './continuation-file.ts';
import { shuffled } from './holdout.ts';

/** One way to ask for the continuation of a playlist: how many of its songs are shown, and whether its name is. */
export interface Scenario {
  /** As on the command line: `name`, `5`, `5-unnamed`, `25-random`, `5-random-unnamed`. */
  readonly name: string;
  /** Songs shown; 0: its name alone. */
  readonly seeds: number;
  /** Any of its seeds, not the first ones. */
  readonly random: boolean;
  /** Its name is not told. */
  readonly unnamed: boolean;
}

/**
 * The ten of the RecSys Challenge 2018 (Zamani, Schedl, Lamere and Chen, arXiv 1810.01520), in its order. There each was
 * asked of a thousand other playlists; here every playlist that is long enough is asked in each way, for the same hidden
 * songs, so that the figures say what more songs bring.
 */
const CHALLENGE: ReadonlyMap<string, string> = new Map([
  ['name', 'title only'],
  ['1', 'title and first track'],
  ['5', 'title and first 5 tracks'],
  ['5-unnamed', 'first 5 tracks only'],
  ['10', 'title and first 10 tracks'],
  ['10-unnamed', 'first 10 tracks only'],
  ['25', 'title and first 25 tracks'],
  ['25-random', 'title and 25 random tracks'],
  ['100', 'title and first 100 tracks'],
  ['100-random', 'title and 100 random tracks'],
]);

const DEFAULT = ['name', '1', '5', '10', '25', '100'];

/** What the challenge calls it, as long as its playlists have names; undefined for scenarios that it has not. */
export function challengeName({ name }: Scenario): string | undefined {
  return CHALLENGE.get(name);
}

/**
 * `all` (its name alone, and 1, 5, 10, 25 and 100 songs), `challenge` (the ten), `none`, or names with commas between.
 * Throws ExpectedError `used-wrongly`.
 */
export function readScenarios(list: string): Scenario[] {
  if (list === 'none') return [];
  const names = list === 'all' ? DEFAULT : list === 'challenge' ? [...CHALLENGE.keys()] : list.split(',');
  return [...new Set(names.map((name) => name.trim()))].map(readScenario);
}

function readScenario(name: string): Scenario {
  if (name === 'name') return { name, seeds: 0, random: false, unnamed: false };
  const parts = /^([1-9]\d{0,4})(-random)?(-unnamed)?$/.exec(name);
  if (parts !== null) {
    return { name, seeds: Number(parts[1]), random: parts[2] !== undefined, unnamed: parts[3] !== undefined };
  }
  throw new ExpectedError('used-wrongly', `There is no scenario "${name}".`, {
    why: 'Scenarios are: name, a number of songs such as 5, and with it 5-random, 5-unnamed, 5-random-unnamed.',
    hint: 'Name some of them with commas between, or all, challenge or none.',
  });
}

/** A playlist as a scenario asks for it. */
export interface ScenarioCase extends Continuation {
  /** All seeds of its line. Those that are not shown are not hidden either: they may not come back, and count neither way. */
  readonly known: readonly string[];
}

/** The playlists as the scenario asks for them, and how many it cannot ask for, by reason. The same ones give the same. */
export function askAs(
  { seeds: count, random, unnamed }: Scenario,
  playlists: readonly Continuation[],
): { readonly cases: readonly ScenarioCase[]; readonly leftOut: { readonly [reason: string]: number } } {
  const cases: ScenarioCase[] = [];
  const leftOut: Record<string, number> = {};
  for (const [at, playlist] of playlists.entries()) {
    const { name, seeds } = playlist;
    const reason =
      count === 0 && name === '' ? 'without a name' : seeds.length < count ? 'with fewer songs' : undefined;
    if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
    else {
      const order = random ? shuffled(seeds, seededRandom(at + 1)) : seeds;
      cases.push({ ...playlist, name: unnamed ? '' : name, seeds: order.slice(0, count), known: seeds });
    }
  }
  return { cases, leftOut };
}

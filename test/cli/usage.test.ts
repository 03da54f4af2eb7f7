import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { commands } from '../../src/cli/commands.ts';
import { speak } from './speak.ts';

/** Words of an example as a shell would split them. */
function split(example: string): string[] {
  return [...example.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare!,
  );
}

describe.each(commands.map(({ name }) => [name]))('segue %s', (name) => {
  const command = commands.find((each) => each.name === name)!;

  test('--help tells what it does, with examples, and opens nothing', async () => {
    const { exitCode, said, noted } = await speak(undefined, [...name.split(' '), '--help']);
    const text = said.join('\n');
    expect({ exitCode, noted }).toEqual({ exitCode: 0, noted: [] });
    expect(text.replaceAll(/\s+/g, ' ')).toContain(command.summary.replaceAll(/\s+/g, ' '));
    expect(text).toContain('--json');
    for (const example of command.examples) expect(text).toContain(`$ ${`segue ${example}`.trim()}`);
    for (const line of said) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('an option that it does not have is three lines and exit code 2', async () => {
    const { exitCode, json, noted, said } = await speak(undefined, [...name.split(' '), '--bogus', '--json']);
    expect({ exitCode, said }).toEqual({ exitCode: 2, said: [] });
    expect(noted).toEqual([
      `segue ${name} cannot be used like this.`,
      expect.stringContaining("Unknown option '--bogus'"),
      `segue ${name} --help shows how it is used.`,
    ]);
    expect(json.error).toMatchObject({ code: 'used-wrongly', message: noted[0], why: noted[1], hint: noted[2] });
  });

  test.skipIf(command.runs === 'own').each(command.examples.map((example) => [example]))(
    'takes its own example: %s',
    async (example) => {
      const { exitCode, json } = await speak(undefined, [...split(example), '--json']);
      // It gets as far as wanting the store, which there is none of here.
      expect({ exitCode, message: json.error.message }).toEqual({
        exitCode: 1,
        message: 'this command line was not meant to open anything',
      });
    },
  );
});

test('--help lists every command under its heading, on two screens at most', async () => {
  const { exitCode, said } = await speak(undefined, ['--help']);
  expect(exitCode).toBe(0);
  for (const { name, group } of commands) {
    expect(said).toContain(group);
    expect(said.some((line) => line.startsWith(`  ${name.split(' ')[0]} `))).toBe(true);
  }
  expect(said.length).toBeLessThan(90);
});

test('--version', async () => {
  expect(await speak(undefined, ['--version'])).toMatchObject({ exitCode: 0, said: [manifest.version] });
});

test.each([
  [['bogus'], "Unknown command 'bogus'"],
  [['sync-play'], "Unknown command 'sync-play' (Did you mean sync-plays?)"],
  [['status', 'now'], "Too many arguments for 'status'"],
  [['similar'], "Missing required argument 'track'"],
  [['cancel'], "Missing required argument 'run'"],
  [['cancel', 'twelve'], 'It must be a whole number'],
  [['cancel', '-1'], 'It must be a whole number'],
  [['runs', '99999999999999999999'], 'It must be a whole number, at most 2147483647'],
  [['runs', '--limit', '0'], 'It must be at least 1'],
  [['runs', '--limit'], 'argument missing'],
  [['serve', '--port', '70000'], 'A port is a number from 0 to 65535'],
  [['recommend', '--length', 'abc'], 'It must be a whole number'],
  [['train-vectors', '--learning-rate', 'fast'], 'It must be a number'],
  [['task', 'run'], "Missing required argument 'task'"],
  [['task', 'run', 'recommend', '--input', '[1]'], 'It must be a JSON object'],
  [['task', 'run', 'recommend', '--input', '{"length":'], 'It must be a JSON object'],
  [['task'], 'A word is missing'],
  [['task', 'walk'], "Unknown command 'walk'"],
] as const)('segue %j', async (words, why) => {
  const { exitCode, json, noted, said } = await speak(undefined, words);
  expect({ exitCode, said, lines: noted.length }).toEqual({ exitCode: 2, said: [], lines: 3 });
  expect(noted[1]).toContain(why);
  expect(json.error.code).toBe('used-wrongly');
});

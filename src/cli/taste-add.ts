import { type Command, Option } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import { ruleId, withRule } from '../recommend/taste-rules.ts';
import { readOwnRules } from '../tasks/recommend-rules.ts';
import { resolveRule } from '../tasks/resolve-rule.ts';
import type { CliCommand, CommandValues } from './command.ts';
import { changeTaste } from './taste-change.ts';

export const tasteAdd: CliCommand = {
  name: 'taste add',
  summary: 'Add taste rules; --preview shows what they would change.',
  runs: 'app',
  examples: [
    'taste add --artist Enya',
    'taste add --month december --preview',
    'taste add --hours 22-4 --device "Living Room"',
    'taste add --playlist Sleep --no-explicit',
    'taste add --per-artist 1 --not-again 12',
    'taste add december hour:2-5 "track:TOTO - Africa"',
  ],
  define,
  async run(values, context) {
    const texts = textsOf(values);
    if (texts.length === 0) throw nothingNamed();
    const { store, listener } = await context.app();
    const before = await readOwnRules(store.db, listener.id);
    let after = before;
    const added: string[] = [];
    for (const text of texts) {
      const rule = await resolveRule(store.db, listener.id, text);
      const held = before.find((other) => ruleId(other) === ruleId(rule));
      // What holds keeps the id that it may have from the library.
      after = held !== undefined && after.includes(held) ? after : withRule(after, rule);
      added.push(ruleId(rule));
    }
    const preview = values.options.preview === true;
    const again = `segue taste add ${texts.map(quoted).join(' ')}`;
    return await changeTaste({ before, after, summary: `added ${added.join(', ')}`, preview, again }, context);
  },
};

/** The text of a rule before an option's value. */
const WITH_VALUE: Record<string, string> = {
  artist: 'artist:',
  track: 'track:',
  playlist: 'playlist:',
  hours: 'hour:',
  weekday: 'weekday:',
  month: 'month:',
  period: 'period:',
  yearly: 'yearly:',
  device: 'device:',
  perArtist: 'per-artist:',
  notAgain: 'not-again:',
};

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

function define(command: Command): void {
  command
    .argument('[rules...]', 'rules as segue taste lists them: december, artist:Enya, hour:2-5')
    .option('--artist <name>', 'plays of the artist do not count, nor is it recommended; name or link', collect)
    .option('--track <song>', 'the same for one song: "artist - title", or a link', collect)
    .addOption(
      new Option('--only <part>', 'of --artist and --track: the plays, or the recommending, alone').choices([
        'plays',
        'songs',
      ]),
    )
    .option('--playlist <name>', 'plays from this playlist do not count; name or link', collect)
    .option('--hours <from-to>', 'plays at these hours: 2-5 is from 02:00 until 05:00', collect)
    .option('--weekday <day>', 'plays on this day of the week', collect)
    .option('--month <name>', 'plays in this month of any year', collect)
    .option('--period <days>', 'plays of 2020, 2020-03, 2020-03-01..2020-05-31 or 2026-01-01..', collect)
    .option('--yearly <days>', 'plays of the same days of each year: 12-20..01-06', collect)
    .option('--device <name>', 'plays on devices and systems whose name holds this', collect)
    .option('--skips', 'plays that were skipped')
    .addOption(new Option('--private', 'plays of private sessions (default)'))
    .option('--allow-private', 'count private sessions like other plays')
    .option('--no-explicit', 'no explicit songs')
    .option('--allow-explicit', 'explicit songs may come (default)')
    .option('--allow-liked', 'liked songs may come, heard ones too')
    .option('--no-liked', 'no liked songs (default)')
    .option('--per-artist <n>', 'at most n songs by one artist (default: 2)')
    .option('--not-again <weeks>', 'no song again within so many weeks (default: 8)')
    .option('--preview', 'show what it would change, and change nothing');
}

/** What was typed, as texts of rules. */
function textsOf({ args, options }: CommandValues): string[] {
  const texts = [...((args[0] as string[] | undefined) ?? [])];
  const part = options.only === undefined ? '' : `-${options.only}`;
  for (const [name, prefix] of Object.entries(WITH_VALUE))
    for (const value of [options[name] ?? []].flat())
      texts.push(name === 'artist' || name === 'track' ? `${name}${part}:${value}` : `${prefix}${value}`);
  if (options.skips === true) texts.push('skips');
  if (options.private === true) texts.push('private');
  if (options.allowPrivate === true) texts.push('allow-private');
  // commander gives what begins with "no" as the negative of the rest.
  if (options.explicit === false) texts.push('no-explicit');
  if (options.allowExplicit === true) texts.push('allow-explicit');
  if (options.liked === false) texts.push('no-liked');
  if (options.allowLiked === true) texts.push('allow-liked');
  return texts;
}

export function quoted(text: string): string {
  return /^[\w:.,-]+$/.test(text) ? text : JSON.stringify(text);
}

function nothingNamed(): ExpectedError {
  return new ExpectedError('used-wrongly', 'segue taste add cannot be used like this.', {
    why: 'No rule is named.',
    hint: 'segue taste add --help shows how it is used.',
  });
}

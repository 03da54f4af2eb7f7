import { type Argument, Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { asError, ExpectedError, isExpected, systemCode } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { type CliCommand, type CommandContext, type CommandResult, EXIT } from './command.ts';
import { paint } from './format.ts';
import { exitCodeOf } from './interrupt.ts';
import type { Terminal } from './terminal.ts';

/** Failures in which nothing was tried, because what was asked for does not exist or makes no sense. */
const USED_WRONGLY = new Set([
  'used-wrongly',
  'bad-setting',
  'task-unknown',
  'pipeline-unknown',
  'schedule-invalid',
  'schedule-unknown',
  'run-unknown',
  'not-found',
  'no-edition',
  'unknown-track',
  'ambiguous-songs',
  'too-many-songs',
  'songs-cancel-out',
  'input-unknown',
  'run-key-taken',
  'bad-input',
  'bad-query',
  'bad-settings',
  'bad-rule',
  'bad-taste-file',
  'no-such-rule',
  'bad-recipe',
]);

/** How a command line ended: the exit code and, for --json, the object. */
export interface Outcome {
  readonly exitCode: number;
  readonly json: Json | undefined;
}

/** Runs one command line. Every line for people goes to the terminal; the JSON object is returned, not printed. */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly CliCommand[],
  context: CommandContext,
): Promise<Outcome> {
  const { terminal } = context;
  let result: CommandResult | undefined;
  const mistakes: string[] = [];
  const program = buildProgram(commands, terminal, mistakes, async (command, values) => {
    result = await command.run(values, context);
  });
  try {
    await program.parseAsync(withDefault(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, terminal);
    if (error.exitCode === 0) return { exitCode: EXIT.done, json: undefined };
    return reportFailure(usedWrongly(mistakes, findCommand(argv, commands)), terminal);
  }
  // With --json the object says it all.
  if (!context.json) for (const line of result?.lines ?? []) terminal.say(line);
  if (result?.failure) {
    const { exitCode, json } = reportFailure(result.failure, terminal);
    return { exitCode, json: { ...(result.json as object), ...(json as object) } };
  }
  if (result?.next && !context.json) terminal.say(`\n${paint(terminal, 'dim', 'Next:')} ${result.next}`);
  return { exitCode: result?.exitCode ?? EXIT.done, json: result?.json };
}

/** `segue` alone, and with nothing but options of its own, is `segue status`. */
function withDefault(argv: readonly string[]): string[] {
  const alone = argv.every((word) => word === '--json');
  return alone ? ['status', ...argv] : [...argv];
}

/** The command that `argv` names, or undefined where it names none (help, mistakes): used to decide before running. */
export function findCommand(argv: readonly string[], commands: readonly CliCommand[]): CliCommand | undefined {
  if (argv.some((word) => ['--help', '-h', '--version'].includes(word))) return undefined;
  const words = withDefault(argv).filter((word) => !word.startsWith('-'));
  return (
    commands.find((command) => command.name === words.slice(0, 2).join(' ')) ??
    commands.find((command) => command.name === words[0])
  );
}

function buildProgram(
  commands: readonly CliCommand[],
  terminal: Terminal,
  mistakes: string[],
  onRun: (command: CliCommand, values: { args: unknown[]; options: Record<string, unknown> }) => Promise<void>,
): Command {
  const program = prepare(new Command('segue'), terminal, mistakes)
    .description('Turns a listening history into playlists you would have made yourself.')
    .usage('[command] [options]')
    .version(manifest.version, '--version', 'print the version')
    .addHelpText('after', '\nsegue alone shows the state of everything and the next useful command.');
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [first, second] = command.name.split(' ') as [string, string?];
    let parent = program;
    if (second !== undefined) {
      parent =
        groups.get(first) ??
        prepare(program.command(first), terminal, mistakes)
          .description(`${command.summary} segue ${command.name} --help says how.`)
          .summary(firstClause(command.summary))
          .helpGroup(command.group ?? '');
      groups.set(first, parent);
    }
    const node = prepare(parent.command(second ?? first), terminal, mistakes)
      .description(command.summary)
      // In the list of all commands, up to the first aside.
      .summary(firstClause(command.summary))
      .helpGroup(command.group ?? 'Commands:')
      .option('--json', 'print one JSON object on stdout, everything else on stderr');
    command.define(node);
    // `taste` is a command and has others below it; an option after their words is theirs.
    if (second === undefined) groups.set(first, node.enablePositionalOptions());
    const examples = command.examples.map((example) => `  $ ${`segue ${example}`.trim()}`).join('\n');
    node.addHelpText('after', `\nExamples:\n${examples}`);
    node.action(async (...parts: unknown[]) => {
      // commander passes the arguments, then the options, then the command itself.
      await onRun(command, { args: parts.slice(0, -2), options: parts.at(-2) as Record<string, unknown> });
    });
  }
  return program;
}

function prepare(command: Command, terminal: Terminal, mistakes: string[]): Command {
  return command
    .exitOverride()
    .configureHelp({ subcommandTerm: (each) => [each.name(), ...each.registeredArguments.map(argumentTerm)].join(' ') })
    .configureOutput({
      writeOut: (text) => terminal.say(text.trimEnd()),
      writeErr: (text) => void mistakes.push(text.trim()),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .showSuggestionAfterError();
}

function firstClause(sentence: string): string {
  return sentence.replace(/( \(|[;:.]).*$/, '');
}

function argumentTerm(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** What commander says of a mistake, as three lines. */
function usedWrongly(mistakes: readonly string[], command: CliCommand | undefined): ExpectedError {
  const words = ['segue', ...(command ? [command.name] : [])].join(' ');
  const said = (mistakes[0] ?? '').replace(/^error: /, '').replaceAll(/\s+/g, ' ');
  // Help that nobody asked for is what commander prints for a group without its second word.
  const why = said === '' || said.startsWith('Usage:') ? 'A word is missing.' : said;
  return new ExpectedError('used-wrongly', `${words} cannot be used like this.`, {
    why: `${why.slice(0, 1).toUpperCase()}${why.slice(1)}${/[.?)]$/.test(why) ? '' : '.'}`,
    hint: `${words} --help shows how it is used.`,
  });
}

/** Tells of a failure in three lines (a bug with its stack), and how the command line ends with it. */
export function reportFailure(thrown: unknown, terminal: Terminal): Outcome {
  const { aborted, reason } = terminal.signal;
  if (aborted && !isExpected(reason)) {
    terminal.note('Stopped. What was finished is kept; run the same command again to go on.');
    return {
      exitCode: exitCodeOf(terminal.signal),
      json: { error: { code: 'stopped', message: 'Stopped by Ctrl-C.' } },
    };
  }
  const error = aborted ? reason : isExpected(thrown) ? thrown : translateSystemError(thrown);
  if (!error) {
    const bug = asError(thrown);
    terminal.note(paint(terminal, 'red', 'Something went wrong that Segue did not expect; this is a bug.'));
    terminal.note(bug.stack ?? bug.message);
    return { exitCode: EXIT.failed, json: { error: { code: 'bug', message: bug.message } } };
  }
  const [what, why, hint] = error.lines;
  terminal.note(paint(terminal, 'red', what));
  terminal.note(why);
  terminal.note(hint);
  return {
    exitCode: USED_WRONGLY.has(error.code) ? EXIT.usedWrongly : EXIT.failed,
    json: { error: { code: error.code, message: what, why, hint } },
  };
}

/** What a disk says, wherever it says it: a full or read-only one is nobody's bug. */
function translateSystemError(thrown: unknown): ExpectedError | undefined {
  const code = systemCode(thrown);
  const path = (thrown as { path?: string } | null)?.path;
  const at = path ? ` (${path})` : '';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ExpectedError('disk-full', `The disk is full${at}.`, {
      why: 'Nothing more could be written; what was stored before is complete.',
      hint: 'Free some space and run the same command again.',
      cause: thrown,
    });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ExpectedError('directory-not-writable', `A file or folder may not be used${at}.`, {
      why: code === 'EROFS' ? 'The file system is read-only.' : 'Its permissions do not allow it.',
      hint: 'Give yourself access to it, or set SEGUE_DATA_DIR to a folder of your own.',
      cause: thrown,
    });
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new ExpectedError('directory-not-writable', `A folder cannot be made${at}.`, {
      why: 'A file stands where a folder should be.',
      hint: 'Move the file, or set SEGUE_DATA_DIR to another folder.',
      cause: thrown,
    });
  return undefined;
}

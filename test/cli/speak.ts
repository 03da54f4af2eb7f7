import type { App } from '../../src/app.ts';
import type { ProgressReport } from '../../src/base/progress.ts';
import type { Json } from '../../src/base/task.ts';
import type { CommandContext } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { noAnswer, type Terminal } from '../../src/cli/terminal.ts';
import { readConfig } from '../../src/config.ts';

/** What a command line gave back, and everything it wrote. */
export interface Spoken {
  readonly exitCode: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly json: any;
  readonly said: string[];
  readonly noted: string[];
  readonly asked: string[];
  readonly reports: ProgressReport[];
}

/** Who sits at the terminal. */
export interface Person {
  /** Answers questions; without it nobody is there. */
  readonly answer?: (question: string, signal: AbortSignal | undefined) => Promise<string>;
  readonly onSay?: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly folder?: string;
  readonly width?: number;
}

/** Consent as a browser would bring it: follows the address that `connect` prints. */
export const browser: Person = {
  onSay: (line) => {
    const url = /https?:\S+\/authorize\?\S+/.exec(line)?.[0];
    // What comes of it is seen by the command.
    if (url) void fetch(url).catch(() => {});
  },
};

export function recordingTerminal(person: Person): { terminal: Terminal; heard: Omit<Spoken, 'exitCode' | 'json'> } {
  const heard = { said: [] as string[], noted: [] as string[], asked: [] as string[], reports: [] as ProgressReport[] };
  const terminal: Terminal = {
    say: (line) => {
      heard.said.push(...line.split('\n'));
      person.onSay?.(line);
    },
    note: (line) => void heard.noted.push(...line.split('\n')),
    progress: (report) => void heard.reports.push(report),
    ask: async (question, signal) => {
      heard.asked.push(question);
      if (!person.answer) throw noAnswer();
      return await person.answer(question, signal);
    },
    interactive: person.answer !== undefined,
    width: person.width ?? 100,
    colour: false,
    signal: person.signal ?? new AbortController().signal,
    folder: person.folder ?? process.cwd(),
  };
  return { terminal, heard };
}

/** Runs one command line of an open app, in this process. */
export async function speak(
  app: App | undefined,
  words: readonly string[],
  person: Person = {},
  context: Partial<CommandContext> = {},
): Promise<Spoken> {
  const { terminal, heard } = recordingTerminal(person);
  const outcome = await runCommandLine(words, commands, {
    terminal,
    config: app?.config ?? readConfig({}),
    json: words.includes('--json'),
    served: false,
    app: async () => {
      if (!app) throw new Error('this command line was not meant to open anything');
      return app;
    },
    runLine: async () => ({ exitCode: 0, json: undefined as Json | undefined }),
    ...context,
  });
  return { ...outcome, ...heard };
}

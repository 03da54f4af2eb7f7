import { createInterface } from 'node:readline/promises';
import { ExpectedError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { drawProgress } from './progress-bar.ts';

/** Where a command writes and asks. The service hands commands one that travels over HTTP, so they print the same there. */
export interface Terminal {
  /** A line for the person who asked; goes to stdout, or to stderr when stdout is kept for JSON. */
  say(line: string): void;
  /** A line beside the result (warnings, what is going on); always stderr. */
  note(line: string): void;
  readonly progress: Progress;
  /**
   * Asks one question and returns the answer without its line end. `signal` takes the question back. Throws ExpectedError
   * `no-answer` when the input ends.
   */
  ask(question: string, signal?: AbortSignal): Promise<string>;
  /** Whether somebody sits there who can answer. */
  readonly interactive: boolean;
  /** Columns of the screen. */
  readonly width: number;
  readonly colour: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The folder that relative paths of the command line start from. */
  readonly folder: string;
}

/** The terminal of this process. With `json`, stdout is left to the one JSON object at the end. */
export function processTerminal(options: { json: boolean; signal: AbortSignal }): Terminal {
  const out = options.json ? process.stderr : process.stdout;
  const bar = drawProgress(process.stderr);
  return {
    say: (line) => {
      bar.clear();
      out.write(`${line}\n`);
    },
    note: (line) => {
      bar.clear();
      process.stderr.write(`${line}\n`);
    },
    progress: bar.report,
    ask: (question, signal) => {
      bar.clear();
      return askOnce(question, signal ? AbortSignal.any([options.signal, signal]) : options.signal);
    },
    interactive: process.stdin.isTTY === true,
    width: process.stdout.columns ?? 100,
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    signal: options.signal,
    // npm runs scripts in the package's folder and keeps the caller's in INIT_CWD.
    folder: process.env.INIT_CWD ?? process.cwd(),
  };
}

async function askOnce(question: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself while it reads; it must do here what it does everywhere else.
  reader.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'));
  const ended = new Promise<never>((_, reject) => reader.once('close', () => reject(noAnswer())));
  ended.catch(() => {});
  try {
    return (await Promise.race([reader.question(question, { signal }), ended])).trim();
  } finally {
    if (signal.aborted) process.stderr.write('\n');
    reader.close();
  }
}

/** For a question that nobody can answer any more. */
export function noAnswer(): ExpectedError {
  return new ExpectedError('no-answer', 'A question was left without an answer.', {
    why: 'The input ended before a line was typed.',
    hint: 'Run the command again in a terminal.',
  });
}

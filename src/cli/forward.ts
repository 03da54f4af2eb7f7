import { z } from 'zod';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { ServiceAddress } from '../store/directory-lock.ts';
import { exitCodeOf } from './interrupt.ts';
import { type Outcome, reportFailure } from './program.ts';
import type { Terminal } from './terminal.ts';

/** What the service sends while a forwarded command runs: one JSON object a line; empty lines show that it lives. */
export const commandEvent = z.union([
  z.object({ say: z.string() }),
  z.object({ note: z.string() }),
  z.object({
    progress: z.object({
      label: z.string(),
      done: z.number(),
      total: z.number().optional(),
      unit: z.string(),
      note: z.string().optional(),
    }),
  }),
  z.object({ ask: z.string(), question: z.number() }),
  /** The question needs no answer any more. */
  z.object({ withdraw: z.number() }),
  z.object({ exitCode: z.number(), json: z.json().optional() }),
]);
export type CommandEvent = z.infer<typeof commandEvent>;

/** What the caller's side sends to start one. */
export const commandRequest = z.object({
  argv: z.array(z.string()),
  folder: z.string(),
  width: z.number(),
  colour: z.boolean(),
  interactive: z.boolean(),
});
/** `answer` is null when nobody can answer any more. */
export const commandAnswer = z.object({ question: z.number(), answer: z.string().nullable() });

/** Runs a command line inside the service that holds the store; what it prints and asks appears here. Ctrl-C ends it there too. */
export async function forwardCommandLine(
  service: ServiceAddress,
  argv: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(new URL(path, service.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: terminal.signal,
    });
  const asking = new Map<number, AbortController>();
  const answer = async (number: number, question: string): Promise<void> => {
    const withdrawn = new AbortController();
    asking.set(number, withdrawn);
    const given = await terminal.ask(question, withdrawn.signal).catch(() => null);
    // A service that has gone meanwhile is told of by the stream of events.
    if (!withdrawn.signal.aborted && !terminal.signal.aborted)
      await post('/api/command/answer', { question: number, answer: given }).catch(() => {});
  };
  try {
    const { folder, width, colour, interactive } = terminal;
    const response = await post('/api/command', { argv, folder, width, colour, interactive });
    if (!response.ok || !response.body) throw refused(service.url, response.status);
    for await (const line of lines(response.body)) {
      const event = commandEvent.parse(JSON.parse(line));
      if ('say' in event) terminal.say(event.say);
      else if ('note' in event) terminal.note(event.note);
      else if ('progress' in event) terminal.progress(event.progress as Parameters<Terminal['progress']>[0]);
      else if ('ask' in event) void answer(event.question, event.ask);
      else if ('withdraw' in event) asking.get(event.withdraw)?.abort();
      else return { exitCode: event.exitCode, json: event.json as Json | undefined };
    }
    throw unreachable(service.url, 'It ended before the command did.');
  } catch (error) {
    if (terminal.signal.aborted) {
      terminal.note('Stopped. What was finished is kept; segue runs shows how far it came.');
      const stopped = { error: { code: 'stopped', message: 'Stopped by Ctrl-C.' } };
      return { exitCode: exitCodeOf(terminal.signal), json: stopped };
    }
    const known = isExpected(error) ? error : unreachable(service.url, 'It does not answer, or no longer.', error);
    return reportFailure(known, terminal);
  } finally {
    for (const question of asking.values()) question.abort();
  }
}

function refused(url: string, status: number): ExpectedError {
  if (status !== 403) return unreachable(url, `It answered with status ${status}.`);
  return new ExpectedError('service-refused', `The running service at ${url} did not take this command.`, {
    why: 'The token in the lock of the data folder is not its own: another program may listen there.',
    hint: 'Stop the service (Ctrl-C where it runs), start it again, and run the same command again.',
  });
}

function unreachable(url: string, why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('service-unreachable', `The running service at ${url} could not run this command.`, {
    why,
    hint: 'Look at what the service printed; without it (Ctrl-C where it runs) the same command runs by itself.',
    cause,
  });
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    yield* parts.filter((part) => part !== '');
  }
}

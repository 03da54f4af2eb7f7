import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

/** What the service sends while a forwarded command runs: one JSON object a line. */
export const commandEvent = z.union([
  z.object({ say: z.string() }),
  z.object({ note: z.string() }),
  z.object({
    progress: z.object({ label: z.string(), done: z.number(), total: z.number().optional(), unit: z.string() }),
  }),
  z.object({ ask: z.string(), question: z.number() }),
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
export const commandAnswer = z.object({ question: z.number(), answer: z.string() });

/** Runs a command line inside the service that holds the store; what it prints and asks appears here. Ctrl-C ends it there too. */
export async function forwardCommandLine(
  service: { url: string; token: string },
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
  const { folder, width, colour, interactive } = terminal;
  try {
    const response = await post('/api/command', { argv, folder, width, colour, interactive });
    if (!response.ok || !response.body) throw unreachable(service.url, `It answered with status ${response.status}.`);
    for await (const line of lines(response.body)) {
      const event = commandEvent.parse(JSON.parse(line));
      if ('say' in event) terminal.say(event.say);
      else if ('note' in event) terminal.note(event.note);
      else if ('progress' in event) terminal.progress(event.progress as Parameters<Terminal['progress']>[0]);
      else if ('ask' in event)
        await post('/api/command/answer', { question: event.question, answer: await terminal.ask(event.ask) });
      else return { exitCode: event.exitCode, json: event.json as Json | undefined };
    }
    throw unreachable(service.url, 'It stopped before the command ended.');
  } catch (error) {
    if (terminal.signal.aborted) return { exitCode: 130, json: undefined };
    const failure = error instanceof ExpectedError ? error : unreachable(service.url, 'It did not answer.', error);
    for (const line of failure.lines) terminal.note(line);
    return { exitCode: 1, json: { error: { code: failure.code, message: failure.message } } };
  }
}

function unreachable(url: string, why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('service-unreachable', `The running service at ${url} could not run this command.`, {
    why,
    hint: 'Stop the service (Ctrl-C where it runs) and run the same command again.',
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

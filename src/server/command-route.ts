import { once } from 'node:events';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { z } from 'zod';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { type CommandEvent, commandAnswer, commandRequest } from '../cli/forward.ts';
import { noAnswer, type Terminal } from '../cli/terminal.ts';
import { isToken } from './token.ts';

/** Runs a command line on an app that is open already; the composition root passes the command line's own function. */
export type RunCommandLine = (
  argv: readonly string[],
  terminal: Terminal,
  app: App,
) => Promise<{ exitCode: number; json: Json | undefined }>;

type Body = Parameters<Parameters<typeof stream>[1]>[0];

// Quieter than this for five minutes, and the caller's fetch gives the connection up.
const SIGN_OF_LIFE_MS = 15_000;

/**
 * `POST /api/command`: a command of another process, run here because this process holds the database. `stop` ends the
 * commands that still run and resolves when they have ended, so that the app can be closed after it.
 */
export function addCommandRoute(
  hono: Hono,
  app: App,
  { token, runCommandLine }: { token: string; runCommandLine: RunCommandLine },
): { stop(): Promise<void> } {
  const questions = new Map<number, (answer: string | null) => void>();
  const running = new Map<AbortController, Promise<unknown>>();
  let asked = 0;

  const terminalOf = (
    { folder, width, colour, interactive }: z.infer<typeof commandRequest>,
    signal: AbortSignal,
    send: (event: CommandEvent) => void,
  ): Terminal => ({
    say: (line) => send({ say: line }),
    note: (line) => send({ note: line }),
    progress: (progress) => send({ progress }),
    ask: (question, withdrawn) => {
      const number = ++asked;
      send({ ask: question, question: number });
      return new Promise<string>((resolve, reject) => {
        questions.set(number, (answer) => (answer === null ? reject(noAnswer()) : resolve(answer)));
        withdrawn?.addEventListener('abort', () => {
          send({ withdraw: number });
          reject(withdrawn.reason);
        });
        signal.addEventListener('abort', () => reject(signal.reason));
      }).finally(() => questions.delete(number));
    },
    interactive,
    width,
    colour,
    signal,
    folder,
  });

  const serve = async (request: z.infer<typeof commandRequest>, body: Body, sent: Promise<unknown>): Promise<void> => {
    const stopped = new AbortController();
    body.onAbort(() => stopped.abort(new Error('the caller went away')));
    const send = (event: CommandEvent): void => void body.write(`${JSON.stringify(event)}\n`);
    const alive = setInterval(() => void body.write('\n'), SIGN_OF_LIFE_MS);
    const work = (async () => {
      const { exitCode, json } = await runCommandLine(request.argv, terminalOf(request, stopped.signal, send), app);
      await body.write(`${JSON.stringify({ exitCode, json } satisfies CommandEvent)}\n`);
    })().finally(() => clearInterval(alive));
    running.set(
      stopped,
      Promise.allSettled([work, sent]).finally(() => running.delete(stopped)),
    );
    await work;
  };

  hono.use('/api/command/*', async (context, next) => {
    if (!isToken(context.req.header('authorization'), token)) {
      return context.json({ error: { code: 'forbidden' } }, 403);
    }
    await next();
  });
  hono.post('/api/command', async (context) => {
    const request = read(commandRequest, await context.req.json().catch(() => undefined));
    // The last line is on its way to the caller only when the connection says so.
    const sent = once((context.env as HttpBindings).outgoing, 'close');
    return stream(context, (body) => serve(request, body, sent));
  });
  hono.post('/api/command/answer', async (context) => {
    const { question, answer } = read(commandAnswer, await context.req.json().catch(() => undefined));
    questions.get(question)?.(answer);
    return context.json({});
  });
  return {
    async stop() {
      for (const command of running.keys()) command.abort(serviceStops());
      await Promise.allSettled(running.values());
    },
  };
}

function serviceStops(): ExpectedError {
  return new ExpectedError('service-stopped', 'The service was stopped while this command was running in it.', {
    why: 'Somebody ended it, for example with Ctrl-C.',
    hint: 'Run the same command again: what was finished is kept, and it goes on where it stopped.',
  });
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ExpectedError('bad-request', 'This is no command line.', {
    why: 'The body does not have the form of src/cli/forward.ts.',
    hint: 'Use the segue command of the same version as the service.',
  });
}

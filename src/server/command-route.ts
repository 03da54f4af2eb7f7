import type { Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { App } from '../app.ts';
import type { Json } from '../base/task.ts';
import { type CommandEvent, commandAnswer, commandRequest } from '../cli/forward.ts';
import type { Terminal } from '../cli/terminal.ts';
import { isToken } from './token.ts';

/** Runs a command line on an app that is open already; the composition root passes the command line's own function. */
export type RunCommandLine = (
  argv: readonly string[],
  terminal: Terminal,
  app: App,
) => Promise<{ exitCode: number; json: Json | undefined }>;

/** `POST /api/command`: a command of another process, run here because this process holds the database. */
export function addCommandRoute(
  hono: Hono,
  app: App,
  { token, runCommandLine }: { token: string; runCommandLine: RunCommandLine },
): void {
  const questions = new Map<number, (answer: string) => void>();
  let asked = 0;
  hono.use('/api/command/*', async (context, next) => {
    if (!isToken(context.req.header('authorization'), token))
      return context.json({ error: { code: 'forbidden' } }, 403);
    await next();
  });
  hono.post('/api/command', async (context) => {
    if (!isToken(context.req.header('authorization'), token))
      return context.json({ error: { code: 'forbidden' } }, 403);
    const request = commandRequest.parse(await context.req.json());
    return stream(context, async (body) => {
      const stopped = new AbortController();
      body.onAbort(() => stopped.abort(new Error('the caller went away')));
      const send = (event: CommandEvent) => void body.write(`${JSON.stringify(event)}\n`);
      const terminal: Terminal = {
        say: (line) => send({ say: line }),
        note: (line) => send({ note: line }),
        progress: (progress) => send({ progress }),
        ask: (question) =>
          new Promise((resolve, reject) => {
            const number = ++asked;
            questions.set(number, resolve);
            stopped.signal.addEventListener('abort', () => reject(stopped.signal.reason));
            send({ ask: question, question: number });
          }),
        interactive: request.interactive,
        width: request.width,
        colour: request.colour,
        signal: stopped.signal,
        folder: request.folder,
      };
      const { exitCode, json } = await runCommandLine(request.argv, terminal, app);
      await body.write(`${JSON.stringify({ exitCode, json } satisfies CommandEvent)}\n`);
    });
  });
  hono.post('/api/command/answer', async (context) => {
    const { question, answer } = commandAnswer.parse(await context.req.json());
    questions.get(question)?.(answer);
    questions.delete(question);
    return context.json({});
  });
}

import type { RunView } from '../api/contract.ts';
import { ExpectedError } from '../base/errors.ts';
import { onProgress, onTaskChange } from '../pipeline/engine.ts';
import { runToEnd } from '../pipeline/run-to-end.ts';
import { readRun } from '../server/run-views.ts';
import { type CliCommand, type CommandContext, EXIT } from './command.ts';
import { paint } from './format.ts';
import { jsonObject } from './option-values.ts';
import { showOutput, showStatus, spent } from './runs.ts';

export const run: CliCommand = {
  name: 'run',
  summary: 'Run a pipeline now, to its end; one that was interrupted goes on where it stopped.',
  runs: 'app',
  examples: ['run weekly', 'run collect', `run weekly --input '{"recommend": {"length": 50}}'`],
  define: (command) =>
    command
      .argument('<pipeline>', 'name of the pipeline')
      .option('--run-key <key>', 'take up, or make, the run with this key')
      .option('--input <json>', 'input by task, as a JSON object', jsonObject),
  async run({ args, options }, context) {
    const finished = await runPipeline(args[0] as string, context, {
      runKey: options.runKey as string | undefined,
      input: options.input as never,
    });
    if (finished.status === 'failed') throw failure(finished);
    const open = finished.status === 'queued' || finished.status === 'running';
    return {
      json: finished,
      lines: open
        ? [`Run ${finished.id} waits for a retry; the service (segue serve) goes on with it when it is due.`]
        : [],
      next: finished.pipeline === 'weekly' ? 'segue editions' : `segue runs ${finished.id}`,
      ...(open ? { exitCode: EXIT.failed } : {}),
    };
  },
};

/** Runs a pipeline to its end and tells of each task as it ends. Throws the abort's reason on Ctrl-C. */
export async function runPipeline(
  pipeline: string,
  { app, terminal }: CommandContext,
  request: {
    readonly runKey?: string | undefined;
    readonly input?: Parameters<typeof runToEnd>[2] extends infer R
      ? R extends { input?: infer I }
        ? I
        : never
      : never;
  },
): Promise<RunView> {
  const { engine, store, clock } = await app();
  const unwatch = [
    onProgress(engine, ({ report }) => terminal.progress(report)),
    onTaskChange(engine, ({ runId, task, status }) => {
      if (status !== 'running' && status !== 'queued') void announce(runId, task);
    }),
  ];
  const announced: Promise<void>[] = [];
  const announce = (runId: number, task: string): Promise<void> => {
    const told = (async () => {
      const view = await readRun(store, runId);
      const taskRun = view?.tasks.find((each) => each.task === task);
      if (!taskRun) return;
      const mark =
        taskRun.status === 'succeeded' ? paint(terminal, 'green', '✓') : showStatus(terminal, taskRun.status);
      terminal.say(
        `${mark} ${paint(terminal, 'bold', task)} ${paint(terminal, 'dim', spent(taskRun, clock.now()))}  ${showOutput(taskRun.output)}`,
      );
    })();
    announced.push(told);
    return told;
  };
  try {
    const { runId, resumed } = await runToEnd(engine, pipeline, { ...request, signal: terminal.signal });
    await Promise.all(announced);
    terminal.signal.throwIfAborted();
    if (resumed) terminal.note(`This was run ${runId}, which had not ended; it went on where it stopped.`);
    return (await readRun(store, runId))!;
  } finally {
    for (const stop of unwatch) stop();
  }
}

/** The first task that failed for good, as its own three lines. */
export function failure(run: RunView): ExpectedError {
  const task = run.tasks.find((each) => each.status === 'failed');
  const [what, why, hint] = task?.attempts.at(-1)?.error ?? [];
  return new ExpectedError('run-failed', `${task?.task ?? run.pipeline}: ${what ?? 'it failed.'}`, {
    why: why ?? 'Its log says more.',
    hint: `${hint ?? ''} segue logs ${run.id} shows what it wrote; the run goes on there with segue retry ${run.id}.`.trim(),
  });
}

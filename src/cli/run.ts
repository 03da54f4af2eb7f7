import type { RunView } from '../api/contract.ts';
import { ExpectedError } from '../base/errors.ts';
import { onProgress, onTaskChange } from '../pipeline/engine.ts';
import { runToEnd } from '../pipeline/run-to-end.ts';
import { readRun } from '../server/run-views.ts';
import type { RunInput } from '../store/runs.ts';
import { type CliCommand, type CommandContext, type CommandResult, EXIT } from './command.ts';
import { paint } from './format.ts';
import { jsonObject } from './option-values.ts';
import { showStatus, spent } from './runs.ts';
import { cancelWhenServed } from './served-run.ts';
import { taskLine } from './task-line.ts';

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
      input: options.input as RunInput | undefined,
    });
    return runResult(finished);
  },
};

/** What a command says of a run that it has worked for. */
export function runResult(run: RunView): CommandResult {
  if (run.status === 'failed') return { json: run, lines: [], failure: failure(run) };
  const next = run.pipeline === 'weekly' ? 'segue editions newest' : `segue runs ${run.id}`;
  if (run.status === 'cancelled') {
    const lines = [`Run ${run.id} was cancelled; segue retry ${run.id} goes on with it.`];
    return { json: run, lines, next, exitCode: EXIT.failed };
  }
  if (run.status === 'succeeded' || run.status === 'skipped') return { json: run, lines: [], next };
  const lines = [`Run ${run.id} waits for a retry; the service (segue serve) goes on with it when it is due.`];
  return { json: run, lines, next: `segue runs ${run.id}`, exitCode: EXIT.failed };
}

/** Runs a pipeline to its end and tells of each task as it ends. Throws the abort's reason on Ctrl-C. */
export async function runPipeline(
  pipeline: string,
  context: CommandContext,
  request: { readonly runKey?: string | undefined; readonly input?: RunInput | undefined },
): Promise<RunView> {
  const { terminal } = context;
  const { engine, store, clock } = await context.app();
  let run: number | undefined;
  let told = Promise.resolve();
  const tell = async (task: string): Promise<void> => {
    const taskRun = (await readRun(store, run!))?.tasks.find((each) => each.task === task);
    if (!taskRun) return;
    const { status, output } = taskRun;
    const mark = status === 'succeeded' ? paint(terminal, 'green', '✓') : showStatus(terminal, status);
    const time = paint(terminal, 'dim', spent(taskRun, clock.now()));
    terminal.say([mark, paint(terminal, 'bold', task), time, ` ${taskLine(task, output)}`].join(' ').trimEnd());
  };
  const unwatch = [
    onProgress(engine, ({ runId, report }) => {
      if (runId === run) terminal.progress(report);
    }),
    onTaskChange(engine, ({ runId, task, status }) => {
      if (runId === run && status !== 'running' && status !== 'queued')
        told = told.then(() => tell(task)).catch(() => {}); // A database that is gone ends the run itself, in its own words.
    }),
    cancelWhenServed(engine, context, () => run),
  ];
  try {
    const onRun = (runId: number, resumed: boolean): void => {
      run = runId;
      if (resumed) terminal.note(`Run ${runId} had not ended; it goes on where it stopped.`);
    };
    const { runId } = await runToEnd(engine, pipeline, { ...request, onRun, signal: terminal.signal });
    await told;
    terminal.signal.throwIfAborted();
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

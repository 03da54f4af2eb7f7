import { retryRun } from '../pipeline/runs.ts';
import { readRun } from '../server/run-views.ts';
import type { CliCommand } from './command.ts';
import { wholeNumber } from './option-values.ts';
import { failure, runPipeline } from './run.ts';

export const retry: CliCommand = {
  name: 'retry',
  summary: 'Go on with a failed run: its failed and cancelled tasks run again, what succeeded stays.',
  runs: 'app',
  examples: ['retry 12'],
  define: (command) => command.argument('<run>', 'number of the run', wholeNumber),
  async run({ args }, context) {
    const { engine, store } = await context.app();
    const id = args[0] as number;
    await retryRun(engine, id);
    const { pipeline, runKey } = (await readRun(store, id))!;
    const finished = await runPipeline(pipeline, context, { runKey });
    if (finished.status === 'failed') throw failure(finished);
    return { json: finished, lines: [], next: `segue runs ${finished.id}` };
  },
};

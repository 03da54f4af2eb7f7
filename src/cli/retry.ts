import { retryRun } from '../pipeline/runs.ts';
import { readRun } from '../server/run-views.ts';
import type { CliCommand } from './command.ts';
import { positiveNumber } from './option-values.ts';
import { runPipeline, runResult } from './run.ts';

export const retry: CliCommand = {
  name: 'retry',
  summary: 'Go on with a failed run: its failed and cancelled tasks run again, what succeeded stays.',
  runs: 'app',
  examples: ['retry 12'],
  define: (command) => command.argument('<run>', 'number of the run', positiveNumber),
  async run({ args }, context) {
    const { engine, store } = await context.app();
    const id = args[0] as number;
    await retryRun(engine, id);
    const { pipeline, runKey } = (await readRun(store, id))!;
    return runResult(await runPipeline(pipeline, context, { runKey }));
  },
};

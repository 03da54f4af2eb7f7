import type { Json } from '../base/task.ts';
import type { CliCommand } from './command.ts';
import { jsonObject } from './option-values.ts';
import { runOneTask } from './run-one-task.ts';

export const taskRun: CliCommand = {
  name: 'task run',
  summary: 'Run one task for another scheduler, such as Airflow; the same run key does its work once.',
  runs: 'app',
  examples: [
    'task run sync-plays --run-key 2026-11-22T06:00 --json',
    `task run recommend --run-key weekly-47 --input '{"length": 50}' --json`,
  ],
  define: (command) =>
    command
      .argument('<task>', 'name of the task')
      .option('--run-key <key>', 'what makes repeating safe: the same key is the same run; default: a new one')
      .option('--input <json>', "the task's input as a JSON object", jsonObject, {}),
  run: ({ args, options }, context) =>
    runOneTask(args[0] as string, options.input as Json, context, {
      runKey: options.runKey as string | undefined,
    }),
};

import { cancelRun } from '../pipeline/runs.ts';
import type { CliCommand } from './command.ts';
import { positiveNumber } from './option-values.ts';

export const cancel: CliCommand = {
  name: 'cancel',
  summary: 'Stop a run; what its finished tasks did is kept.',
  runs: 'app',
  examples: ['cancel 12'],
  define: (command) => command.argument('<run>', 'number of the run', positiveNumber),
  async run({ args }, { app }) {
    const { engine } = await app();
    const id = args[0] as number;
    const cancelled = await cancelRun(engine, id);
    return {
      json: { run: id, cancelled },
      lines: [cancelled ? `Run ${id} is cancelled.` : `Run ${id} had ended already.`],
      next: `segue runs ${id}`,
    };
  },
};

import { pauseSchedule, resumeSchedule } from '../pipeline/scheduler.ts';
import type { CliCommand } from './command.ts';

export const pause: CliCommand = {
  name: 'pause',
  summary: 'Stop a pipeline from starting by itself.',
  runs: 'app',
  examples: ['pause weekly'],
  define: (command) => command.argument('<pipeline>', 'name of the pipeline'),
  async run({ args }, { app }) {
    const pipeline = args[0] as string;
    await pauseSchedule((await app()).engine, pipeline);
    return { json: { pipeline, paused: true }, lines: [`${pipeline} is paused.`], next: `segue resume ${pipeline}` };
  },
};

export const resume: CliCommand = {
  name: 'resume',
  summary: 'Let a paused pipeline start by itself again; what the pause missed is not made up.',
  runs: 'app',
  examples: ['resume weekly'],
  define: (command) => command.argument('<pipeline>', 'name of the pipeline'),
  async run({ args }, { app }) {
    const pipeline = args[0] as string;
    await resumeSchedule((await app()).engine, pipeline);
    return { json: { pipeline, paused: false }, lines: [`${pipeline} starts by itself again.`], next: 'segue' };
  },
};

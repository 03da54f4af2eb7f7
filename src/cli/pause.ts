import type { App } from '../app.ts';
import { type Engine, findPipeline } from '../pipeline/engine.ts';
import { pauseSchedule, resumeSchedule } from '../pipeline/scheduler.ts';
import { addSchedule } from '../store/schedules.ts';
import type { CliCommand } from './command.ts';

export const pause: CliCommand = {
  name: 'pause',
  summary: 'Stop a pipeline from starting by itself.',
  runs: 'app',
  examples: ['pause weekly'],
  define: (command) => command.argument('<pipeline>', 'name of the pipeline'),
  async run({ args }, { app }) {
    const pipeline = args[0] as string;
    await pauseSchedule(await withSchedule(await app(), pipeline), pipeline);
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
    await resumeSchedule(await withSchedule(await app(), pipeline), pipeline);
    return { json: { pipeline, paused: false }, lines: [`${pipeline} starts by itself again.`], next: 'segue' };
  },
};

/** The engine, with the schedule that a pipeline gets when the service first runs: one can be paused before that, too. */
async function withSchedule({ engine, config, clock }: App, pipeline: string): Promise<Engine> {
  const { cron } = findPipeline(engine, pipeline);
  const schedule = { pipeline, timeZone: config.timeZone, since: clock.now() };
  if (cron !== undefined) await addSchedule(engine.store.db, { ...schedule, cron });
  return engine;
}

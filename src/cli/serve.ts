import { randomBytes } from 'node:crypto';
import type { App } from '../app.ts';
import { openApp } from '../app.ts';
import { checkCron } from '../pipeline/cron.ts';
import { setSchedule, startScheduler } from '../pipeline/scheduler.ts';
import { startWorker } from '../pipeline/worker.ts';
import { startService } from '../server/service.ts';
import { openServiceLog } from '../server/service-log.ts';
import { announceService } from '../store/directory-lock.ts';
import { listSchedules } from '../store/schedules.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { paint } from './format.ts';
import { exitCodeOf } from './interrupt.ts';
import { portNumber } from './option-values.ts';
import { untilAborted } from './until-aborted.ts';

export const serve: CliCommand = {
  name: 'serve',
  summary: 'Keep everything running: schedules, the worker, the JSON API and the page.',
  runs: 'own',
  examples: ['serve', 'serve --port 8090'],
  define: (command) => command.option('--port <port>', 'port to listen on; 0 takes a free one', portNumber),
  async run({ options }, context) {
    const config = { ...context.config, ...(options.port === undefined ? {} : { port: options.port as number }) };
    const app = await openApp(config, { log: openServiceLog(config.logLevel) });
    try {
      await serveUntilStopped(app, { ...context, config });
      return {
        json: { stopped: true },
        lines: ['Stopped. What was running is taken up at the next start.'],
        exitCode: exitCodeOf(context.terminal.signal),
      };
    } finally {
      await app.close();
    }
  },
};

/** Serves an open app until Ctrl-C: page, API, schedules, worker. Other commands of this machine go through it meanwhile. */
export async function serveUntilStopped(app: App, { terminal, runLine }: CommandContext): Promise<void> {
  const { config, engine } = app;
  for (const { cron } of engine.pipelines.values())
    if (cron !== undefined) checkCron({ cron, timeZone: config.timeZone });
  const token = randomBytes(32).toString('base64url');
  await using stack = new AsyncDisposableStack();
  const service = await startService(app, { host: config.host, port: config.port, token, runCommandLine: runLine });
  stack.defer(() => service.stop());
  const worker = startWorker(engine);
  stack.defer(() => worker.stop());
  await followSettings(app);
  const scheduler = await startScheduler(engine, config.timeZone);
  stack.defer(() => scheduler.stop());
  if (app.store.kind === 'embedded') await announceService(config.dataDir, { url: service.url, token });
  terminal.say(`${paint(terminal, 'bold', 'Segue')} is at ${paint(terminal, 'underline', service.url)} until Ctrl-C.`);
  await untilAborted(terminal.signal);
}

/** Gives the stored schedules the times of the settings where these have changed; a pause stays. */
async function followSettings({ config, engine }: App): Promise<void> {
  const { timeZone } = config;
  for (const stored of await listSchedules(engine.store.db)) {
    const cron = engine.pipelines.get(stored.pipeline)?.cron;
    const changed = cron !== undefined && (cron !== stored.cron || timeZone !== stored.timeZone);
    if (changed) await setSchedule(engine, stored.pipeline, cron, timeZone);
  }
}

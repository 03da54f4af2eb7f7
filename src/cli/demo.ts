import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RunView } from '../api/contract.ts';
import { openApp } from '../app.ts';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config.ts';
import { DEMO_CLIENT_ID } from '../simulator/apps.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { describeListener } from '../simulator/stations.ts';
import { prepareEmbeddedFolder } from '../store/embedded-folder.ts';
import { type CliCommand, type CommandContext, EXIT } from './command.ts';
import { connectAccount } from './connect-account.ts';
import { demoReport, verifyPlaylist } from './demo-report.ts';
import { paint } from './format.ts';
import { exitCodeOf } from './interrupt.ts';
import { portNumber } from './option-values.ts';
import { failure, runPipeline } from './run.ts';
import { runOneTask } from './run-one-task.ts';
import { serveUntilStopped } from './serve.ts';
import { terminalLog } from './terminal-log.ts';

export const demo: CliCommand = {
  name: 'demo',
  summary: 'Show the whole of Segue on real data with a local Spotify; then serve it.',
  runs: 'own',
  examples: ['demo', 'demo --once', 'demo --once --json', 'demo --port 8090'],
  define: (command) =>
    command
      .option('--once', 'end after one pass instead of serving')
      .option('--port <port>', 'port of the service and its page', portNumber),
  async run({ options }, context) {
    const { terminal } = context;
    const dataDir = join(context.config.dataDir, 'demo');
    await mkdir(dataDir, { recursive: true });
    // Making a database takes 650 MB for a moment and the demo world 300 MB for good: one after the other stays below 1 GB.
    if (!context.config.databaseUrl) await prepareEmbeddedFolder(dataDir, context.config.schema, systemClock);
    const simulator = await startSimulator({
      // Kept across runs, so that a second demo meets the same account, plays and playlist.
      stateFile: join(dataDir, 'local-spotify.json'),
      settings: { consent: 'approve' },
    });
    try {
      const config = demoConfig(context.config, simulator, dataDir, options.port as number | undefined);
      terminal.say(
        `${paint(terminal, 'bold', 'Segue')}, the whole of it, on real data and a local Spotify at ${simulator.url}`,
      );
      terminal.say(describeListener(simulator.state.settings.loggedInAs));
      const app = await openApp(config, { log: terminalLog(terminal) });
      try {
        const inside: CommandContext = { ...context, config, app: async () => app };
        const tasks = await collectAndPublish(simulator, dataDir, inside);
        const report = await demoReport(app, terminal, tasks, await verifyPlaylist(app));
        const { verified } = report.json;
        if (options.once || !verified)
          return {
            json: report.json,
            lines: report.lines,
            next: `segue connect for your own account; with ${lookInside(config)}, segue and its commands look at this one`,
            ...(verified ? {} : { exitCode: EXIT.failed }),
          };
        for (const line of report.lines) terminal.say(line);
        terminal.say('');
        await serveUntilStopped(app, inside);
        return { json: report.json, lines: [], exitCode: exitCodeOf(terminal.signal) };
      } finally {
        await app.close();
      }
    } finally {
      await simulator.stop();
    }
  },
};

/** The ordinary settings, pointed at the local Spotify and at data of their own. */
function demoConfig(config: Config, simulator: Simulator, dataDir: string, port: number | undefined): Config {
  return {
    ...config,
    dataDir,
    // On a server it must not meet the owner's own tables; the embedded database is one of its own already.
    schema: config.databaseUrl ? `${config.schema}_demo` : config.schema,
    port: port ?? config.port,
    spotify: {
      ...config.spotify,
      clientId: DEMO_CLIENT_ID,
      clientSecret: undefined,
      redirectPort: 0,
      accountsUrl: simulator.accountsUrl,
      apiUrl: simulator.apiUrl,
    },
    reccobeatsUrl: simulator.reccobeatsUrl,
  };
}

/** The settings with which every other command sees what the demo made. */
function lookInside({ dataDir, databaseUrl, schema }: Config): string {
  const folder = relative(process.cwd(), dataDir);
  return `SEGUE_DATA_DIR=${folder.startsWith('..') ? dataDir : folder}${databaseUrl ? ` SEGUE_SCHEMA=${schema}` : ''}`;
}

/** Connects, imports the export, runs the weekly pipeline; seconds by task. */
async function collectAndPublish(
  simulator: Simulator,
  dataDir: string,
  context: CommandContext,
): Promise<Record<string, number>> {
  const { terminal } = context;
  const app = await context.app();
  const heading = (text: string) => terminal.say(`\n${paint(terminal, 'bold', text)}`);

  heading('Connecting the account');
  const connected = await connectAccount(app, {
    // Consent is given at once there, so following the redirects is all a browser would do.
    visit: async (url) => void (await fetch(url, { signal: terminal.signal })),
    signal: terminal.signal,
  });
  terminal.say(
    `Connected as ${connected.name}; the connection lasts until ${connected.expiresAt.toISOString().slice(0, 10)}.`,
  );

  heading('Importing the privacy export');
  const file = simulator.exportHistory();
  const path = join(dataDir, file.name);
  await writeFile(path, file.bytes);
  const startedAt = performance.now();
  const imported = await runOneTask('import-history', { paths: [path] }, context);
  const tasks: Record<string, number> = { 'import-history': seconds(performance.now() - startedAt) };
  for (const line of imported.lines) terminal.say(`  ${line}`);

  heading('Running the pipeline');
  const run = await runPipeline('weekly', context, {});
  if (run.status === 'failed') throw failure(run);
  return { ...tasks, ...taskSeconds(run) };
}

function taskSeconds(run: RunView): Record<string, number> {
  return Object.fromEntries(
    run.tasks
      .filter((task) => task.startedAt && task.finishedAt)
      .map((task) => [task.task, seconds(Date.parse(task.finishedAt!) - Date.parse(task.startedAt!))]),
  );
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

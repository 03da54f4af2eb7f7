import { describeSimulator } from '../simulator/describe.ts';
import { startSimulator } from '../simulator/simulator.ts';
import type { CliCommand } from './command.ts';
import { exitCodeOf } from './interrupt.ts';
import { portNumber, wholeNumber } from './option-values.ts';
import { untilAborted } from './until-aborted.ts';

export const simulator: CliCommand = {
  name: 'simulator',
  summary: 'Run the local Spotify alone; for writing and testing clients of your own.',
  runs: 'own',
  examples: ['simulator', 'simulator --port 9100 --state spotify.json', 'simulator --approve'],
  define: (command) =>
    command
      .option('--port <port>', 'port to listen on; 0 takes a free one', portNumber, 9100)
      .option('--state <file>', 'keep accounts, tokens and playlists in this file across restarts')
      .option('--seed <n>', 'seed of everything invented', wholeNumber, 1)
      .option('--approve', 'give consent at once, without the page'),
  async run({ options }, { terminal }) {
    const running = await startSimulator({
      port: options.port as number,
      seed: options.seed as number,
      ...(options.state === undefined ? {} : { stateFile: options.state as string }),
      settings: options.approve ? { consent: 'approve' } : {},
    });
    for (const line of describeSimulator(running)) terminal.say(line);
    terminal.say('Ctrl-C stops it.');
    await untilAborted(terminal.signal);
    await running.stop();
    return { json: { stopped: true }, lines: ['Stopped.'], exitCode: exitCodeOf(terminal.signal) };
  },
};

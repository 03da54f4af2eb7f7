import { spawn } from 'node:child_process';
import { type CliCommand, EXIT } from './command.ts';
import { connectAccount } from './connect-account.ts';
import { formatTime, paint } from './format.ts';

export const connect: CliCommand = {
  name: 'connect',
  summary: 'Connect your Spotify account, or renew the connection; six months is as long as Spotify lets one last.',
  runs: 'app',
  examples: ['connect --client-id 0123456789abcdef0123456789abcdef', 'connect --no-browser', 'connect --switch'],
  define: (command) =>
    command
      .option('--client-id <id>', "client ID of your app in Spotify's developer dashboard; asked for once")
      .option('--no-browser', 'only print the address; paste back the one the browser ends on')
      .option('--switch', "show Spotify's page even where consent was given before"),
  async run({ options }, context) {
    const { terminal } = context;
    const app = await context.app();
    let clientId = options.clientId as string | undefined;
    if (clientId === undefined && terminal.interactive) {
      const known = await app.spotifyApp().catch(() => undefined);
      if (!known) clientId = await askForClientId(terminal);
    }
    const connected = await connectAccount(app, {
      clientId,
      showDialog: options.switch === true,
      visit: async (url) => {
        terminal.say('Agree on this page:');
        terminal.say(`  ${url}`);
        if (options.browser !== false && terminal.interactive) openBrowser(url);
      },
      ...(terminal.interactive
        ? {
            paste: (signal) =>
              terminal.ask(
                'Waiting for the browser. If it runs elsewhere, paste the address it ended on (http://127.0.0.1…) here: ',
                signal,
              ),
          }
        : {}),
      signal: terminal.signal,
    });
    const until = formatTime(connected.expiresAt, app.config.timeZone);
    const missing = connected.missingScopes;
    return {
      json: {
        name: connected.name,
        scopes: [...connected.scopes],
        missingScopes: [...missing],
        expiresAt: connected.expiresAt.toISOString(),
        again: connected.again,
      },
      lines: [
        `${paint(terminal, 'green', '✓')} Connected as ${connected.name}${connected.again ? ', the same account as before' : ''}.`,
        `Spotify lets this connection last until ${until}; segue shows when it is time to renew it.`,
        ...(missing.length > 0
          ? [
              `Not granted: ${missing.join(', ')}. What needs these will fail; run segue connect --switch to grant them.`,
            ]
          : []),
      ],
      next: 'segue run weekly, and segue serve to keep collecting',
      exitCode: EXIT.done,
    };
  },
};

async function askForClientId(terminal: {
  ask(question: string): Promise<string>;
  say(line: string): void;
}): Promise<string> {
  terminal.say('Segue talks to Spotify through an app of your own (free, two minutes, its owner needs Premium):');
  terminal.say('  1. Open https://developer.spotify.com/dashboard and create an app with the Web API.');
  terminal.say('  2. Redirect URI: http://127.0.0.1:8888/callback   (not localhost: Spotify refuses it)');
  terminal.say('  3. Under User Management add your own e-mail address.');
  return terminal.ask('Client ID of the app: ');
}

/** Opens the person's browser where there is one; the printed address serves everybody else. */
function openBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { disconnectAccount, findAccount } from '../store/accounts.ts';
import type { CliCommand } from './command.ts';

export const disconnect: CliCommand = {
  name: 'disconnect',
  summary: 'Delete the tokens; with --forget also everything that came from the Web API.',
  runs: 'app',
  examples: ['disconnect', 'disconnect --forget'],
  define: (command) =>
    command.option(
      '--forget',
      'also delete plays, library and raw files that came from the Web API (the export stays)',
    ),
  async run({ options }, { app }) {
    const { store, listener, clock, config } = await app();
    const account = await findAccount(store.db, listener.id);
    if (!account)
      throw new ExpectedError('not-connected', 'No Spotify account is connected.', {
        why: 'There is nothing to disconnect.',
        hint: 'segue connect connects one.',
      });
    const forget = options.forget === true;
    await disconnectAccount(store.db, account, clock.now(), { deleteApiContent: forget });
    if (forget)
      await Promise.all(
        ['plays', 'library'].map((kind) => rm(join(config.dataDir, 'raw', kind), { recursive: true, force: true })),
      );
    return {
      json: { disconnected: true, forgotten: forget },
      lines: [
        'The tokens are deleted.',
        forget
          ? 'Plays, library and raw files that came from the Web API are deleted as well; what you imported is kept.'
          : 'Everything collected is kept; segue disconnect --forget deletes what came from the Web API.',
        "Spotify's own list of connected apps is at https://www.spotify.com/account/apps/.",
      ],
      next: 'segue connect',
    };
  },
};

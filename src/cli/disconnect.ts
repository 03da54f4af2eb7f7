import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { listRaw } from '../base/raw-landing.ts';
import { disconnectAccount, findAccount } from '../store/accounts.ts';
import { isRawOf } from '../tasks/load-plays.ts';
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
      // Other listeners of this data folder keep theirs.
      for (const kind of ['plays', 'library'])
        for (const path of await listRaw(config.dataDir, kind))
          if (isRawOf(listener.name, basename(path))) await rm(path);
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

import { expect, test } from 'vitest';
import { registerApp } from '../../src/simulator/apps.ts';
import { browser, speak } from '../cli/speak.ts';
import { openSmallWorld } from '../e2e/small-world.ts';

test('tokens are renewed by the app they were given to, whatever the settings name', async () => {
  await using world = await openSmallWorld();
  const { state } = world.simulator;
  const { clientId } = registerApp(state, { allowList: [state.settings.loggedInAs] });
  const app = await world.open();
  try {
    expect(await speak(app, ['connect', '--client-id', clientId, '--json'], browser)).toMatchObject({ exitCode: 0 });
    // As after an hour: every access token is refused from now on.
    state.accessTokens = {};
    expect(await app.spotify.me()).toMatchObject({ userId: state.settings.loggedInAs });
    expect(Object.values(state.accessTokens)).toMatchObject([{ clientId }]);
  } finally {
    await app.close();
  }
});

import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from './apps.ts';
import type { Simulator } from './simulator.ts';
import { describeListener } from './stations.ts';

/** What a person needs to know of a running local Spotify to point a client at it, line by line. */
export function describeSimulator(simulator: Simulator): string[] {
  const { loggedInAs } = simulator.state.settings;
  return [
    `Local Spotify at ${simulator.url} (open it in a browser for its state and its fault switches)`,
    `  accounts   ${simulator.accountsUrl}`,
    `  Web API    ${simulator.apiUrl}`,
    `  ReccoBeats ${simulator.reccobeatsUrl}`,
    `  client id  ${DEMO_CLIENT_ID}`,
    `  secret     ${DEMO_CLIENT_SECRET} (not needed with PKCE)`,
    '  redirect   http://127.0.0.1:<any port>/callback',
    `  listener   ${loggedInAs}`,
    `  ${describeListener(loggedInAs)}`,
    `  clock      ${simulator.clock.now().toISOString()}`,
  ];
}

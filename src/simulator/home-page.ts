import { html } from 'hono/html';
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from './apps.ts';
import { layOutPage } from './layout.ts';
import type { Simulation } from './simulation.ts';
import { describeListener } from './stations.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

const CLOCK_STEPS = [
  ['15 minutes', HOUR_MS / 4],
  ['1 hour', HOUR_MS],
  ['1 day', 24 * HOUR_MS],
  ['6 months', 184 * 24 * HOUR_MS],
] as const;

const FAULTS: readonly (readonly [label: string, fields: Readonly<Record<string, string>>])[] = [
  ['Next call: 503', { kind: 'status' }],
  ['Next call: plain-text 502', { kind: 'plain-text' }],
  ['Next call: connection cut before', { kind: 'reset-before' }],
  ['Next call: done, answer lost', { kind: 'reset-after' }],
  ['Next call: never answered', { kind: 'timeout' }],
  ['Next call: half the JSON', { kind: 'truncate' }],
  ['Every call: 503', { kind: 'status', always: 'true' }],
];

const SWITCHES: readonly (readonly [label: string, fields: Readonly<Record<string, string>>])[] = [
  ['Consent: ask', { consent: 'ask' }],
  ['Consent: approve at once', { consent: 'approve' }],
  ['Consent: deny at once', { consent: 'deny' }],
  ['Refresh returns no token (today)', { refreshToken: 'none' }],
  ['Refresh rotates (before June 2026)', { refreshToken: 'rotate' }],
  ['Short 429 as plain text', { rateLimitBody: 'plain-text' }],
  ['Short 429 as JSON', { rateLimitBody: 'json' }],
];

/** The page at `/`: what this is, who listens, what to point a client at, the switches, the last calls. */
export function homePage(simulation: Simulation) {
  const { state, clock, faults, requests, origin } = simulation;
  return layOutPage(
    'Local Spotify',
    html`<h1>Local Spotify</h1>
      <p>
        A stand-in for Spotify's accounts service and Web API on your own machine, as an app in Development Mode meets them in
        2026. Nothing you do here reaches Spotify, and no key of yours is needed.
      </p>
      <p>${describeListener(state.settings.loggedInAs)}</p>

      <h2>Playlists of the account</h2>
      ${playlistsOf(simulation)}

      <h2>Point a client at it</h2>
      <table>
        ${Object.entries({
          'Accounts service': `${origin}/accounts`,
          'Web API': `${origin}/v1`,
          ReccoBeats: `${origin}/reccobeats`,
          'Client id': DEMO_CLIENT_ID,
          'Client secret': `${DEMO_CLIENT_SECRET} (not needed with PKCE)`,
          'Redirect URI': 'http://127.0.0.1:<any port>/callback',
        }).map(([name, value]) => html`<tr><th>${name}</th><td><code>${value}</code></td></tr>`)}
      </table>

      <h2>Clock: ${clock.now().toISOString()}</h2>
      ${CLOCK_STEPS.map(([label, ms]) => button('/simulator/clock', { advanceMs: String(ms) }, `Move on ${label}`))}

      <h2>Faults</h2>
      ${FAULTS.map(([label, fields]) => button('/simulator/faults', fields, label))}
      ${button('/simulator/faults/clear', {}, 'No faults')}
      <ul>
        ${faults.list().map(({ fault, applied }) => html`<li><code>${JSON.stringify(fault)}</code>, applied ${applied} times</li>`)}
      </ul>

      <h2>Switches</h2>
      ${SWITCHES.map(([label, fields]) => button('/simulator/settings', fields, label))}
      ${Object.values(state.developers).map(({ id, premium }) =>
        button(
          '/simulator/premium',
          { developerId: id, premium: String(!premium) },
          `Premium of ${id}: ${premium ? 'end it' : 'resume it'}`,
        ),
      )}
      ${Object.keys(state.listeners).map((id) => button('/simulator/revoke', { listenerId: id }, `Withdraw consent of ${id}`))}
      <p>
        All settings: <a href="/simulator/state">state</a>. Change any by
        <code>POST /simulator/settings</code> with JSON. Exports:
        <a href="/simulator/export?kind=extended">extended streaming history</a>,
        <a href="/simulator/export?kind=account">account data</a>.
      </p>

      <h2>Last calls</h2>
      <table>
        <tr><th>#</th><th>Time</th><th>Call</th><th>Status</th></tr>
        ${requests.entries
          .slice(-20)
          .reverse()
          .map(
            (entry) =>
              html`<tr>
                <td>${entry.number}</td>
                <td>${entry.at.toISOString().slice(11, 19)}</td>
                <td><code>${entry.method} ${entry.path}</code></td>
                <td>${entry.status || 'none'} ${entry.fault ? `(${entry.fault})` : ''}</td>
              </tr>`,
          )}
      </table>`,
  );
}

/** What the account's own playlists hold now, newest first; `/#<playlist id>` opens one. */
function playlistsOf({ state, world }: Simulation) {
  const own = Object.values(state.playlists).filter(({ ownerId }) => ownerId === state.settings.loggedInAs);
  return own.reverse().map(
    ({ id, name, description, items }) =>
      html`<details>
        <summary>${name}, ${items.length} ${items.length === 1 ? 'song' : 'songs'}</summary>
        <div id="${id}" style="scroll-margin-top: 5rem">
          <p>${description}</p>
          <ol>
            ${items.map(({ uri }) => html`<li>${nameOf(uri, world)}</li>`)}
          </ol>
        </div>
      </details>`,
  );
}

function nameOf(uri: string | null, { catalogue }: World) {
  const track = uri?.startsWith('spotify:track:')
    ? catalogue.tracks.get(uri.slice('spotify:track:'.length))
    : undefined;
  if (track) return html`<strong>${track.title}</strong> ${track.artists.map((artist) => artist.name).join(', ')}`;
  return uri ?? 'an item that is gone';
}

function button(action: string, fields: Readonly<Record<string, string>>, label: string) {
  return html`<form class="inline" method="post" action="${action}">
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button>${label}</button>
  </form>`;
}

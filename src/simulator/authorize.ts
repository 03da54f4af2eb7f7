import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { isRegistered } from './apps.ts';
import { layOutPage } from './layout.ts';
import { KNOWN_SCOPES } from './scopes.ts';
import { now, type Simulation } from './simulation.ts';
import { type App, nextId } from './state.ts';

/** What /authorize was asked, after validation. */
interface ConsentRequest {
  readonly app: App;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string | undefined;
  readonly challenge: string | null;
}

/** `/authorize`: the consent page, or an answer at once where the settings or `auto=approve|deny` say so. */
export function authorizeRoutes(simulation: Simulation): Hono {
  const routes = new Hono();
  routes.get('/authorize', (c) => {
    const request = readRequest(simulation, c.req.query());
    if (typeof request === 'string') return c.html(refusalPage(request), 400);
    const { consent, loggedInAs } = simulation.state.settings;
    const auto = c.req.query('auto') ?? { ask: undefined, approve: 'approve', deny: 'deny' }[consent];
    if (auto) return decide(c, simulation, request, auto, c.req.query('listener') ?? loggedInAs);
    return c.html(consentPage(simulation, request, c.req.query()));
  });
  routes.post('/authorize', async (c) => {
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    const request = readRequest(simulation, form);
    if (typeof request === 'string') return c.html(refusalPage(request), 400);
    return decide(c, simulation, request, form.decision ?? 'deny', form.listener ?? '');
  });
  return routes;
}

/** The validated request, or the message of the page that never calls back. */
function readRequest(simulation: Simulation, query: Record<string, string>): ConsentRequest | string {
  const app = simulation.state.apps[query.client_id ?? ''];
  if (!app) return 'INVALID_CLIENT: Invalid client';
  const redirectUri = query.redirect_uri ?? '';
  if (!isRegistered(app, redirectUri)) return 'INVALID_CLIENT: Invalid redirect URI';
  if (query.response_type !== 'code') return 'response_type must be code';
  const scopes = (query.scope ?? '').split(/\s+/).filter(Boolean);
  if (scopes.some((scope) => !KNOWN_SCOPES.has(scope))) return 'INVALID_SCOPE: Invalid scope';
  const challenge = query.code_challenge ?? null;
  if (challenge !== null && query.code_challenge_method !== 'S256') return 'code_challenge_method must be S256';
  return { app, redirectUri, scope: scopes.join(' '), state: query.state, challenge };
}

function decide(c: Context, simulation: Simulation, request: ConsentRequest, decision: string, listenerId: string) {
  const { state } = simulation;
  const target = new URL(request.redirectUri);
  if (decision === 'approve' && state.listeners[listenerId]) {
    const code = `AQ${nextId(state, 'code', 30)}`;
    const { redirectUri, scope, challenge } = request;
    const { clientId } = request.app;
    state.codes[code] = { clientId, redirectUri, listenerId, scope, challenge, issuedAt: now(simulation), used: false };
    target.searchParams.set('code', code);
  } else {
    target.searchParams.set('error', 'access_denied');
  }
  if (request.state !== undefined) target.searchParams.set('state', request.state);
  return c.redirect(target.href, 302);
}

function refusalPage(message: string) {
  return layOutPage(
    'Local Spotify',
    html`<h1>${message}</h1><p>This is what Spotify shows instead of calling the app back.</p>`,
  );
}

function consentPage(simulation: Simulation, request: ConsentRequest, query: Record<string, string>) {
  const { listeners, settings } = simulation.state;
  const allowed = Object.values(listeners);
  return layOutPage(
    'Agree? Local Spotify',
    html`<h1>An app wants to use this account</h1>
      <p>This page is the local Spotify, a stand-in on your own machine. Nothing here reaches Spotify.</p>
      <p>Client id <code>${request.app.clientId}</code> asks for:</p>
      <ul>
        ${request.scope ? request.scope.split(' ').map((scope) => html`<li><code>${scope}</code></li>`) : html`<li>nothing in particular</li>`}
      </ul>
      <form method="post" action="authorize">
        ${Object.entries(query).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <p>
          <label
            >Log in as
            <select name="listener">
              ${allowed.map(
                (one) =>
                  html`<option value="${one.id}" ${one.id === settings.loggedInAs ? 'selected' : ''}>${one.displayName}</option>`,
              )}
            </select></label
          >
        </p>
        <button name="decision" value="approve" class="main">Agree</button>
        <button name="decision" value="deny">Cancel</button>
      </form>`,
  );
}

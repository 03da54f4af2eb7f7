import { inventHex } from './invent.ts';
import type { App, SimulatorState } from './state.ts';

/** The app that exists from the start. None of this is a secret: it opens nothing but the local Spotify. */
export const DEMO_CLIENT_ID = inventHex(32, 'client id of the demo');
export const DEMO_CLIENT_SECRET = inventHex(32, 'client secret of the demo');

const MOST_APPS_PER_DEVELOPER = 25;
const MOST_LISTENERS_PER_APP = 5;

export interface NewApp {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly developerId?: string;
  /** Default: the loopback addresses with any port and the path `/callback`. */
  readonly redirectUris?: readonly string[];
  readonly mode?: App['mode'];
  readonly allowList: readonly string[];
}

/** Registers an app as the dashboard would; throws what the dashboard would refuse. */
export function registerApp(state: SimulatorState, app: NewApp): App {
  const developerId = app.developerId ?? 'demo-developer';
  const owned = Object.values(state.apps).filter((other) => other.developerId === developerId);
  if (owned.length >= MOST_APPS_PER_DEVELOPER) throw new RangeError('a developer may have 25 client ids');
  const mode = app.mode ?? 'development';
  if (mode === 'development' && app.allowList.length > MOST_LISTENERS_PER_APP) {
    throw new RangeError('an app in Development Mode may have 5 users');
  }
  const redirectUris = [...(app.redirectUris ?? ['http://127.0.0.1/callback', 'http://[::1]/callback'])];
  for (const uri of redirectUris) {
    if (!mayBeRedirectUri(uri)) throw new RangeError(`"${uri}" may not be a redirect URI: https or a loopback address`);
  }
  const number = Object.keys(state.apps).length;
  const registered: App = {
    clientId: app.clientId ?? inventHex(32, 'client id', state.seed, number),
    clientSecret: app.clientSecret ?? inventHex(32, 'client secret', state.seed, number),
    developerId,
    redirectUris,
    mode,
    allowList: [...app.allowList],
  };
  state.developers[developerId] ??= { id: developerId, premium: true };
  state.apps[registered.clientId] = registered;
  return registered;
}

/** https, a custom scheme, or http on a loopback address; never `localhost` (Spotify's rules since April 2025). */
export function mayBeRedirectUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  if (hostname === 'localhost') return false;
  return protocol !== 'http:' || isLoopback(hostname);
}

/** Whether the app registered the address: character by character, but for the port of a loopback address. */
export function isRegistered(app: App, uri: string): boolean {
  if (!mayBeRedirectUri(uri)) return false;
  return app.redirectUris.some((registered) => registered === uri || withoutPort(registered) === withoutPort(uri));
}

function withoutPort(uri: string): string {
  const url = new URL(uri);
  if (url.protocol !== 'http:' || !isLoopback(url.hostname)) return uri;
  url.port = '';
  return url.href;
}

function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]';
}

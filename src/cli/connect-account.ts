import type { App } from '../app.ts';
import { ExpectedError, isExpected } from '../base/errors.ts';
import { rememberInProcess } from '../spotify/block-memory.ts';
import { listenForCallback } from '../spotify/callback-listener.ts';
import {
  finishAuthorization,
  missingScopes,
  refreshExpiresAt,
  SCOPES,
  type SpotifyApp,
  startAuthorization,
} from '../spotify/oauth.ts';
import { RequestQueue } from '../spotify/request-queue.ts';
import { SpotifySession } from '../spotify/session.ts';
import { bindWebApi, type Me } from '../spotify/web-api.ts';
import { type Account, findAccount, isSameAccount, saveAccount } from '../store/accounts.ts';
import { sealTokens, type Tokens } from '../store/token-vault.ts';

export interface ConnectOptions {
  /** Sends the person's browser there, or shows the address. */
  visit(url: string): Promise<void>;
  /** The address the browser ended on, typed in by hand until `signal` is aborted; absent where nobody can type. */
  paste?(signal: AbortSignal): Promise<string>;
  readonly clientId?: string | undefined;
  /** Show Spotify's page even where consent was given, so that another account can be chosen. */
  readonly showDialog?: boolean;
  readonly signal: AbortSignal;
}

export interface Connected {
  readonly name: string;
  readonly accountId: number;
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  readonly expiresAt: Date;
  /** The same account was connected before. */
  readonly again: boolean;
}

/**
 * Signs in at Spotify and stores the sealed tokens. The browser comes back to a listener on this machine, or its last
 * address is pasted: whichever is first. After reconnecting it must be the same account (`other-account`), since plays of
 * two people would be mixed otherwise; nothing is stored then.
 */
export async function connectAccount(app: App, options: ConnectOptions): Promise<Connected> {
  const { config, clock, store, listener, box } = app;
  const registered = await registeredApp(app, options.clientId);
  const authorizedAt = clock.now();
  const granted = await signIn(registered, config.spotify.redirectPort, options, app);
  const tokens: Tokens = {
    accessToken: granted.accessToken,
    accessExpiresAt: granted.accessExpiresAt,
    refreshToken: granted.refreshToken ?? '',
    scopes: granted.scopes ?? [...SCOPES],
  };
  if (tokens.refreshToken === '')
    throw new ExpectedError('no-refresh-token', 'Spotify gave no lasting permission.', {
      why: 'Its answer to the sign-in holds no refresh token.',
      hint: 'Run `segue connect` again.',
    });
  const me = await whoIsThis(app, tokens, options.signal);
  const before = await findAccount(store.db, listener.id);
  const expiresAt = refreshExpiresAt(authorizedAt);
  const account = await saveAccount(
    store.db,
    {
      listenerId: listener.id,
      spotifyAccountId: me.accountId ?? null,
      spotifyUserId: me.userId,
      displayName: me.displayName ?? null,
      clientId: registered.clientId,
      scopes: [...tokens.scopes],
      authorizedAt,
      refreshExpiresAt: expiresAt,
    },
    (accountId) => sealTokens(box, accountId, tokens),
    clock.now(),
  );
  return {
    name: me.displayName ?? me.userId,
    accountId: account.accountId,
    scopes: tokens.scopes,
    missingScopes: missingScopes(tokens.scopes),
    expiresAt,
    again: before !== undefined && isSameAccount(before, account as Account),
  };
}

async function registeredApp(app: App, clientId: string | undefined): Promise<SpotifyApp> {
  if (clientId === undefined) return app.spotifyApp();
  const { clientSecret, accountsUrl } = app.config.spotify;
  return { clientId, clientSecret, accountsUrl };
}

async function signIn(registered: SpotifyApp, port: number, options: ConnectOptions, { clock }: App) {
  const listener = await listenForCallback(port);
  const answered = new AbortController();
  const signal = AbortSignal.any([options.signal, answered.signal]);
  try {
    const authorization = await startAuthorization(registered, listener.redirectUri, {
      showDialog: options.showDialog ?? false,
    });
    const arrived = listener.waitFor(authorization.state, signal);
    // Marked as handled: when a pasted address wins, nobody waits for this one any more.
    arrived.catch(() => {});
    await options.visit(authorization.url);
    const address = await (options.paste ? Promise.race([arrived, pasted(options.paste, arrived, signal)]) : arrived);
    return await finishAuthorization(registered, authorization, address, { clock, signal: options.signal });
  } finally {
    answered.abort(new Error('the sign-in is over'));
    await listener.close();
  }
}

/** What is typed in; where the input ends without it, the browser may still come back by itself. */
async function pasted(
  paste: NonNullable<ConnectOptions['paste']>,
  arrived: Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await paste(signal);
  } catch (error) {
    if (isExpected(error) && error.code === 'no-answer') return await arrived;
    throw error;
  }
}

/** Asks Spotify whose tokens these are, before anything is stored. */
async function whoIsThis({ clock, config, log }: App, tokens: Tokens, signal: AbortSignal): Promise<Me> {
  const session = new SpotifySession({
    vault: {
      load: async () => ({ status: 'connected', tokens }),
      save: async () => {},
      markReauthRequired: async () => {},
      withLock: (work) => work(),
    },
    refresh: () => {
      throw new Error('tokens this fresh need no refresh');
    },
    clock,
    random: Math.random,
  });
  const queue = new RequestQueue({ clientId: 'connecting', memory: rememberInProcess(), clock, log, minGapMs: 0 });
  try {
    const api = bindWebApi({ session, queue, clock, random: Math.random, log, apiUrl: config.spotify.apiUrl });
    return await api.me({ signal, priority: 'user' });
  } finally {
    queue.close();
  }
}

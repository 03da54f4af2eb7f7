import type { Clock } from '../base/clock.ts';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type RetryPolicy, retry } from '../base/retry.ts';
import type { GrantedTokens } from './token-answer.ts';

/** What is kept of a connection. */
export interface StoredTokens {
  readonly accessToken: string;
  readonly accessExpiresAt: Date;
  readonly refreshToken: string;
  /** Granted scopes. */
  readonly scopes: readonly string[];
}

/** A connection as the vault knows it. */
export type VaultState =
  | { readonly status: 'connected'; readonly tokens: StoredTokens }
  | { readonly status: 'reauth-required'; readonly reason: string }
  | { readonly status: 'not-connected' };

/** Where one account's tokens are kept, sealed. The store implements it. */
export interface TokenVault {
  load(): Promise<VaultState>;
  /** Replaces access token, expiry, refresh token and scopes together, in one transaction. */
  save(tokens: StoredTokens): Promise<void>;
  /** The account needs a person to sign in again. Must change nothing but the account's status. */
  markReauthRequired(reason: string, at: Date): Promise<void>;
  /**
   * Runs `work` while no other process does so for this account. `work` makes a network call of up to half a minute
   * and calls the other methods: an embedded database's one connection must not be held meanwhile.
   */
  withLock<T>(work: () => Promise<T>): Promise<T>;
}

export interface SessionOptions {
  readonly vault: TokenVault;
  /** `refreshTokens` of oauth.ts with the app bound. */
  readonly refresh: (refreshToken: string) => Promise<GrantedTokens>;
  readonly clock: Clock;
  readonly random: Random;
}

// A token this close to its end could be refused by the time the call arrives.
const EARLY_MS = 60_000;
const REFRESH_RETRIES: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1_000, maxDelayMs: 30_000 };

/** Holds one account's access token and sees to it that only one refresh is ever in flight. */
export class SpotifySession {
  readonly #options: SessionOptions;
  #refreshing: Promise<StoredTokens> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** A token good for at least another minute. Throws ExpectedError `not-connected`, `reauth-required`, or what a refresh throws. */
  async tokens(): Promise<StoredTokens> {
    const tokens = await this.#load();
    const left = tokens.accessExpiresAt.getTime() - this.#options.clock.now().getTime();
    return left > EARLY_MS ? tokens : this.renew(tokens.accessToken);
  }

  /** The token to use after Spotify refused `refused` with 401: a newer one if somebody else has it already, else a refreshed one. */
  renew(refused: string): Promise<StoredTokens> {
    this.#refreshing ??= this.#options.vault
      .withLock(() => this.#refresh(refused))
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async #refresh(refused: string): Promise<StoredTokens> {
    const { vault, refresh, clock, random } = this.#options;
    const current = await this.#load();
    if (current.accessToken !== refused) return current;
    try {
      const granted = await retry(() => refresh(current.refreshToken), REFRESH_RETRIES, { clock, random });
      const tokens: StoredTokens = {
        accessToken: granted.accessToken,
        accessExpiresAt: granted.accessExpiresAt,
        // Since June 2026 a refresh gives no new refresh token; where one comes, the old one may be dead.
        refreshToken: granted.refreshToken ?? current.refreshToken,
        scopes: granted.scopes ?? current.scopes,
      };
      await vault.save(tokens);
      return tokens;
    } catch (error) {
      if (!isExpected(error) || error.code !== 'invalid-grant') throw error;
      await vault.markReauthRequired(error.why, clock.now());
      throw reauthRequired(error.why, error);
    }
  }

  async #load(): Promise<StoredTokens> {
    const state = await this.#options.vault.load();
    if (state.status === 'reauth-required') throw reauthRequired(state.reason);
    if (state.status === 'not-connected') {
      throw new ExpectedError('not-connected', 'No Spotify account is connected.', {
        why: 'There are no tokens for this listener.',
        hint: 'Run `segue connect`.',
      });
    }
    return state.tokens;
  }
}

function reauthRequired(reason: string, cause?: unknown): ExpectedError {
  return new ExpectedError('reauth-required', 'Spotify must be connected again.', {
    why: reason,
    hint: 'Run `segue connect`; everything collected is kept, and collecting goes on from there.',
    cause,
  });
}

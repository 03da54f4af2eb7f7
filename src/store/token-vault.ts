import { sql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import type { SecretBox } from '../base/secret-box.ts';
import { findAccount, findTokens, markAccount, type SealedTokens, saveTokens, tokenPlace } from './accounts.ts';
import type { Store } from './connect.ts';

/** Tokens in the open, as the Spotify session wants them. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: Date;
  readonly refreshToken: string;
  readonly scopes: readonly string[];
}

/** Seals tokens for an account's row. */
export function sealTokens(box: SecretBox, accountId: number, tokens: Tokens): SealedTokens {
  const { accessToken, refreshToken, accessExpiresAt } = tokens;
  return { sealed: box.seal(JSON.stringify({ accessToken, refreshToken }), tokenPlace(accountId)), accessExpiresAt };
}

/** The tokens of a listener's account, opened on reading and sealed on writing: the `TokenVault` of the Spotify session. */
export function tokenVault(store: Store, box: SecretBox, listenerId: number, clock: Clock) {
  const known = async () => {
    const account = await findAccount(store.db, listenerId);
    if (!account) throw new Error(`listener ${listenerId} has no account`);
    return account;
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    async load() {
      const account = await findAccount(store.db, listenerId);
      if (!account || account.status === 'disconnected') return { status: 'not-connected' as const };
      if (account.status === 'reauth_required') {
        return { status: 'reauth-required' as const, reason: account.statusReason ?? '' };
      }
      const row = await findTokens(store.db, account.accountId);
      if (!row) return { status: 'not-connected' as const };
      const { accessToken, refreshToken } = JSON.parse(box.open(row.sealed, tokenPlace(account.accountId)));
      const { scopes } = account;
      const tokens: Tokens = { accessToken, refreshToken, accessExpiresAt: row.accessExpiresAt, scopes };
      return { status: 'connected' as const, tokens };
    },
    async save(tokens: Tokens): Promise<void> {
      const { accountId } = await known();
      await saveTokens(store.db, accountId, sealTokens(box, accountId, tokens), clock.now(), tokens.scopes);
    },
    async markReauthRequired(reason: string, at: Date): Promise<void> {
      await markAccount(store.db, (await known()).accountId, 'reauth_required', reason, at);
    },
    /** One after another, in this process by a queue and among the processes on a server by an advisory lock. */
    async withLock<Result>(work: () => Promise<Result>): Promise<Result> {
      const mine = turn.then(() => (store.kind === 'server' ? withAdvisoryLock(store, listenerId, work) : work()));
      turn = mine.catch(() => {});
      return await mine;
    },
  };
}

async function withAdvisoryLock<Result>(
  store: Store,
  listenerId: number,
  work: () => Promise<Result>,
): Promise<Result> {
  // A session lock on a connection of its own, so that no transaction is open during the network call.
  return await store.db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(hashtext('segue tokens'), ${listenerId}::integer)`.execute(connection);
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(hashtext('segue tokens'), ${listenerId}::integer)`.execute(connection);
    }
  });
}

import type { Kysely } from 'kysely';
import { ExpectedError } from '../base/errors.ts';
import { deleteOutcomes } from './outcomes.ts';
import type { AccountStatus, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** A listener's Spotify account, without its tokens. */
export interface Account {
  readonly accountId: number;
  readonly listenerId: number;
  /** Spotify's opaque id of the account, where its answer had one. */
  readonly spotifyAccountId: string | null;
  readonly spotifyUserId: string;
  readonly displayName: string | null;
  readonly clientId: string;
  readonly status: AccountStatus;
  /** Why it is not connected. */
  readonly statusReason: string | null;
  readonly statusAt: Date;
  readonly scopes: readonly string[];
  readonly authorizedAt: Date;
  /** Six months after `authorizedAt`; refreshing does not move it. */
  readonly refreshExpiresAt: Date;
}

const ACCOUNT = [
  'account_id as accountId',
  'listener_id as listenerId',
  'spotify_account_id as spotifyAccountId',
  'spotify_user_id as spotifyUserId',
  'display_name as displayName',
  'client_id as clientId',
  'status',
  'status_reason as statusReason',
  'status_at as statusAt',
  'scopes',
  'authorized_at as authorizedAt',
  'refresh_expires_at as refreshExpiresAt',
] as const;

export async function findAccount(db: Kysely<Database>, listenerId: number): Promise<Account | undefined> {
  return await db.selectFrom('account').select(ACCOUNT).where('listener_id', '=', listenerId).executeTakeFirst();
}

/** Tokens as the table holds them: sealed for `tokenPlace(accountId)`. */
export interface SealedTokens {
  readonly sealed: string;
  readonly accessExpiresAt: Date;
}

/** What sealed tokens are bound to. */
export function tokenPlace(accountId: number): string {
  return `account_token/${accountId}`;
}

export type NewAccount = Omit<Account, 'accountId' | 'status' | 'statusReason' | 'statusAt'>;

/**
 * Stores a fresh authorization with its tokens, in one transaction: a first connection, or the same account again.
 * `seal` gets the row's id to bind the tokens to. Throws ExpectedError `other-account` when the listener is connected to
 * another account, whose plays would otherwise be mixed with this one's, and `account-taken` when another listener has it.
 */
export async function saveAccount(
  db: Kysely<Database>,
  account: NewAccount,
  seal: (accountId: number) => SealedTokens,
  at: Date,
): Promise<Account> {
  return await inTransaction(db, async (transaction) => {
    const holder = await findOtherHolder(transaction, account);
    if (holder !== undefined) throw accountTaken(holder);
    const before = await findAccount(transaction, account.listenerId);
    if (before && before.status !== 'disconnected' && !isSameAccount(before, account)) throw otherAccount(before);
    const row = {
      listener_id: account.listenerId,
      spotify_account_id: account.spotifyAccountId,
      spotify_user_id: account.spotifyUserId,
      display_name: account.displayName,
      client_id: account.clientId,
      scopes: [...account.scopes],
      authorized_at: account.authorizedAt,
      refresh_expires_at: account.refreshExpiresAt,
      status: 'connected' as const,
      status_reason: null,
      status_at: at,
    };
    const saved = await transaction
      .insertInto('account')
      .values(row)
      .onConflict((conflict) => conflict.column('listener_id').doUpdateSet(row))
      .returning(ACCOUNT)
      .executeTakeFirstOrThrow();
    await saveTokens(transaction, saved.accountId, seal(saved.accountId), at);
    return saved;
  });
}

/** Whether two authorizations are of one Spotify account: by the account id where both have one, else by the user id. */
export function isSameAccount(
  one: Pick<Account, 'spotifyAccountId' | 'spotifyUserId'>,
  other: Pick<Account, 'spotifyAccountId' | 'spotifyUserId'>,
): boolean {
  return one.spotifyAccountId && other.spotifyAccountId
    ? one.spotifyAccountId === other.spotifyAccountId
    : one.spotifyUserId === other.spotifyUserId;
}

/** Sets where the account stands; its tokens stay. */
export async function markAccount(
  db: Kysely<Database>,
  accountId: number,
  status: AccountStatus,
  reason: string | null,
  at: Date,
): Promise<void> {
  await db
    .updateTable('account')
    .set({ status, status_reason: reason, status_at: at })
    .where('account_id', '=', accountId)
    .execute();
}

export async function findTokens(db: Kysely<Database>, accountId: number): Promise<SealedTokens | undefined> {
  return await db
    .selectFrom('account_token')
    .select(['sealed', 'access_expires_at as accessExpiresAt'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
}

/** Replaces the tokens; `scopes`, when given, as granted with them. */
export async function saveTokens(
  db: Kysely<Database>,
  accountId: number,
  { sealed, accessExpiresAt }: SealedTokens,
  at: Date,
  scopes?: readonly string[],
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const row = { sealed, access_expires_at: accessExpiresAt, updated_at: at };
    await transaction
      .insertInto('account_token')
      .values({ account_id: accountId, ...row })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
      .execute();
    if (!scopes) return;
    await transaction
      .updateTable('account')
      .set({ scopes: [...scopes] })
      .where('account_id', '=', accountId)
      .execute();
  });
}

/**
 * Forgets the tokens; with `deleteApiContent` also what came from the Web API for this listener: polled plays, the polled
 * half of exported ones, likes, playlists, top items, and outcomes, which were made from them. Exported plays stay: they are
 * the owner's own copy.
 */
export async function disconnectAccount(
  db: Kysely<Database>,
  account: Pick<Account, 'accountId' | 'listenerId'>,
  at: Date,
  { deleteApiContent = false } = {},
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await transaction.deleteFrom('account_token').where('account_id', '=', account.accountId).execute();
    await markAccount(transaction, account.accountId, 'disconnected', 'Disconnected by the owner.', at);
    if (!deleteApiContent) return;
    const listener = account.listenerId;
    for (const table of ['play', 'liked_track', 'playlist'] as const) {
      await transaction.deleteFrom(table).where('listener_id', '=', listener).where('source', '=', 'api').execute();
    }
    await deleteOutcomes(transaction, listener);
    await transaction.deleteFrom('top_item').where('listener_id', '=', listener).execute();
    await transaction
      .updateTable('play')
      .set({ polled_at: null, context_uri: null })
      .where('listener_id', '=', listener)
      .where('polled_at', 'is not', null)
      .execute();
  });
}

/** Name of the listener, another than the account's, to whom this Spotify account is connected. */
async function findOtherHolder(db: Kysely<Database>, account: NewAccount): Promise<string | undefined> {
  if (account.spotifyAccountId === null) return undefined;
  const holder = await db
    .selectFrom('account')
    .innerJoin('listener', 'listener.listener_id', 'account.listener_id')
    .select('listener.name')
    .where('account.spotify_account_id', '=', account.spotifyAccountId)
    .where('account.listener_id', '<>', account.listenerId)
    .executeTakeFirst();
  return holder?.name;
}

function accountTaken(listener: string): ExpectedError {
  return new ExpectedError('account-taken', 'This Spotify account belongs to another listener here.', {
    why: `It is connected to the listener "${listener}", and its plays are collected for them.`,
    hint: `Set SEGUE_LISTENER to ${listener}, or sign in as somebody else.`,
  });
}

function otherAccount(before: Account): ExpectedError {
  const name = before.displayName ?? before.spotifyUserId;
  return new ExpectedError('other-account', 'This is another Spotify account than the one connected before.', {
    why: `The plays collected so far are those of ${name}.`,
    hint: `Sign in as ${name}, disconnect first, or set SEGUE_LISTENER to another name to keep both apart.`,
  });
}

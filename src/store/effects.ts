// The effect ledger: what was begun outside the database that must not happen twice.
import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';

export interface Effect {
  readonly key: string;
  readonly kind: string;
  /** `doing` without a process at work means that the outcome is unknown: ask outside before doing it again. */
  readonly status: 'doing' | 'done';
  /** What the effect made outside, for example a playlist id; null while doing. */
  readonly remoteId: string | null;
  readonly detail: { readonly [key: string]: Json };
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export async function findEffect(db: Kysely<Database>, key: string): Promise<Effect | undefined> {
  const row = await db.selectFrom('effect').selectAll().where('effect_key', '=', key).executeTakeFirst();
  return (
    row && {
      key: row.effect_key,
      kind: row.kind,
      status: row.status,
      remoteId: row.remote_id,
      detail: row.detail as Effect['detail'],
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    }
  );
}

/**
 * Says `doing` of an effect that was last seen as `seen` (undefined: never); false when somebody else changed it since,
 * who then owns it. `at` must differ from the time at which `seen` was started.
 */
export async function claimEffect(
  db: Kysely<Database>,
  claim: Pick<Effect, 'key' | 'kind' | 'detail'> & { readonly at: Date },
  seen: Effect | undefined,
): Promise<boolean> {
  const row = {
    kind: claim.kind,
    status: 'doing' as const,
    remote_id: null,
    detail: jsonText(claim.detail),
    started_at: claim.at,
    finished_at: null,
  };
  const claimed = seen
    ? await db
        .updateTable('effect')
        .set(row)
        .where('effect_key', '=', claim.key)
        .where('status', '=', seen.status)
        .where('started_at', '=', seen.startedAt)
        .returning('effect_key')
        .executeTakeFirst()
    : await db
        .insertInto('effect')
        .values({ effect_key: claim.key, ...row })
        .onConflict((conflict) => conflict.doNothing())
        .returning('effect_key')
        .executeTakeFirst();
  return claimed !== undefined;
}

export async function finishEffect(
  db: Kysely<Database>,
  key: string,
  remoteId: string | null,
  at: Date,
): Promise<void> {
  await db
    .updateTable('effect')
    .set({ status: 'done', remote_id: remoteId, finished_at: at })
    .where('effect_key', '=', key)
    .execute();
}

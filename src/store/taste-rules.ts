// Which taste rules hold, and the changes that led there. A rule here is JSON under its id and its subject; what it means
// is told in src/recommend/taste-rules.ts.
import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

export interface StoredRule {
  readonly id: string;
  /** Of two rules on one subject one holds. */
  readonly subject: string;
  readonly rule: Json;
}

export interface HeldRule extends StoredRule {
  readonly createdAt: Date;
}

export interface TasteChange {
  readonly changeId: number;
  readonly summary: string;
  readonly madeAt: Date;
  readonly undoneAt: Date | null;
}

/** The listener's rules that hold, the oldest first. */
export async function readTasteRules(db: Kysely<Database>, listenerId: number): Promise<HeldRule[]> {
  return await db
    .selectFrom('taste_rule')
    .select(['id', 'subject', 'rule', 'created_at as createdAt'])
    .where('listener_id', '=', listenerId)
    .where('removed_at', 'is', null)
    .orderBy('taste_rule_id')
    .execute();
}

/**
 * Makes `rules` the ones that hold, as one change: those not among them (by subject and content) are removed, new ones
 * added, the others left alone. Returns its number; undefined where all is so already.
 */
export async function changeTasteRules(
  db: Kysely<Database>,
  listenerId: number,
  rules: readonly StoredRule[],
  { summary, at }: { readonly summary: string; readonly at: Date },
): Promise<number | undefined> {
  return await inTransaction(db, async (transaction) => {
    await holdListener(transaction, listenerId);
    const before = await readTasteRules(transaction, listenerId);
    const gone = before.filter((rule) => !rules.some((other) => isSame(rule, other)));
    const added = rules.filter((rule) => !before.some((other) => isSame(rule, other)));
    if (gone.length + added.length === 0) return undefined;
    const { taste_change_id: change } = await transaction
      .insertInto('taste_change')
      .values({ listener_id: listenerId, summary, made_at: at })
      .returning('taste_change_id')
      .executeTakeFirstOrThrow();
    for (const { subject } of gone)
      await transaction
        .updateTable('taste_rule')
        .set({ removed_at: at, removed_in: change })
        .where('listener_id', '=', listenerId)
        .where('subject', '=', subject)
        .where('removed_at', 'is', null)
        .execute();
    for (const { id, subject, rule } of added)
      await transaction
        .insertInto('taste_rule')
        .values({ listener_id: listenerId, id, subject, rule: jsonText(rule), created_at: at, added_in: change })
        .execute();
    return change;
  });
}

/** Takes the newest change back that stands: what it added is removed, what it removed holds again. Undefined where there is none. */
export async function undoTasteChange(
  db: Kysely<Database>,
  listenerId: number,
  at: Date,
): Promise<TasteChange | undefined> {
  return await inTransaction(db, async (transaction) => {
    await holdListener(transaction, listenerId);
    const newest = await transaction
      .selectFrom('taste_change')
      .select(['taste_change_id as changeId', 'summary', 'made_at as madeAt'])
      .where('listener_id', '=', listenerId)
      .where('undone_at', 'is', null)
      .orderBy('taste_change_id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (newest === undefined) return undefined;
    // A clock that was set back must not keep a change from being undone.
    const undoneAt = at < newest.madeAt ? newest.madeAt : at;
    const { changeId } = newest;
    await transaction
      .updateTable('taste_rule')
      .set({ removed_at: undoneAt })
      .where('added_in', '=', changeId)
      .where('removed_at', 'is', null)
      .execute();
    await transaction
      .updateTable('taste_rule')
      .set({ removed_at: null, removed_in: null })
      .where('removed_in', '=', changeId)
      .execute();
    await transaction
      .updateTable('taste_change')
      .set({ undone_at: undoneAt })
      .where('taste_change_id', '=', changeId)
      .execute();
    return { ...newest, undoneAt };
  });
}

/** The listener's changes, the newest first. */
export async function listTasteChanges(
  db: Kysely<Database>,
  listenerId: number,
  limit: number,
): Promise<TasteChange[]> {
  return await db
    .selectFrom('taste_change')
    .select(['taste_change_id as changeId', 'summary', 'made_at as madeAt', 'undone_at as undoneAt'])
    .where('listener_id', '=', listenerId)
    .orderBy('taste_change_id', 'desc')
    .limit(limit)
    .execute();
}

/** Two changes at a time would each leave out what the other adds. */
async function holdListener(db: Kysely<Database>, listenerId: number): Promise<void> {
  await db.selectFrom('listener').select('listener_id').where('listener_id', '=', listenerId).forUpdate().execute();
}

function isSame(a: StoredRule, b: StoredRule): boolean {
  return a.subject === b.subject && canonical(a.rule) === canonical(b.rule);
}

/** jsonb gives names back in an order of its own. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { expect, test } from 'vitest';
import { ensureListener } from '../../src/store/listeners.ts';
import {
  changeTasteRules,
  listTasteChanges,
  readTasteRules,
  type StoredRule,
  undoTasteChange,
} from '../../src/store/taste-rules.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const rule = (subject: string, value = 1): StoredRule => ({
  id: `${subject}:${value}`,
  subject,
  rule: { rule: subject, value },
});

describeEachStore('taste rules', (open) => {
  const ids = async (store: TestStore, listener: number) =>
    (await readTasteRules(store.db, listener)).map(({ id }) => id);

  test('a change adds and removes at once; the same again is none', async () => {
    await using store = await open();
    const me = await ensureListener(store.db, 'me');
    const change = (rules: StoredRule[], at: Date) =>
      changeTasteRules(store.db, me, rules, { summary: 'a change', at });
    expect(await change([], NOW)).toBeUndefined();
    expect(await change([rule('a'), rule('b')], NOW)).toBeTypeOf('number');
    // Names of a JSON object have no order.
    expect(await change([{ ...rule('a'), rule: { value: 1, rule: 'a' } }, rule('b')], later(1))).toBeUndefined();
    expect(await change([rule('b'), rule('a', 2)], later(2))).toBeTypeOf('number');
    const held = await readTasteRules(store.db, me);
    expect(held).toEqual([
      { ...rule('b'), createdAt: NOW },
      { ...rule('a', 2), createdAt: later(2) },
    ]);
    const { rows } = await store.exec('select id, removed_at is null as holds from taste_rule order by taste_rule_id');
    expect(rows).toEqual([
      { id: 'a:1', holds: false },
      { id: 'b:1', holds: true },
      { id: 'a:2', holds: true },
    ]);
  });

  test('undoing goes back step by step to the beginning, and is told', async () => {
    await using store = await open();
    const me = await ensureListener(store.db, 'me');
    const states = [[rule('a')], [rule('a'), rule('b')], [rule('a', 2)], []];
    for (const [at, rules] of states.entries())
      await changeTasteRules(store.db, me, rules, { summary: `change ${at}`, at: later(at) });
    for (const at of [3, 2, 1, 0]) {
      // A clock that was set back does no harm.
      const undone = await undoTasteChange(store.db, me, later(at === 1 ? -10 : 10));
      expect(undone).toMatchObject({ summary: `change ${at}`, undoneAt: later(at === 1 ? 1 : 10) });
      expect((await ids(store, me)).sort()).toEqual((states[at - 1] ?? []).map(({ id }) => id).sort());
    }
    expect(await undoTasteChange(store.db, me, later(11))).toBeUndefined();
    await changeTasteRules(store.db, me, [rule('a')], { summary: 'again', at: later(12) });
    expect(await ids(store, me)).toEqual(['a:1']);
    const changes = await listTasteChanges(store.db, me, 3);
    expect(changes.map(({ summary, undoneAt }) => [summary, undoneAt === null])).toEqual([
      ['again', true],
      ['change 3', false],
      ['change 2', false],
    ]);
  });

  test('listeners have their own', async () => {
    await using store = await open();
    const me = await ensureListener(store.db, 'me');
    const you = await ensureListener(store.db, 'you');
    await changeTasteRules(store.db, me, [rule('a')], { summary: 'mine', at: NOW });
    await changeTasteRules(store.db, you, [rule('a')], { summary: 'yours', at: NOW });
    await undoTasteChange(store.db, you, NOW);
    expect([await ids(store, me), await ids(store, you)]).toEqual([['a:1'], []]);
  });

  test('two changes at a time: one after the other', async () => {
    await using store = await open();
    const me = await ensureListener(store.db, 'me');
    await Promise.all(
      [rule('a', 1), rule('a', 2)].map((each) => changeTasteRules(store.db, me, [each], { summary: each.id, at: NOW })),
    );
    expect(await ids(store, me)).toHaveLength(1);
    expect(await listTasteChanges(store.db, me, 9)).toHaveLength(2);
  });
});

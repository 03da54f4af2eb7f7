import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { secretBox } from '../../src/base/secret-box.ts';
import { disconnectAccount, findAccount, findTokens, type NewAccount, saveAccount } from '../../src/store/accounts.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { saveApiPlays } from '../../src/store/plays.ts';
import { blockMemory } from '../../src/store/spotify-blocks.ts';
import { sealTokens, type Tokens, tokenVault } from '../../src/store/token-vault.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const NOON = new Date('2026-11-22T12:00:00Z');
const box = secretBox(Buffer.alloc(32, 1));
const tokens: Tokens = {
  accessToken: 'access-secret',
  refreshToken: 'refresh-secret',
  accessExpiresAt: new Date('2026-11-22T13:00:00Z'),
  scopes: ['user-top-read'],
};
const account = (listenerId: number, changes: Partial<NewAccount> = {}): NewAccount => ({
  listenerId,
  spotifyAccountId: 'opaque',
  spotifyUserId: 'ada',
  displayName: 'Ada',
  clientId: 'app',
  scopes: ['user-top-read'],
  authorizedAt: NOON,
  refreshExpiresAt: new Date('2027-05-22T12:00:00Z'),
  ...changes,
});

async function connect(store: TestStore, changes: Partial<NewAccount> = {}) {
  const me = await ensureListener(store.db, 'me');
  return await saveAccount(store.db, account(me, changes), (id) => sealTokens(box, id, tokens), NOON);
}

describeEachStore('accounts', (open) => {
  it('stores a connection whose tokens nobody can read in the table', async () => {
    await using store = await open();
    const saved = await connect(store);
    expect(await findAccount(store.db, saved.listenerId)).toEqual({
      ...account(saved.listenerId),
      accountId: saved.accountId,
      status: 'connected',
      statusReason: null,
      statusAt: NOON,
    });
    const { rows } = await store.exec('select * from account_token');
    expect(JSON.stringify(rows)).not.toMatch(/secret/);
    const vault = tokenVault(store, box, saved.listenerId, new ManualClock(NOON));
    expect(await vault.load()).toEqual({ status: 'connected', tokens });
  });

  it('refuses another account where plays of the first are, until it is disconnected', async () => {
    await using store = await open();
    const first = await connect(store);
    const other = { spotifyAccountId: 'another', spotifyUserId: 'bob', displayName: 'Bob' };
    await expect(connect(store, other)).rejects.toMatchObject({ code: 'other-account', why: /Ada/ });
    // The user id may change, the account id tells that it is the same; without one the user id has to.
    expect((await connect(store, { spotifyUserId: 'ada2' })).accountId).toBe(first.accountId);
    expect((await connect(store, { spotifyUserId: 'ada2', spotifyAccountId: null })).accountId).toBe(first.accountId);
    await disconnectAccount(store.db, first, NOON);
    expect(await connect(store, other)).toMatchObject({ status: 'connected', displayName: 'Bob' });
  });

  it('refuses an account that another listener has', async () => {
    await using store = await open();
    await connect(store);
    const you = await ensureListener(store.db, 'you');
    const again = saveAccount(store.db, account(you), (id) => sealTokens(box, id, tokens), NOON);
    await expect(again).rejects.toMatchObject({ code: 'account-taken', why: /"me"/ });
  });

  it('goes through refresh, revocation and reconnection', async () => {
    await using store = await open();
    const { listenerId, accountId } = await connect(store);
    const vault = tokenVault(store, box, listenerId, new ManualClock(NOON));
    const renewed = { ...tokens, accessToken: 'newer', scopes: ['user-top-read', 'user-library-read'] };
    await vault.withLock(() => vault.save(renewed));
    expect(await vault.load()).toEqual({ status: 'connected', tokens: renewed });
    await vault.markReauthRequired('Refresh token revoked.', NOON);
    expect(await vault.load()).toEqual({ status: 'reauth-required', reason: 'Refresh token revoked.' });
    expect(await findTokens(store.db, accountId)).toBeDefined();
    await connect(store);
    expect(await vault.load()).toMatchObject({ status: 'connected' });
  });

  it('lets one refresh at a time in, also when one fails', async () => {
    await using store = await open();
    const { listenerId } = await connect(store);
    const vaults = [1, 2].map(() => tokenVault(store, box, listenerId, new ManualClock(NOON)));
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} in`);
      await vaults[0]!.load();
      log.push(`${name} out`);
      if (name === 'b') throw new Error('b fails');
    };
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => vaults[0]!.withLock(work(name))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    if (store.kind === 'server') {
      log.length = 0;
      await Promise.all(vaults.map((vault, index) => vault.withLock(work(`process ${index}`))));
      expect(log.map((line) => line.slice(-3).trim())).toEqual(['in', 'out', 'in', 'out']);
    }
  });

  it('forgets tokens on disconnecting, and what the Web API gave when asked to', async () => {
    await using store = await open();
    const { listenerId, accountId } = await connect(store);
    const trackId = 'a'.repeat(22);
    await saveTracks(store.db, [{ id: trackId, title: 'Song', artists: ['Artist'] }]);
    await saveApiPlays(store.db, listenerId, [{ trackId, endedAt: NOON }], { fetchedAt: NOON, pageIsFull: false });
    await disconnectAccount(store.db, { accountId, listenerId }, NOON);
    expect(await findTokens(store.db, accountId)).toBeUndefined();
    expect(await findAccount(store.db, listenerId)).toMatchObject({ status: 'disconnected' });
    const plays = () => store.db.selectFrom('play').selectAll().execute();
    expect(await plays()).toHaveLength(1);
    await disconnectAccount(store.db, { accountId, listenerId }, NOON, { deleteApiContent: true });
    expect(await plays()).toHaveLength(0);
  });
});

describeEachStore('blocks and call counts', (open) => {
  it('remembers the last block and counts a rolling day', async () => {
    await using store = await open();
    const memory = blockMemory(store.db);
    expect(await memory.load('app', NOON)).toEqual({ block: undefined, callsInLastDay: 0 });
    const hours = (count: number) => new Date(NOON.getTime() + count * 3_600_000);
    await Promise.all([hours(0), hours(0), hours(0.5), hours(5)].map((at) => memory.countCall('app', at)));
    await memory.countCall('other app', NOON);
    const block = { kind: 'quota' as const, blockedUntil: hours(24), reason: 'Daily quota used up.' };
    await memory.save('app', { ...block, kind: 'rate-limit' }, NOON);
    await memory.save('app', block, NOON);
    expect(await memory.load('app', hours(6))).toEqual({ block, callsInLastDay: 4 });
    expect(await memory.load('app', hours(25))).toEqual({ block, callsInLastDay: 1 });
    await memory.countCall('app', hours(24 * 8));
    const { rows } = await store.exec(`select count(*) from spotify_call_hour where client_id = 'app'`);
    expect(rows).toEqual([{ count: 1 }]);
  });
});

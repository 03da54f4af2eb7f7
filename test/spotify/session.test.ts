import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { ExpectedError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { SpotifySession, type StoredTokens, type TokenVault, type VaultState } from '../../src/spotify/session.ts';
import type { GrantedTokens } from '../../src/spotify/token-answer.ts';

const START = new Date('2026-11-22T12:00:00Z');
const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

/** A vault in memory whose lock admits one holder at a time, as the store's does across processes. */
function memoryVault(tokens: Partial<StoredTokens> = {}) {
  let queue: Promise<unknown> = Promise.resolve();
  const vault: TokenVault & { state: VaultState } = {
    state: {
      status: 'connected',
      tokens: { accessToken: 'A0', accessExpiresAt: at(0), refreshToken: 'R0', scopes: ['user-top-read'], ...tokens },
    },
    load: async () => vault.state,
    save: async (saved: StoredTokens) => {
      vault.state = { status: 'connected', tokens: saved };
    },
    markReauthRequired: async (reason: string) => {
      vault.state = { status: 'reauth-required', reason };
    },
    withLock: (work) => {
      const turn = queue.then(work);
      queue = turn.catch(() => undefined);
      return turn;
    },
  };
  return vault;
}

function world(vault: TokenVault, answer: (refreshToken: string, nth: number) => Partial<GrantedTokens> | Error) {
  const clock = new ManualClock(START);
  const asked: string[] = [];
  const refresh = async (refreshToken: string): Promise<GrantedTokens> => {
    asked.push(refreshToken);
    await Promise.resolve();
    const given = answer(refreshToken, asked.length);
    if (given instanceof Error) throw given;
    return {
      accessToken: `A${asked.length}`,
      accessExpiresAt: new Date(clock.now().getTime() + 3_600_000),
      refreshToken: undefined,
      scopes: undefined,
      ...given,
    };
  };
  const open = () => new SpotifySession({ vault, refresh, clock, random: seededRandom(1) });
  return { clock, asked, open };
}

const failure = (code: string, retryable: boolean) =>
  new ExpectedError(code, 'Failed.', { why: 'Spotify says "Refresh token revoked".', hint: 'h', retryable });

describe('SpotifySession', () => {
  it('uses a token that is good for another minute, and refreshes one that is not', async () => {
    const vault = memoryVault({ accessExpiresAt: at(2) });
    const { clock, asked, open } = world(vault, () => ({}));
    const session = open();
    expect((await session.tokens()).accessToken).toBe('A0');
    clock.advance(90_000);
    expect((await session.tokens()).accessToken).toBe('A1');
    expect(asked).toEqual(['R0']);
  });

  it('keeps the refresh token and scopes when the answer has none, and replaces them when it has', async () => {
    const vault = memoryVault();
    const { clock, open } = world(vault, (_token, nth) =>
      nth === 1 ? {} : { refreshToken: 'R1', scopes: ['user-library-read'] },
    );
    const session = open();
    expect(await session.tokens()).toMatchObject({ refreshToken: 'R0', scopes: ['user-top-read'] });
    clock.advance(3_600_000);
    expect(await session.tokens()).toMatchObject({ refreshToken: 'R1', scopes: ['user-library-read'] });
    expect(vault.state).toMatchObject({ tokens: { accessToken: 'A2', refreshToken: 'R1' } });
  });

  it('has one refresh in flight, in one process and across two', async () => {
    const { asked, open } = world(memoryVault(), () => ({}));
    const here = open();
    const there = open();
    const all = await Promise.all([here.tokens(), here.tokens(), there.tokens(), here.renew('A0'), there.renew('A0')]);
    expect(all.map((tokens) => tokens.accessToken)).toEqual(['A1', 'A1', 'A1', 'A1', 'A1']);
    expect(asked).toEqual(['R0']);
  });

  it('does not refresh a token that somebody else has replaced already', async () => {
    const { asked, open } = world(memoryVault({ accessToken: 'newer', accessExpiresAt: at(60) }), () => ({}));
    expect((await open().renew('A0')).accessToken).toBe('newer');
    expect(asked).toEqual([]);
  });

  it('marks the account when the connection has ended, and asks no more', async () => {
    const vault = memoryVault();
    const { asked, open } = world(vault, () => failure('invalid-grant', false));
    const session = open();
    for (let times = 0; times < 3; times++) {
      await expect(session.tokens()).rejects.toMatchObject({
        code: 'reauth-required',
        retryable: false,
        why: expect.stringContaining('revoked'),
        hint: expect.stringContaining('segue connect'),
      });
    }
    expect(asked).toEqual(['R0']);
    expect(vault.state.status).toBe('reauth-required');
  });

  it('tries again when Spotify cannot be reached, and leaves everything as it was when that does not help', async () => {
    const vault = memoryVault();
    const { asked, clock, open } = world(vault, (_token, nth) => (nth < 3 ? failure('spotify-unreachable', true) : {}));
    expect((await open().tokens()).accessToken).toBe('A3');
    expect(clock.slept).toHaveLength(2);
    expect(asked).toEqual(['R0', 'R0', 'R0']);

    const untouched = memoryVault();
    const down = world(untouched, () => failure('spotify-unreachable', true));
    await expect(down.open().tokens()).rejects.toMatchObject({ code: 'spotify-unreachable', retryable: true });
    expect(untouched.state).toMatchObject({ status: 'connected', tokens: { accessToken: 'A0', refreshToken: 'R0' } });
  });

  it('refreshes again after a refresh that failed', async () => {
    const { open } = world(memoryVault(), (_token, nth) => (nth === 1 ? failure('client-refused', false) : {}));
    const session = open();
    await expect(session.tokens()).rejects.toMatchObject({ code: 'client-refused' });
    expect((await session.tokens()).accessToken).toBe('A2');
  });

  it('says how to connect when nothing is connected', async () => {
    const vault = memoryVault();
    vault.state = { status: 'not-connected' };
    await expect(
      world(vault, () => ({}))
        .open()
        .tokens(),
    ).rejects.toMatchObject({ code: 'not-connected' });
  });
});

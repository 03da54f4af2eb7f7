/** What members brought to a candidate's score, as shares of what speaks for it. */
export interface Shares {
  /** The member that brought most. */
  readonly winner: string;
  /** The second, where another brought anything. */
  readonly runnerUp: string | null;
  /** By member, in [0, 1], together 1; members that brought nothing are left out. Largest first. */
  readonly shares: { readonly [member: string]: number };
}

/**
 * What speaks against a candidate (negative parts) has no share in its place. Where nothing speaks for it, `all` has brought it:
 * it is there by what counts besides the members, its popularity for example. Equal parts by name.
 */
export function sharesOf(parts: { readonly [member: string]: number }, all: string): Shares {
  const positive = Object.entries(parts)
    .filter(([, part]) => part > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const total = positive.reduce((sum, [, part]) => sum + part, 0);
  const [winner = [all, 0], runnerUp] = positive;
  return {
    winner: winner[0],
    runnerUp: runnerUp?.[0] ?? null,
    shares: Object.fromEntries(positive.map(([member, part]) => [member, part / total])),
  };
}

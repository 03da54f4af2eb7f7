import type { StateView } from '../api/contract.ts';

/** Five months after consent there is a month left: time to say so. */
const WARN_MS = 31 * 86_400_000;

/** Whether the connection is alive but its six months are nearly over. */
export function endsSoon(account: StateView['account'], now: Date): boolean {
  return account?.status === 'connected' && Date.parse(account.expiresAt) - now.getTime() < WARN_MS;
}

/** What keeps Segue from doing its work, or soon will: one sentence each, for the page and for monitors. */
export function listProblems(
  {
    account,
    blockedUntil,
    pipelines,
    timeZone,
  }: Pick<StateView, 'account' | 'blockedUntil' | 'pipelines' | 'timeZone'>,
  now: Date,
): string[] {
  const day = (iso: string) => new Date(iso).toLocaleDateString('en-GB', { timeZone, dateStyle: 'long' });
  const moment = (iso: string) =>
    new Date(iso).toLocaleString('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const problems: string[] = [];
  if (account?.status === 'reauth_required')
    problems.push(`Spotify has ended the connection: plays are not collected. ${account.reason ?? ''}`.trim());
  if (account && endsSoon(account, now)) problems.push(`The connection to Spotify ends on ${day(account.expiresAt)}.`);
  if (blockedUntil) problems.push(`Spotify takes no calls until ${moment(blockedUntil)}.`);
  for (const { name, last } of pipelines) {
    if (last?.status === 'failed') problems.push(`The last run of ${name} (${last.id}) failed.`);
  }
  return problems;
}

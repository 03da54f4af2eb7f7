import type { Period } from './recipe.ts';

const DAY_MS = 86_400_000;

/** From `since` (null: ever) up to and without `until`. */
export interface Span {
  readonly since: Date | null;
  readonly until: Date;
}

/** A period as moments. Days are those of `timeZone`; no period lasts beyond `now`. */
export function spanOf(period: Period, { now, timeZone }: { readonly now: Date; readonly timeZone: string }): Span {
  const end = new Date(now.getTime() + 1);
  if (period.lastDays !== undefined) return { since: new Date(now.getTime() - period.lastDays * DAY_MS), until: end };
  const first = period.year === undefined ? period.since : `${period.year}-01-01`;
  const last = period.year === undefined ? period.until : `${period.year}-12-31`;
  const until = last === undefined ? end : startOfDay(dayAfter(last), timeZone);
  return {
    since: first === undefined ? null : startOfDay(first, timeZone),
    until: until < end ? until : end,
  };
}

export function isWithin(time: Date, { since, until }: Span): boolean {
  return time < until && (since === null || time >= since);
}

/** "in 2019", "in the last 7 days", "from 2019-06-01 to 2019-08-31", "ever". */
export function periodWords({ lastDays, year, since, until }: Period): string {
  if (lastDays !== undefined) return lastDays === 1 ? 'in the last day' : `in the last ${lastDays} days`;
  if (year !== undefined) return `in ${year}`;
  if (since !== undefined && until !== undefined) return `from ${since} to ${until}`;
  if (since !== undefined) return `since ${since}`;
  return until === undefined ? 'ever' : `until ${until}`;
}

/** The first moment of a day, "2019-06-01", in a time zone; where clocks skip midnight, the first after it. */
export function startOfDay(day: string, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  // Sweden writes times as ISO 8601 does.
  const local = (time: number) => format.format(time).replace(' ', 'T');
  const guess = Date.parse(`${day}T00:00:00Z`);
  // Clocks may change on that day: midnight is by the offset before or after.
  const starts = [guess - DAY_MS, guess + DAY_MS]
    .map((time) => guess - (Date.parse(`${local(time)}Z`) - time))
    .sort((a, b) => a - b);
  return new Date(starts.find((time) => local(time).startsWith(day)) ?? starts.at(-1)!);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

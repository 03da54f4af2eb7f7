import { Cron } from 'croner';
import { asError, ExpectedError } from '../base/errors.ts';

/**
 * Five-field cron in a time zone. Where the clocks go forward a tick inside the missing hour comes at its end; where they
 * go back a fixed hour ticks once and a "*" hour in both.
 */
export interface CronSchedule {
  readonly cron: string;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** Throws `schedule-invalid` when the expression or the zone cannot be read, or the expression never comes due. */
export function checkCron(schedule: CronSchedule): void {
  if (nextTick(schedule, new Date(0)) === undefined) {
    throw invalid(schedule, 'No such day exists.');
  }
}

/** The first tick after `after`; undefined when there is none. */
export function nextTick({ cron, timeZone }: CronSchedule, after: Date): Date | undefined {
  try {
    return new Cron(cron, { timezone: timeZone, mode: '5-part' }).nextRun(after) ?? undefined;
  } catch (error) {
    throw invalid({ cron, timeZone }, asError(error).message);
  }
}

// Enough to find the last tick of a yearly schedule, and of one on 29 February across a skipped leap year.
const LONGEST_LOOK_BACK_MS = 9 * 366 * 86_400_000;

/**
 * The newest tick in (after, now], which is the only one of several missed ticks that is made up; undefined when none came.
 * Found by doubling a window back from `now`, so that a pause of a year costs no more than one of a minute.
 */
export function latestTick(schedule: CronSchedule, after: Date, now: Date): Date | undefined {
  for (let window = 60_000; ; window *= 2) {
    const from = Math.max(after.getTime(), now.getTime() - window);
    let found = nextTick(schedule, new Date(from));
    if (found !== undefined && found <= now) {
      for (let next: Date | undefined = found; next !== undefined && next <= now; next = nextTick(schedule, next)) {
        found = next;
      }
      return found;
    }
    if (from === after.getTime() || window > LONGEST_LOOK_BACK_MS) return undefined;
  }
}

function invalid({ cron, timeZone }: CronSchedule, why: string): ExpectedError {
  return new ExpectedError('schedule-invalid', `The schedule "${cron}" (${timeZone}) cannot be used.`, {
    why,
    hint: 'Write five fields (minute, hour, day, month, weekday), such as "0 7 * * 1", and a zone such as Europe/Berlin.',
  });
}

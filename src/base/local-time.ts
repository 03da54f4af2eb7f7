const DAY_MS = 86_400_000;

/** What calendar and clock on the wall show. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 1 (Monday) to 7 (Sunday). */
  readonly weekday: number;
  /** 0 to 23. */
  readonly hour: number;
}

/**
 * Local times in an IANA time zone. Intl takes about 2 µs a time and a history may have a million, so it is asked once
 * for each day that begins and ends with the same offset from UTC: all but two a year.
 */
export function localTimeIn(timeZone: string): (time: Date) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (ms: number): number => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
    return wall - Math.floor(ms / 1000) * 1000;
  };
  /** By day since 1970 in UTC; undefined where the zone changes within it. */
  const offsets = new Map<number, number | undefined>();
  const offsetOf = (ms: number): number => {
    const day = Math.floor(ms / DAY_MS);
    if (!offsets.has(day)) {
      const first = offsetAt(day * DAY_MS);
      offsets.set(day, first === offsetAt((day + 1) * DAY_MS) ? first : undefined);
    }
    return offsets.get(day) ?? offsetAt(ms);
  };
  return (time) => {
    const ms = time.getTime();
    const wall = new Date(ms + offsetOf(ms));
    return {
      year: wall.getUTCFullYear(),
      month: wall.getUTCMonth() + 1,
      day: wall.getUTCDate(),
      weekday: wall.getUTCDay() || 7,
      hour: wall.getUTCHours(),
    };
  };
}

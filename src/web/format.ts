// Numbers, dates and durations as people read them, in the owner's time zone and by the service's clock.

let timeZone = 'UTC';
let ahead = 0;

/** Sets zone and clock by what the service says. */
export function keepTimeOf(state: { timeZone: string; now: string }): void {
  timeZone = state.timeZone;
  ahead = Date.parse(state.now) - Date.now();
}

export function now(): number {
  return Date.now() + ahead;
}

/** 28,352 */
export function number(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 3 });
}

/** "1 song", "30 songs" */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** "Sun 22 Nov, 18:21", with the year where it is another. */
export function moment(iso: string): string {
  const other = new Date(iso).getUTCFullYear() !== new Date(now()).getUTCFullYear();
  const year = other ? ({ year: 'numeric' } as const) : {};
  const parts = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Date(iso).toLocaleString('en-GB', { timeZone, ...parts, ...year });
}

/** "22 November 2026" */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { timeZone, dateStyle: 'long' });
}

/** "18:21:40" */
export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB', { timeZone });
}

const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'always', style: 'long' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "in 11 hours", "3 minutes ago", "just now" */
export function fromNow(iso: string): string {
  const seconds = (Date.parse(iso) - now()) / 1000;
  if (Math.abs(seconds) < 10) return seconds > 0 ? 'in a moment' : 'just now';
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size)!;
  return relative.format(Math.round(seconds / length), unit);
}

/** "0.7 s", "58 s", "1 min 16 s", "2 h 5 min"; up to now where it has not ended, and "" where it has not begun. */
export function duration(from: string | null, to: string | null): string {
  if (!from) return '';
  return span(Math.max(0, (to ? Date.parse(to) : now()) - Date.parse(from)), to === null);
}

function span(ms: number, whole: boolean): string {
  const seconds = Math.floor(ms / 1000);
  if (ms < 9_950 && !whole) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

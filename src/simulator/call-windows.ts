import type { CallLimit } from './settings.ts';

/** Counts calls in rolling windows: one list of times per key (an app, a developer). */
export class CallWindows {
  readonly #calls = new Map<string, number[]>();

  /**
   * Takes one call of the key's allowance. 0 when there was one left, otherwise the milliseconds until the oldest call
   * leaves the window. Refused calls are not counted.
   */
  take(key: string, limit: CallLimit | null, now: number): number {
    const wait = this.wait(key, limit, now);
    if (limit && wait === 0) this.#calls.get(key)!.push(now);
    return wait;
  }

  /** What `take` would answer, without taking. */
  wait(key: string, limit: CallLimit | null, now: number): number {
    if (!limit) return 0;
    // Calls after `now` are from before somebody set the clock back.
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - limit.windowMs && at <= now);
    this.#calls.set(key, recent);
    if (recent.length < limit.calls) return 0;
    return (recent[recent.length - limit.calls] ?? now) + limit.windowMs - now;
  }

  clear(): void {
    this.#calls.clear();
  }
}

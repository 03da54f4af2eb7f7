import { systemClock } from '../base/clock.ts';
import type { MovableClock } from './simulation.ts';

/** The machine's clock, which can be moved ahead or back and then goes on. `sleep` sleeps in real time. */
export class OffsetClock implements MovableClock {
  #offsetMs = 0;

  now(): Date {
    return new Date(systemClock.now().getTime() + this.#offsetMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  advance(ms: number): void {
    this.#offsetMs += ms;
  }

  set(time: Date): void {
    this.#offsetMs = time.getTime() - systemClock.now().getTime();
  }
}

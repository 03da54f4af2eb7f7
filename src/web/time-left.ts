import { now } from './format.ts';

// Where each piece of work stood when it was first seen here. One entry a label of a task: a few dozen in a day.
const first = new Map<string, { done: number; at: number }>();

/** "about 40 s left", from how fast it went while this page looked; "" in the first seconds. */
export function timeLeft(work: string, done: number, total: number | null): string {
  const known = first.get(work);
  if (!known || known.done > done) {
    first.set(work, { done, at: now() });
    return '';
  }
  const passed = now() - known.at;
  if (!total || passed < 3_000 || done === known.done) return '';
  const seconds = Math.ceil(((total - done) * passed) / (done - known.done) / 1000);
  return seconds < 90 ? `about ${seconds} s left` : `about ${Math.round(seconds / 60)} min left`;
}

import type { Clock } from '../base/clock.ts';
import { ExpectedError } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Block, BlockMemory } from './block-memory.ts';
import type { Answer } from './http.ts';
import { readRateLimit, SHORT_WAIT_MS, safetyMargin } from './rate-limit.ts';

/** `user`: a person waits for the answer. `background`: everything else, which may be held back. */
export type Priority = 'user' | 'background';

export interface RequestQueueOptions {
  /**
   * Spotify counts per developer account; a Segue has one app, so its client id stands for the account. A function where the
   * app may still change: an account can be connected while the queue is at work.
   */
  readonly clientId: string | (() => Promise<string>);
  readonly memory: BlockMemory;
  readonly clock: Clock;
  readonly log?: Log;
  /**
   * Least time between two calls. Spotify publishes no number for its 30 s limit; half a second keeps 60 calls in it,
   * which nobody has reported as too many. 0 for a local Spotify.
   */
  readonly minGapMs?: number;
  /** Own ration over a rolling 24 h: past it background calls wait. Spotify publishes no number for its quota either. */
  readonly dailyCalls?: number;
}

interface Job {
  readonly priority: Priority;
  readonly signal: AbortSignal | undefined;
  readonly perform: () => Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  refusals: number;
}

// Waits where a short refusal names none: 5, 10, 20, 30 s, then the error goes to the caller.
const FIRST_UNNAMED_WAIT_MS = 5_000;
const MAX_REFUSALS = 5;
const RATION_PAUSE_MS = 3_600_000;

/**
 * The one way to Spotify's Web API: one call at a time, people first, never while Spotify refuses. A short 429 pauses
 * everything and repeats the call (it was not executed); a long one is remembered, and calls fail at once with a
 * retryable error until it is over, in this process and the next.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #log: Log;
  readonly #waiting: Record<Priority, Job[]> = { user: [], background: [] };
  readonly #closing = new AbortController();
  #running = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  /**
   * Runs `perform` when it is its turn and gives its answer, any status but 429. `perform` may run several times.
   * Throws what `perform` throws, the signal's reason, or ExpectedError `rate-limit`, `quota`, `ration-spent`.
   */
  send(
    perform: () => Promise<Answer>,
    { priority = 'background', signal }: { priority?: Priority | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#closing.signal.aborted) return reject(this.#closing.signal.reason);
      if (signal?.aborted) return reject(signal.reason);
      // A caller that gives up is answered at once, though its job leaves the queue only when its turn comes.
      const settled = new AbortController();
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: settled.signal });
      this.#waiting[priority].push({
        priority,
        signal,
        perform,
        resolve: (answer) => {
          settled.abort();
          resolve(answer);
        },
        reject: (error) => {
          settled.abort();
          reject(error);
        },
        refusals: 0,
      });
      void this.#run();
    });
  }

  /** Refuses everything that waits and whatever comes later; the call under way is left to its own signal. */
  close(): void {
    this.#closing.abort(
      new ExpectedError('queue-closed', 'The call to Spotify was not made.', {
        why: 'Segue is stopping.',
        hint: 'Nothing is lost; it is done at the next start.',
        retryable: true,
      }),
    );
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#waiting.user.length + this.#waiting.background.length > 0) {
        const waitMs = this.#notBefore - this.#options.clock.now().getTime();
        if (waitMs > 0) await this.#options.clock.sleep(waitMs, this.#closing.signal);
        this.#closing.signal.throwIfAborted();
        const job = this.#waiting.user.shift() ?? this.#waiting.background.shift();
        if (job && !job.signal?.aborted) await this.#perform(job).catch(job.reject);
      }
    } catch (error) {
      for (const job of [...this.#waiting.user.splice(0), ...this.#waiting.background.splice(0)]) job.reject(error);
    } finally {
      this.#running = false;
    }
  }

  async #perform(job: Job): Promise<void> {
    const { clock, memory, minGapMs = 500 } = this.#options;
    const clientId = await this.#clientId();
    await this.#refuseWhileBlocked(clientId, job.priority);
    await memory.countCall(clientId, clock.now());
    this.#notBefore = clock.now().getTime() + minGapMs;
    const answer = await job.perform();
    if (answer.status !== 429) return job.resolve(answer);

    const limit = readRateLimit(answer, clock.now());
    if (limit.kind === 'long') throw await this.#rememberBlock(clientId, limit.block, limit.waitMs);
    job.refusals++;
    const waitMs = limit.waitMs ?? Math.min(FIRST_UNNAMED_WAIT_MS * 2 ** (job.refusals - 1), SHORT_WAIT_MS);
    this.#notBefore = Math.max(this.#notBefore, clock.now().getTime() + waitMs);
    this.#log.info('Spotify asks for a pause', { seconds: waitMs / 1000, refusals: job.refusals });
    if (job.refusals >= MAX_REFUSALS) throw tooManyRefusals(job.refusals, waitMs);
    this.#waiting[job.priority].unshift(job);
  }

  async #clientId(): Promise<string> {
    const { clientId } = this.#options;
    return typeof clientId === 'string' ? clientId : await clientId();
  }

  async #refuseWhileBlocked(clientId: string, priority: Priority): Promise<void> {
    const { clock, memory, dailyCalls = 1500 } = this.#options;
    const now = clock.now();
    const { block, callsInLastDay } = await memory.load(clientId, now);
    if (block && block.blockedUntil > now) throw blocked(block, now);
    if (callsInLastDay >= dailyCalls * 0.8 && now.getTime() - this.#warnedAt >= RATION_PAUSE_MS) {
      this.#warnedAt = now.getTime();
      this.#log.warn("Segue's own ration of Spotify calls is running out", { callsInLastDay, dailyCalls });
    }
    if (priority === 'background' && callsInLastDay >= dailyCalls) throw rationSpent(callsInLastDay, dailyCalls);
  }

  async #rememberBlock(clientId: string, kind: Block['kind'], waitMs: number): Promise<ExpectedError> {
    const { clock, memory } = this.#options;
    const now = clock.now();
    const blockedUntil = new Date(now.getTime() + waitMs + safetyMargin(waitMs));
    const asked = `Spotify asked for ${duration(waitMs)} of silence at ${minute(now)}`;
    const reason =
      kind === 'quota'
        ? `${asked}: the developer account's quota of about 24 h is used up.`
        : `${asked}: too many calls in a short time.`;
    const block: Block = { kind, blockedUntil, reason };
    await memory.save(clientId, block, now);
    this.#log.warn('Spotify refuses all calls', { kind, until: blockedUntil.toISOString() });
    return blocked(block, now);
  }
}

function blocked(block: Block, now: Date): ExpectedError {
  const leftMs = block.blockedUntil.getTime() - now.getTime();
  return new ExpectedError(block.kind, `Spotify takes no calls until ${minute(block.blockedUntil)}.`, {
    why: block.reason,
    hint: `Nothing needs doing: work goes on by itself in ${duration(leftMs)}. Other tools under the same developer account share the quota.`,
    retryable: true,
    retryAfterMs: leftMs,
  });
}

function tooManyRefusals(times: number, waitMs: number): ExpectedError {
  return new ExpectedError('rate-limit', 'Spotify keeps refusing this call.', {
    why: `It answered "too many requests" ${times} times in a row, with the asked pauses kept.`,
    hint: 'It is tried again later; stop other tools that use the same app, if there are any.',
    retryable: true,
    retryAfterMs: waitMs,
  });
}

function rationSpent(calls: number, ration: number): ExpectedError {
  return new ExpectedError('ration-spent', "Segue's own ration of Spotify calls is spent.", {
    why: `${calls} calls were made in the last 24 hours and SPOTIFY_DAILY_CALLS is ${ration}; past Spotify's own quota it would refuse everything for hours.`,
    hint: 'Background work goes on by itself as older calls fall out of the 24 hours; raise SPOTIFY_DAILY_CALLS if you are sure.',
    retryable: true,
    retryAfterMs: RATION_PAUSE_MS,
  });
}

/** 45 s, 20 min, 3 h 20 min. */
function duration(ms: number): string {
  if (ms < 90_000) return `${Math.ceil(ms / 1000)} s`;
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ''}`;
}

function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

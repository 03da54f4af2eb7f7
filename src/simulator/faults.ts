import type { RecordedRequest } from './request-log.ts';

/** Which calls a fault is for; every part that is given must fit. */
export interface FaultMatch {
  readonly host?: RecordedRequest['host'];
  readonly method?: string;
  /** Path below the host (`/me/playlists`), `*` for any characters; or a pattern. */
  readonly path?: string | RegExp;
}

/**
 * What goes wrong. `reset-before` cuts the connection before anything is done, `reset-after` when it is done and the answer is
 * lost; `timeout` and `timeout-after` never answer; `slow` sends the body in pieces over `ms` real milliseconds; `truncate`
 * ends the JSON in the middle; `cut-body` breaks off below the announced length; `empty` answers 200 and nothing.
 */
export type FaultAction =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  | {
      readonly kind: 'plain-text';
      readonly status: number;
      readonly text: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'reset-before' | 'reset-after' | 'timeout' | 'timeout-after' | 'truncate' | 'cut-body' | 'empty' };

export type FaultKind = FaultAction['kind'];

/** `times` calls (1 unless told) go wrong, or with `always` every one until the fault is removed. */
export type Fault = FaultAction & {
  readonly match?: FaultMatch;
  readonly times?: number;
  readonly always?: boolean;
  /** Calls that fit and go through first. */
  readonly after?: number;
};

export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** Calls it has spoilt so far. */
  readonly applied: number;
}

/** The fault switches. Older faults are tried first; one call meets at most one fault. */
export class FaultSwitches {
  #active: { id: number; fault: Fault; seen: number; applied: number }[] = [];
  #lastId = 0;
  #calls = 0;

  /** Adds a fault and returns its id. */
  add(fault: Fault): number {
    const id = ++this.#lastId;
    this.#active.push({ id, fault, seen: 0, applied: 0 });
    return id;
  }

  remove(id: number): void {
    this.#active = this.#active.filter((entry) => entry.id !== id);
  }

  /** Removes every fault and counts calls from 0 again. */
  clear(): void {
    this.#active = [];
    this.#calls = 0;
  }

  list(): ActiveFault[] {
    return this.#active.map(({ id, fault, applied }) => ({ id, fault, applied }));
  }

  /** Calls since the last `clear` or `failNthCall`. */
  get callCount(): number {
    return this.#calls;
  }

  /**
   * Spoils the nth HTTP call from now (1 = the next one) once, or it and all that follow. Replaces every other fault.
   * To fail every call in turn, raise n until `callCount` stays below it.
   */
  failNthCall(n: number, action: FaultKind | FaultAction, how: 'once' | 'for-ever'): void {
    this.clear();
    const full = typeof action === 'string' ? actionOf(action) : action;
    this.add({ ...full, after: n - 1, ...(how === 'once' ? { times: 1 } : { always: true }) });
  }

  /** The fault for a call, counted as applied; undefined lets it through. */
  take(call: Pick<RecordedRequest, 'host' | 'method' | 'path'>): FaultAction | undefined {
    this.#calls++;
    for (const entry of this.#active) {
      if (!fits(entry.fault.match ?? {}, call)) continue;
      if (++entry.seen <= (entry.fault.after ?? 0)) continue;
      if (!entry.fault.always && entry.applied >= (entry.fault.times ?? 1)) continue;
      entry.applied++;
      return entry.fault;
    }
    return undefined;
  }
}

/** A usual action for a kind that needs numbers: status 503, plain-text 502, slow over 200 ms. */
export function actionOf(kind: FaultKind): FaultAction {
  if (kind === 'status') return { kind, status: 503, body: { error: { status: 503, message: 'Service unavailable' } } };
  if (kind === 'plain-text')
    return { kind, status: 502, text: 'upstream connect error or disconnect/reset before headers' };
  if (kind === 'slow') return { kind, ms: 200 };
  return { kind };
}

function fits(match: FaultMatch, call: Pick<RecordedRequest, 'host' | 'method' | 'path'>): boolean {
  if (match.host !== undefined && match.host !== call.host) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== call.method) return false;
  if (match.path === undefined) return true;
  return (typeof match.path === 'string' ? wildcard(match.path) : match.path).test(call.path);
}

function wildcard(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

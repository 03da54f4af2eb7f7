/** One HTTP call as the local Spotify saw it; calls of its own pages and controls are not listed. */
export interface RecordedRequest {
  /** 1 for the first call since the start; `failNthCall` counts from its own zero. */
  readonly number: number;
  /** By the simulator's clock. */
  readonly at: Date;
  readonly host: 'accounts' | 'api' | 'reccobeats';
  readonly method: string;
  /** Below the host: `/authorize`, `/api/token`, `/me/player/recently-played`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Body as sent to the API; empty for the accounts service, whose bodies are secrets. */
  readonly body: string;
  /** Status answered, or 0 where the connection was cut or never answered. */
  status: number;
  /** The fault that was applied, if any. */
  fault?: string;
  /** Body answered; only when the simulator was started with `recordBodies`. */
  response?: string;
}

// Enough for any test; a simulator that serves for weeks must not grow without end.
const MOST_KEPT = 10_000;

/** The calls so far, oldest first. */
export class RequestLog {
  readonly entries: RecordedRequest[] = [];
  #count = 0;

  add(request: Omit<RecordedRequest, 'number'>): RecordedRequest {
    const entry = { ...request, number: ++this.#count };
    this.entries.push(entry);
    if (this.entries.length > MOST_KEPT) this.entries.shift();
    return entry;
  }

  /** Calls of one method and path, for assertions such as "made one playlist". */
  to(method: string, path: string): RecordedRequest[] {
    return this.entries.filter((entry) => entry.method === method && entry.path === path);
  }

  clear(): void {
    this.entries.length = 0;
  }
}

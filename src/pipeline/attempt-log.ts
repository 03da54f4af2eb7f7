import type { Log } from '../base/log.ts';
import { appendLog, type LogLevel, type LogLine } from '../store/attempt-logs.ts';
import type { Engine } from './engine.ts';
import { redactFields, redactText } from './redact.ts';

/** A log that ends up in the database. */
export interface AttemptLog extends Log {
  /** Everything logged so far is stored when this resolves; never rejects. */
  flush(): Promise<void>;
}

// Whoever follows a log sees lines within half a second; a task that logs in a loop costs one insert per 200 lines.
const FLUSH_AFTER_MS = 500;
const BATCH_LINES = 200;
// 1 MB of text at 100 characters a line: beyond it a task logs in a circle, and the rest is only counted.
const MOST_LINES = 10_000;

/** Writes an attempt's lines in small batches; the same lines go to the service's log. Secrets are hidden in both. */
export function openAttemptLog(engine: Engine, attemptId: number, facts: Record<string, unknown>): AttemptLog {
  let next = 1;
  let dropped = 0;
  let waiting: LogLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) {
      writing = writing
        .then(() => appendLog(engine.store.db, attemptId, lines))
        .catch((error) => engine.log.warn('log lines could not be stored', { ...facts, lines: lines.length, error }));
    }
    return writing;
  };

  const write = (level: LogLevel, message: string, fields?: Record<string, unknown>): void => {
    const safe = redactFields(fields ?? {}) as NonNullable<LogLine['fields']>;
    const text = redactText(message);
    engine.log[level](text, { ...facts, ...safe });
    if (next > MOST_LINES && level !== 'error') {
      dropped++;
      return;
    }
    waiting.push({ line: next++, loggedAt: engine.clock.now(), level, message: text, fields: fields ? safe : null });
    if (waiting.length >= BATCH_LINES) void flush();
    else timer ??= setTimeout(flush, FLUSH_AFTER_MS);
  };

  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    async flush() {
      if (dropped > 0) {
        const count = dropped;
        dropped = 0;
        write('error', `${count} more lines were not kept`);
      }
      await flush();
    },
  };
}

import pino from 'pino';
import type { Log } from '../base/log.ts';
import { redactFields, redactText } from '../pipeline/redact.ts';

/** The service's own log: JSON lines on stderr, secrets redacted as in the logs of attempts. */
export function openServiceLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const write = (at: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: Record<string, unknown>) =>
    logger[at](fields === undefined ? {} : (redactFields(fields) as object), redactText(message));
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

import type { Log } from '../base/log.ts';
import { redactText } from '../pipeline/redact.ts';
import { paint } from './format.ts';
import type { Terminal } from './terminal.ts';

/**
 * The log of a command: warnings beside the result, nothing else. What a task says is kept with its attempt (`segue logs`), and
 * an error reaches the person as three lines of its own.
 */
export function terminalLog(terminal: Terminal): Log {
  return {
    debug() {},
    info() {},
    warn: (message, fields) => {
      const { error } = fields ?? {};
      const why = error instanceof Error ? `: ${error.message}` : '';
      terminal.note(paint(terminal, 'yellow', redactText(`${message}${why}`)));
    },
    error() {},
  };
}

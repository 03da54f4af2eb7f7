/** Facts that go with a log line: JSON values only, never a secret. */
export type LogFields = Record<string, unknown>;

/** Where a task or a service writes what it does. Levels as in pino. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

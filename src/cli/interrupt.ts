import { EXIT } from './command.ts';

const SIGNALS = { SIGINT: EXIT.stopped, SIGTERM: 143, SIGHUP: 129 } as const;

/** Why a command stops: a signal of the system, with the exit code that shells give it (128 and its number). */
export class Interrupt extends Error {
  readonly exitCode: number;

  constructor(signal: keyof typeof SIGNALS) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupt';
    this.exitCode = SIGNALS[signal];
  }
}

/** Aborted by the first Ctrl-C or other request to stop; the second one means it and ends the process at once. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[])
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(SIGNALS[signal]);
      controller.abort(new Interrupt(signal));
    });
  return controller.signal;
}

/** The exit code of a command that was stopped. */
export function exitCodeOf(signal: AbortSignal): number {
  return signal.reason instanceof Interrupt ? signal.reason.exitCode : EXIT.stopped;
}

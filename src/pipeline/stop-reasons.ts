import { ExpectedError } from '../base/errors.ts';

/** Why an attempt's signal is aborted; the reason decides what becomes of the attempt. */
export type StopCode = 'run-cancelled' | 'service-stopped' | 'attempt-replaced' | 'task-timeout';

export function runCancelled(): ExpectedError {
  return new ExpectedError('run-cancelled' satisfies StopCode, 'The run was cancelled.', {
    why: 'Somebody stopped it.',
    hint: 'Run it again with "segue retry" when it is wanted after all.',
  });
}

export function serviceStopped(): ExpectedError {
  return new ExpectedError('service-stopped' satisfies StopCode, 'The service stopped while the task was running.', {
    why: 'Segue was ended, for example with Ctrl-C.',
    hint: 'Nothing to do: the task starts again with the service.',
    retryable: true,
  });
}

export function attemptReplaced(): ExpectedError {
  return new ExpectedError('attempt-replaced' satisfies StopCode, 'The attempt was given up while it was running.', {
    why: 'It gave no sign of life for too long, or its task was cleared.',
    hint: 'Nothing to do: a newer attempt counts.',
  });
}

export function taskTimeout(task: string, timeoutMs: number): ExpectedError {
  return new ExpectedError('task-timeout' satisfies StopCode, `${task} took too long and was stopped.`, {
    why: `One attempt may take ${Math.ceil(timeoutMs / 1000)} s.`,
    hint: 'Look at its log for what it was waiting for.',
    retryable: true,
  });
}

/** After this a body that ignores its signal may still be at work, so no further attempt may start beside it. */
export function taskStuck(task: string): ExpectedError {
  return new ExpectedError('task-stuck', `${task} was told to stop and did not.`, {
    why: 'It may still be at work in this process.',
    hint: 'Restart the service before running it again.',
  });
}

export function workerDied(deaths: number): ExpectedError {
  return new ExpectedError('worker-died', 'The process that ran the task ended or hung.', {
    why: `It gave no more signs of life${deaths > 1 ? `, for the ${deaths}th time in this task` : ''}.`,
    hint: 'Look at the end of the log; a lack of memory is a usual cause.',
    retryable: true,
  });
}

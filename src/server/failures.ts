import type { Context, Hono } from 'hono';
import type { FailureView } from '../api/contract.ts';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** Statuses of failures that the asker caused; any other expected failure is the machine's or the database's: 503. */
const STATUS: Readonly<Record<string, 400 | 404 | 409>> = {
  'bad-request': 400,
  'pipeline-unknown': 400,
  'not-found': 404,
  'run-unknown': 404,
  'nothing-to-retry': 409,
  'run-ended': 409,
};

/** Answers failures in three lines; a bug's stack goes to the log only. */
export function addFailures(hono: Hono, log: Log): void {
  const fail = (context: Context, { code, lines }: ExpectedError, status: 400 | 404 | 409 | 500 | 503) => {
    const [message, why, hint] = lines;
    return context.json({ error: { code, message, why, hint } } satisfies FailureView, status);
  };
  hono.onError((error, context) => {
    if (isExpected(error)) return fail(context, error, STATUS[error.code] ?? 503);
    log.error('a request failed', { path: context.req.path, error: error.stack ?? error.message });
    const bug = new ExpectedError('bug', 'The service failed on this request.', {
      why: 'This is a bug.',
      hint: 'Its log has the details.',
    });
    return fail(context, bug, 500);
  });
  hono.notFound((context) => {
    const nothing = new ExpectedError('not-found', 'There is nothing at this address.', {
      why: `${context.req.method} ${context.req.path} is not one of the service's addresses.`,
      hint: 'Open / for the page, or see src/api/contract.ts for the JSON API.',
    });
    return fail(context, nothing, 404);
  });
}

import type { Hono } from 'hono';
import { z } from 'zod';
import { actions, type healthView, questions, type RunView, startRunRequest } from '../api/contract.ts';
import type { App } from '../app.ts';
import { ExpectedError, isExpected } from '../base/errors.ts';
import { cancelRun, retryRun, startRun } from '../pipeline/runs.ts';
import { findUnfinishedRun } from '../store/runs.ts';
import { showEdition, showEditions } from './edition-views.ts';
import { showMetrics } from './metrics.ts';
import { type ProgressOf, readAttemptLog, readRun, readRuns } from './run-views.ts';
import { readState } from './state.ts';

const id = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(1).max(200).default(20);
const runsQuery = z.object({ limit, before: id.optional(), pipeline: z.string().optional() });
const editionsQuery = z.object({ limit });
const logQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });

/** Every question and action of the contract, answered from the open app. */
export function addAnswers(hono: Hono, app: App, progressOf: ProgressOf): void {
  const { store, engine } = app;
  const run = async (runId: number): Promise<RunView> => {
    const found = await readRun(store, runId, progressOf);
    if (found) return found;
    throw new ExpectedError('not-found', `There is no run ${runId}.`, {
      why: 'No run has this number.',
      hint: 'GET /api/runs lists the last ones.',
    });
  };
  hono.get(questions.health.path, async (context) => {
    const health = await readHealth(app);
    return context.json(health.answer, health.status);
  });
  hono.get('/api/metrics', async (context) =>
    context.body(showMetrics(await readState(app)), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  hono.get(questions.state.path, async (context) => context.json(await readState(app)));
  hono.get(questions.runs.path, async (context) => {
    const query = read(runsQuery, context.req.query());
    return context.json({ runs: await readRuns(store, query, progressOf) });
  });
  hono.get(questions.run.path, async (context) => context.json(await run(read(id, context.req.param('id')))));
  hono.get(questions.log.path, async (context) => {
    const { after } = read(logQuery, context.req.query());
    return context.json({ lines: await readAttemptLog(store, read(id, context.req.param('id')), after) });
  });
  hono.get(questions.editions.path, async (context) => {
    const query = read(editionsQuery, context.req.query());
    return context.json({ editions: await showEditions(app, query.limit) });
  });
  hono.get(questions.edition.path, async (context) =>
    context.json(await showEdition(app, read(id, context.req.param('id')))),
  );
  hono.post(actions.startRun.path, async (context) => {
    const { pipeline } = read(startRunRequest, await context.req.json().catch(() => undefined));
    // Somebody who presses twice wants one run.
    const unfinished = await findUnfinishedRun(store.db, pipeline);
    if (unfinished) return context.json(await run(unfinished.runId), 200);
    const started = await startRun(engine, pipeline, { trigger: 'manual' });
    return context.json(await run(started.run.runId), 201);
  });
  hono.post(actions.retryRun.path, async (context) => {
    const runId = read(id, context.req.param('id'));
    await retryRun(engine, runId);
    return context.json(await run(runId));
  });
  hono.post(actions.cancelRun.path, async (context) => {
    const runId = read(id, context.req.param('id'));
    if (await cancelRun(engine, runId)) return context.json(await run(runId));
    throw new ExpectedError('run-ended', `Run ${runId} cannot be cancelled.`, {
      why: 'It has ended already.',
      hint: 'Nothing is left to do.',
    });
  });
}

/** Not ok while something keeps Segue from its work; 503 only when the database does not answer, so that restarting it makes sense. */
async function readHealth(app: App): Promise<{ answer: z.infer<typeof healthView>; status: 200 | 503 }> {
  const { version } = app;
  try {
    const { problems } = await readState(app);
    return { answer: { ok: problems.length === 0, version, problems }, status: 200 };
  } catch (error) {
    app.log.error('the state could not be read', { error });
    const problem = isExpected(error) ? error.message : 'The state could not be read; the log has the details.';
    return { answer: { ok: false, version, problems: [problem] }, status: 503 };
  }
}

/** `value` as the schema wants it. Throws ExpectedError `bad-request` naming what is wrong. */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new ExpectedError('bad-request', 'The request cannot be answered.', {
    why:
      value === undefined ? 'Its body is not JSON.' : `${path.join('.') || 'The number in its address'}: ${message}.`,
    hint: 'src/api/contract.ts says what each question takes.',
  });
}

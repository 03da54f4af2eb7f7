import type { Hono } from 'hono';
import { z } from 'zod';
import { questions, startRunRequest } from '../api/contract.ts';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import { startRun } from '../pipeline/runs.ts';
import { showEdition, showEditions } from './edition-views.ts';
import { readAttemptLog, readRun, readRuns } from './run-views.ts';
import { readState } from './state.ts';

const id = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(1).max(200).default(20);
const before = z.coerce.number().int().positive().optional();

/** Every question of the contract, answered from the open app. */
export function addAnswers(hono: Hono, app: App): void {
  hono.get('/api/health', (context) => context.json({ ok: true, version: app.version }));
  hono.get(questions.state.path, async (context) => context.json(await readState(app)));
  hono.get(questions.runs.path, async (context) => {
    const query = read(z.object({ limit, before, pipeline: z.string().optional() }), context.req.query());
    return context.json({ runs: await readRuns(app.store, query) });
  });
  hono.get(questions.run.path, async (context) => {
    const number = read(id, context.req.param('id'));
    const run = await readRun(app.store, number);
    if (!run)
      throw new ExpectedError('not-found', `There is no run ${number}.`, {
        why: 'No run has this number.',
        hint: 'GET /api/runs lists the last ones.',
      });
    return context.json(run);
  });
  hono.get(questions.log.path, async (context) => {
    const after = read(z.coerce.number().int().min(0).default(0), context.req.query('after'));
    return context.json({ lines: await readAttemptLog(app.store, read(id, context.req.param('id')), after) });
  });
  hono.get(questions.editions.path, async (context) =>
    context.json({ editions: await showEditions(app, read(limit, context.req.query('limit'))) }),
  );
  hono.get(questions.edition.path, async (context) =>
    context.json(await showEdition(app, read(id, context.req.param('id')))),
  );
  hono.post('/api/runs', async (context) => {
    const { pipeline } = read(startRunRequest, await context.req.json().catch(() => undefined));
    const { run } = await startRun(app.engine, pipeline, { trigger: 'manual' });
    return context.json((await readRun(app.store, run.runId))!, 201);
  });
}

/** `value` as the schema wants it. Throws ExpectedError `bad-request` naming what is wrong. */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ExpectedError('bad-request', 'The request cannot be answered.', {
    why: `${issue.path.join('.') || 'It'}: ${issue.message}.`,
    hint: 'src/api/contract.ts says what each question takes.',
  });
}

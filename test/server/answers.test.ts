import { expect, it } from 'vitest';
import type { z } from 'zod';
import { actions, failureView, questions, type RunView, type StateView } from '../../src/api/contract.ts';
import { ExpectedError } from '../../src/base/errors.ts';
import { markAccount } from '../../src/store/accounts.ts';
import { untilChange, untilStopped } from '../pipeline/engine-fixture.ts';
import { describeEachStore } from '../store-fixture.ts';
import { addEdition, addListening, PLAYLIST } from './prepared-world.ts';
import { type RunningService, startTestService } from './running-service.ts';

/** The answer, after a check that it is what the contract says, field for field. */
async function answer<Schema extends z.ZodType>(
  service: RunningService,
  schema: Schema,
  path: string,
  body?: unknown,
): Promise<z.output<Schema>> {
  const { status, json } = await service.ask(path, body);
  expect(status, JSON.stringify(json)).toBeLessThan(300);
  const parsed = schema.parse(json);
  expect(json).toEqual(parsed);
  return parsed;
}

async function failure(service: RunningService, path: string, body?: unknown) {
  const { status, json } = await service.ask(path, body);
  const { error } = failureView.strict().parse(json);
  return { status, ...error };
}

/** Starts a pipeline over HTTP and resolves once `task` has ended. */
async function runUntil(service: RunningService, pipeline: string, task: string): Promise<RunView> {
  const ended = untilChange(service.engine, (change) => change.task === task && change.status !== 'running');
  const { id } = await answer(service, actions.startRun.answer, actions.startRun.path, { pipeline });
  await ended;
  return await answer(service, questions.run.answer, `/api/runs/${id}`);
}

describeEachStore('answers of the service', (open, kind) => {
  it('are of the contract before anything has happened', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    const state = await answer(service, questions.state.answer, '/api/state');
    expect(state).toMatchObject({
      database: kind,
      account: null,
      model: null,
      edition: null,
      corpora: [],
      problems: [],
      plays: { total: 0, newestAt: null },
      next: { command: 'connect' },
    });
    expect(state.pipelines.map(({ name, last, tasks }) => [name, last, tasks.map((task) => task.name)])).toEqual([
      ['collect', null, ['sync-plays']],
      ['weekly', null, ['sync-plays', 'train-vectors', 'publish']],
    ]);
    expect(await answer(service, questions.runs.answer, '/api/runs')).toEqual({ runs: [] });
    expect(await answer(service, questions.editions.answer, '/api/editions')).toEqual({ editions: [] });
    expect(await answer(service, questions.health.answer, '/api/health')).toMatchObject({ ok: true, problems: [] });
  });

  it('tell of plays, account and editions', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    await addListening(store, service.listenerId);
    const older = await addEdition(store, service.listenerId, { published: false, createdAt: new Date(0) });
    const newest = await addEdition(store, service.listenerId, { runKey: 'run-2', title: 'Newest' });

    const state = await answer(service, questions.state.answer, '/api/state');
    expect(state.account).toMatchObject({ name: 'Somebody', status: 'connected' });
    expect(state.plays).toMatchObject({ total: 5, listens: 5, tracks: 5 });
    expect(state.edition).toMatchObject({ id: newest, status: 'published', items: 3 });

    const { editions } = await answer(service, questions.editions.answer, '/api/editions');
    expect(editions.map(({ id, length, publication }) => [id, length, publication?.name])).toEqual([
      [newest, 3, 'Segue Newest'],
      [older, 3, undefined],
    ]);
    const { editions: one } = await answer(service, questions.editions.answer, '/api/editions?limit=1');
    expect(one).toHaveLength(1);

    const edition = await answer(service, questions.edition.answer, `/api/editions/${newest}`);
    expect(edition.rejected).toEqual([{ rule: 'heard', count: 2 }]);
    expect(edition.publication?.url).toBe(`https://open.spotify.com/playlist/${PLAYLIST}`);
    expect(edition.items.map(({ title, url }) => [title, url])).toEqual([
      ['Song 101', 'https://open.spotify.com/track/track00000000000000101'],
      ['Song 102', null],
      ['Song 103', 'https://open.spotify.com/track/track00000000000000103'],
    ]);
    expect(edition.items[0]?.seed).toMatchObject({ title: 'Song 1' });
  });

  it('tell of a run, its attempts and their logs; twice started is one run', async () => {
    await using store = await open();
    await using service = await startTestService(store, {
      'sync-plays': async (_input, { log }) => {
        log.info('asked Spotify', { plays: 50 });
        log.warn('one was odd');
        return { stored: 49, skipped: { odd: 1 } };
      },
      'train-vectors': untilStopped,
    });
    const training = untilChange(service.engine, ({ task }) => task === 'train-vectors');
    const started = await service.ask('/api/runs', { pipeline: 'weekly' });
    expect(started.status).toBe(201);
    await training;
    const again = await service.ask('/api/runs', { pipeline: 'weekly' });
    expect(again.status).toBe(200);

    const { runs } = await answer(service, questions.runs.answer, '/api/runs');
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run).toMatchObject({ pipeline: 'weekly', trigger: 'manual', status: 'running', codeVersion: 'test' });
    expect(run!.tasks.map(({ task, status, after }) => [task, status, after])).toEqual([
      ['sync-plays', 'succeeded', []],
      ['train-vectors', 'running', ['sync-plays']],
      ['publish', 'queued', ['train-vectors']],
    ]);
    expect(run!.tasks[0]!.output).toEqual({ stored: 49, skipped: { odd: 1 } });
    const attempt = run!.tasks[0]!.attempts[0]!;
    const log = await answer(service, questions.log.answer, `/api/attempts/${attempt.id}/log`);
    expect(log.lines.map(({ line, level, message, fields }) => [line, level, message, fields])).toEqual([
      [1, 'info', 'asked Spotify', { plays: 50 }],
      [2, 'warn', 'one was odd', null],
      [3, 'info', 'done', { stored: 49, skipped: { odd: 1 } }],
    ]);
    const rest = await answer(service, questions.log.answer, `/api/attempts/${attempt.id}/log?after=1`);
    expect(rest.lines.map(({ line }) => line)).toEqual([2, 3]);

    const stopped = untilChange(
      service.engine,
      ({ task, status }) => task === 'train-vectors' && status === 'cancelled',
    );
    await answer(service, actions.cancelRun.answer, `/api/runs/${run!.id}/cancel`, {});
    await stopped;
    const cancelled = await answer(service, questions.run.answer, `/api/runs/${run!.id}`);
    expect(cancelled.tasks.map(({ status }) => status)).toEqual(['succeeded', 'cancelled', 'cancelled']);
    expect(await failure(service, `/api/runs/${run!.id}/cancel`, {})).toMatchObject({ status: 409, code: 'run-ended' });
  });

  it('tell how far a running task is', async () => {
    await using store = await open();
    const reported = Promise.withResolvers<void>();
    await using service = await startTestService(store, {
      'sync-plays': async (input, context) => {
        context.progress({ label: 'reading', done: 3, total: 20, unit: 'pages' });
        reported.resolve();
        return await untilStopped(input, context);
      },
    });
    await service.ask('/api/runs', { pipeline: 'collect' });
    await reported.promise;
    const { runs } = await answer(service, questions.runs.answer, '/api/runs?pipeline=collect');
    expect(runs[0]!.tasks[0]!.progress).toEqual({ label: 'reading', done: 3, total: 20, unit: 'pages' });
  });

  it('tell why a run failed, and what is wrong; trying again repairs it', async () => {
    await using store = await open();
    let broken = true;
    await using service = await startTestService(store, {
      publish: async () => {
        if (!broken) return { items: 3 };
        throw new ExpectedError('playlist-gone', 'The playlist is gone.', {
          why: 'Somebody deleted it.',
          hint: 'Make one.',
        });
      },
    });
    const failed = await runUntil(service, 'weekly', 'publish');
    expect(failed.status).toBe('failed');
    expect(failed.tasks[2]!.attempts[0]!.error).toEqual(['The playlist is gone.', 'Somebody deleted it.', 'Make one.']);
    const problems = [`The last run of weekly (${failed.id}) failed.`];
    expect(await answer(service, questions.health.answer, '/api/health')).toMatchObject({ ok: false, problems });
    expect(await answer(service, questions.state.answer, '/api/state')).toMatchObject({ problems });

    broken = false;
    const repaired = untilChange(service.engine, ({ task, status }) => task === 'publish' && status === 'succeeded');
    await answer(service, actions.retryRun.answer, `/api/runs/${failed.id}/retry`, {});
    await repaired;
    const run = await answer(service, questions.run.answer, `/api/runs/${failed.id}`);
    expect([run.status, run.tasks[2]!.attempts.map(({ status }) => status)]).toEqual([
      'succeeded',
      ['failed', 'succeeded'],
    ]);
    expect(await failure(service, `/api/runs/${failed.id}/retry`, {})).toMatchObject({ status: 409 });
  });

  it('page through runs', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    const ids: number[] = [];
    for (let count = 0; count < 3; count++) ids.unshift((await runUntil(service, 'collect', 'sync-plays')).id);
    const list = async (query: string) => {
      const { runs } = await answer(service, questions.runs.answer, `/api/runs?${query}`);
      return runs.map(({ id }) => id);
    };
    expect(await list('limit=2')).toEqual(ids.slice(0, 2));
    expect(await list(`limit=2&before=${ids[1]}`)).toEqual(ids.slice(2));
    expect(await list('pipeline=weekly')).toEqual([]);
  });

  it('say what is wrong with the connection', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    await addListening(store, service.listenerId);
    const state = (): Promise<StateView> => answer(service, questions.state.answer, '/api/state');
    const { accountId } = await store.db
      .updateTable('account')
      .set({ refresh_expires_at: new Date(Date.now() + 86_400_000) })
      .returning('account_id as accountId')
      .executeTakeFirstOrThrow();
    expect((await state()).problems).toEqual([
      expect.stringMatching(/^The connection to Spotify ends on \d+ \w+ \d{4}\.$/),
    ]);
    await markAccount(store.db, accountId, 'reauth_required', 'Its consent was withdrawn.', new Date());
    expect(await state()).toMatchObject({
      problems: ['Spotify has ended the connection: plays are not collected. Its consent was withdrawn.'],
      next: { command: 'connect' },
    });
  });

  it('tell Prometheus what is known', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    await addListening(store, service.listenerId);
    await runUntil(service, 'collect', 'sync-plays');
    const response = await fetch(new URL('/api/metrics', service.url));
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE segue_plays gauge',
        'segue_plays 5',
        'segue_connected 1',
        'segue_last_run_failed{pipeline="collect"} 0',
      ]),
    );
    // Nothing is said of what is not known, and every line is one that Prometheus reads.
    expect(lines.filter((line) => line.startsWith('segue_model_songs'))).toEqual([]);
    expect(lines.pop()).toBe('');
    expect(
      lines.filter((line) => !/^# (HELP|TYPE) segue_\w+ \S|^segue_\w+(\{\w+="[^"]*"\})? [\d.]+$/.test(line)),
    ).toEqual([]);
  });

  it('refuse what does not exist and what no address takes, in three lines', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    const wrong: [path: string, status: number, code: string][] = [
      ['/api/runs/99', 404, 'not-found'],
      ['/api/runs/0', 400, 'bad-request'],
      ['/api/runs/-1', 400, 'bad-request'],
      ['/api/runs/1.5', 400, 'bad-request'],
      ['/api/runs/abc', 400, 'bad-request'],
      ['/api/runs/99999999999999999999', 400, 'bad-request'],
      ['/api/runs/9007199254740991', 404, 'not-found'],
      ['/api/runs?limit=0', 400, 'bad-request'],
      ['/api/runs?limit=201', 400, 'bad-request'],
      ['/api/runs?limit=many', 400, 'bad-request'],
      ['/api/runs?before=x', 400, 'bad-request'],
      ['/api/attempts/99/log', 404, 'not-found'],
      ['/api/attempts/x/log', 400, 'bad-request'],
      ['/api/attempts/1/log?after=-1', 400, 'bad-request'],
      ['/api/editions/99', 404, 'not-found'],
      ['/api/editions/newest', 400, 'bad-request'],
      ['/api/editions?limit=-1', 400, 'bad-request'],
      ['/api/nothing', 404, 'not-found'],
      ['/page.js', 404, 'not-found'],
      ['/../package.json', 404, 'not-found'],
    ];
    const answers = await Promise.all(wrong.map(([path]) => failure(service, path)));
    expect(answers.map(({ status, code }, index) => [wrong[index]![0], status, code])).toEqual(wrong);
    for (const { message, why, hint } of answers)
      expect([message, why, hint].every((line) => line.endsWith('.'))).toBe(true);
  });

  it('refuse actions that cannot be done', async () => {
    await using store = await open();
    await using service = await startTestService(store);
    expect(await failure(service, '/api/runs', { pipeline: 'monthly' })).toMatchObject({
      status: 400,
      code: 'pipeline-unknown',
      why: 'The pipelines are collect, weekly.',
    });
    expect(await failure(service, '/api/runs', { pipeline: 7 })).toMatchObject({ status: 400, code: 'bad-request' });
    expect(await failure(service, '/api/runs', [])).toMatchObject({ status: 400, code: 'bad-request' });
    expect(await failure(service, '/api/runs/99/retry', {})).toMatchObject({ status: 404, code: 'run-unknown' });
    expect(await failure(service, '/api/runs/99/cancel', {})).toMatchObject({ status: 404, code: 'run-unknown' });
    expect(await failure(service, '/api/state', {})).toMatchObject({ status: 404, code: 'not-found' });
    const response = await fetch(new URL('/api/runs', service.url), { method: 'POST', body: '{"pipeline": "weekl' });
    expect(failureView.parse(await response.json()).error).toMatchObject({
      code: 'bad-request',
      why: 'Its body is not JSON.',
    });
    expect(await answer(service, questions.runs.answer, '/api/runs')).toEqual({ runs: [] });
  });
});

import { isAbsolute, relative } from 'node:path';
import type { StateView } from '../api/contract.ts';
import type { App } from '../app.ts';
import type { Json } from '../base/task.ts';
import { type Config, projectRoot } from '../config.ts';
import { findPipeline, findTask } from '../pipeline/engine.ts';
import { readPipelineStates } from '../pipeline/read-run.ts';
import { type Account, findAccount } from '../store/accounts.ts';
import { latestCorpus, listCorpora } from '../store/corpora.ts';
import { listEditionHeads } from '../store/edition-heads.ts';
import { latestModel } from '../store/models.ts';
import { readOverview } from '../store/overview.ts';
import { findBlock } from '../store/spotify-blocks.ts';
import { endsSoon, listProblems } from './problems.ts';

/** The state of everything, and the next useful command: what `segue` and the page show. */
export async function readState(app: App): Promise<StateView> {
  const { store, listener, clock, config } = app;
  const now = clock.now();
  const account = await findAccount(store.db, listener.id);
  const overview = await readOverview(store.db, listener.id);
  const training = await latestCorpus(store.db, 'training');
  const sources = await listCorpora(store.db, 'source');
  const model = await latestModel(store.db);
  const [edition] = await listEditionHeads(store.db, listener.id, { limit: 1 });
  const block = account && (await findBlock(store.db, account.clientId));
  const pipelines = await readPipelineStates(app.engine);
  const state: Omit<StateView, 'next' | 'problems'> = {
    version: app.version,
    database: store.kind,
    timeZone: config.timeZone,
    now: now.toISOString(),
    account: account ? showAccount(account) : null,
    blockedUntil: block && block.blockedUntil > now ? block.blockedUntil.toISOString() : null,
    plays: { ...overview.plays, oldestAt: iso(overview.plays.oldestAt), newestAt: iso(overview.plays.newestAt) },
    library: overview.library,
    features: overview.features,
    corpora: [...(training ? [training] : []), ...sources].map(({ name, kind, playlists, tokens, tracks }) => ({
      name,
      kind,
      playlists,
      tokens,
      tracks,
    })),
    model: model
      ? {
          algorithm: model.algorithm,
          vocabulary: model.vocabulary,
          dimensions: model.dimensions,
          tokens: tokensOf(model.metrics),
          createdAt: model.createdAt.toISOString(),
        }
      : null,
    edition: edition
      ? {
          id: edition.editionId,
          title: edition.title,
          status: edition.status,
          items: edition.length,
          createdAt: edition.createdAt.toISOString(),
        }
      : null,
    pipelines: pipelines.map(({ pipeline, summary, schedule, nextRunAt, latestRun }) => ({
      name: pipeline,
      summary,
      cron: schedule?.cron ?? null,
      paused: schedule?.paused ?? false,
      nextRunAt: iso(nextRunAt ?? null),
      tasks: findPipeline(app.engine, pipeline).nodes.map(({ task, after }) => ({
        name: task,
        summary: findTask(app.engine, task).summary,
        after: [...after],
      })),
      last: latestRun
        ? {
            id: latestRun.runId,
            status: latestRun.status,
            createdAt: latestRun.createdAt.toISOString(),
            finishedAt: iso(latestRun.finishedAt),
          }
        : null,
    })),
  };
  const next = nextCommand(state, now);
  return { ...state, problems: listProblems(state, now), next: { ...next, line: lineFor(next.command, config) } };
}

type Next = Omit<StateView['next'], 'line'>;

/** The most useful thing to do now: the first of these that applies. */
function nextCommand(state: Omit<StateView, 'next' | 'problems'>, now: Date): Next {
  const { account, plays } = state;
  const failed = state.pipelines.find(({ last }) => last?.status === 'failed');
  if (!account && plays.total === 0) return { command: 'connect', why: 'Connect your Spotify account to begin.' };
  // What was imported can be learned from, but a playlist needs an account.
  if (!account || account.status === 'disconnected')
    return { command: 'connect', why: 'No Spotify account is connected; everything collected is kept.' };
  if (account.status === 'reauth_required')
    return { command: 'connect', why: 'Spotify has ended the connection; everything is kept. Connect again.' };
  if (endsSoon(account, now))
    return { command: 'connect', why: `The connection ends on ${account.expiresAt.slice(0, 10)}. Renew it now.` };
  if (failed) return { command: `logs ${failed.last!.id}`, why: `The last run of ${failed.name} failed. See why.` };
  if (plays.total === 0) return { command: 'sync-plays', why: 'Collect your latest plays.' };
  if (!state.edition || !state.model) return { command: 'run weekly', why: 'Make your first playlist.' };
  if (state.edition.status === 'draft')
    return { command: 'publish', why: 'The newest edition is a draft. Put it into your account.' };
  if (plays.openGaps > 0)
    return {
      command: 'import-history <your export>',
      why: 'Some plays were missed; the privacy export fills the gaps.',
    };
  return { command: 'editions', why: 'All is well. Look at your playlists and their reasons.' };
}

/** What to type in the project's folder. It names what is not as usual, so that the command meets the data of this service. */
function lineFor(command: string, { dataDir, databaseUrl, schema }: Config): string {
  const inside = relative(projectRoot, dataDir);
  const folder = inside === '' || inside.startsWith('..') || isAbsolute(inside) ? dataDir : inside;
  const settings = [
    ...(folder === '.segue' ? [] : [`SEGUE_DATA_DIR=${/^[\w./-]+$/.test(folder) ? folder : `'${folder}'`}`]),
    ...(databaseUrl === undefined || schema === 'segue' ? [] : [`SEGUE_SCHEMA=${schema}`]),
  ];
  return [...settings, `npm run -s segue -- ${command}`].join(' ');
}

function showAccount(account: Account): NonNullable<StateView['account']> {
  return {
    name: account.displayName ?? account.spotifyUserId,
    status: account.status,
    reason: account.statusReason,
    authorizedAt: account.authorizedAt.toISOString(),
    expiresAt: account.refreshExpiresAt.toISOString(),
  };
}

function tokensOf(metrics: Json): number {
  const tokens = (metrics as { tokens?: unknown } | null)?.tokens;
  return typeof tokens === 'number' ? tokens : 0;
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

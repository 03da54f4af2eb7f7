import { z } from 'zod';

// Every question a screen may ask, as schemas that server, page and tests share. Times travel as ISO 8601 UTC strings.

const time = z.iso.datetime();
const count = z.number().int().nonnegative();
const status = z.enum(['queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled']);

export const attemptView = z.object({
  id: z.number(),
  number: z.number(),
  status: z.enum(['running', 'succeeded', 'failed', 'skipped', 'cancelled', 'lost']),
  startedAt: time,
  finishedAt: time.nullable(),
  /** What failed, why, what to do; null when nothing did. */
  error: z.array(z.string()).nullable(),
  /** When the next attempt may start; null when none was planned. */
  retryAt: time.nullable(),
});

export const taskRunView = z.object({
  id: z.number(),
  task: z.string(),
  status,
  after: z.array(z.string()),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** Counts and ids the task returned, or `{skipped: reason}`. */
  output: z.json(),
  /** How far the running attempt is, where its task tells and it runs in the process that answers. */
  progress: z
    .object({ label: z.string(), done: z.number(), total: z.number().nullable(), unit: z.string() })
    .nullable(),
  /** Oldest first. */
  attempts: z.array(attemptView),
});

export const runView = z.object({
  id: z.number(),
  runKey: z.string(),
  pipeline: z.string(),
  trigger: z.enum(['schedule', 'manual', 'backfill']),
  status,
  /** The tick of the schedule it was started for. */
  scheduledFor: time.nullable(),
  /** Version of Segue that started it. */
  codeVersion: z.string().nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  tasks: z.array(taskRunView),
});
export type RunView = z.infer<typeof runView>;

export const logLineView = z.object({
  line: z.number(),
  at: time,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  fields: z.json(),
});
export type LogLineView = z.infer<typeof logLineView>;

export const editionItemView = z.object({
  position: z.number(),
  trackId: z.string(),
  title: z.string(),
  artists: z.array(z.string()),
  /** Where the song can be heard; null for one that Spotify does not number. */
  url: z.url().nullable(),
  recommender: z.string(),
  similarity: z.number().nullable(),
  score: z.number(),
  reason: z.string(),
  /** What each recommender brought to its score, in [0, 1], largest first; null where one alone recommended. */
  shares: z.array(z.object({ recommender: z.string(), share: z.number() })).nullable(),
  seed: z.object({ trackId: z.string(), title: z.string(), artists: z.array(z.string()) }).nullable(),
});

export const editionHeadView = z.object({
  id: z.number(),
  title: z.string(),
  recipe: z.string(),
  status: z.enum(['draft', 'published']),
  createdAt: time,
  /** Songs in it. */
  length: count,
  seedsFound: count,
  seedsTotal: count,
  publication: z
    .object({
      playlistId: z.string(),
      /** Where the playlist can be looked at: Spotify's web player, or the page of a local Spotify. */
      url: z.url(),
      name: z.string(),
      items: count,
      publishedAt: time,
      verifiedAt: time.nullable(),
    })
    .nullable(),
});
export type EditionHeadView = z.infer<typeof editionHeadView>;

export const editionView = editionHeadView.extend({
  items: z.array(editionItemView),
  /** How many candidates each taste rule left out, most first. */
  rejected: z.array(z.object({ rule: z.string(), count })),
});
export type EditionView = z.infer<typeof editionView>;

export const stateView = z.object({
  version: z.string(),
  database: z.enum(['embedded', 'server']),
  timeZone: z.string(),
  now: time,
  account: z
    .object({
      name: z.string(),
      status: z.enum(['connected', 'reauth_required', 'disconnected']),
      reason: z.string().nullable(),
      authorizedAt: time,
      expiresAt: time,
    })
    .nullable(),
  /** Set while Spotify refuses calls: nothing is asked of it before this moment. */
  blockedUntil: time.nullable(),
  /** What keeps Segue from doing its work, one sentence each; empty when all is well. */
  problems: z.array(z.string()),
  plays: z.object({
    total: count,
    listens: count,
    tracks: count,
    oldestAt: time.nullable(),
    newestAt: time.nullable(),
    openGaps: count,
  }),
  library: z.object({ playlists: count, likedTracks: count }),
  features: count,
  corpora: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['source', 'training']),
      playlists: count,
      tokens: count,
      tracks: count,
    }),
  ),
  model: z
    .object({ algorithm: z.string(), vocabulary: count, dimensions: count, tokens: count, createdAt: time })
    .nullable(),
  edition: z
    .object({
      id: z.number(),
      title: z.string(),
      status: z.enum(['draft', 'published']),
      items: count,
      createdAt: time,
    })
    .nullable(),
  pipelines: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      cron: z.string().nullable(),
      paused: z.boolean(),
      nextRunAt: time.nullable(),
      tasks: z.array(z.object({ name: z.string(), summary: z.string(), after: z.array(z.string()) })),
      last: z.object({ id: z.number(), status, createdAt: time, finishedAt: time.nullable() }).nullable(),
    }),
  ),
  /** The next useful command of the CLI, the whole line to type in the project's folder, and why it is useful. */
  next: z.object({ command: z.string(), line: z.string(), why: z.string() }),
});
export type StateView = z.infer<typeof stateView>;

/** For monitors: 503 when the database does not answer, else 200. `ok`: there is no problem. */
export const healthView = z.object({ ok: z.boolean(), version: z.string(), problems: z.array(z.string()) });

/** A failure in three lines, and a code for programs. */
export const failureView = z.object({
  error: z.object({ code: z.string(), message: z.string(), why: z.string(), hint: z.string() }),
});
export type FailureView = z.infer<typeof failureView>;

export const startRunRequest = z.object({ pipeline: z.string() });

/**
 * Path and answer of every question. Besides there are `/api/metrics`, for Prometheus, and `/api/command`, the command
 * line's own.
 */
export const questions = {
  health: { path: '/api/health', answer: healthView },
  state: { path: '/api/state', answer: stateView },
  /** Newest first; query: `limit` (20; at most 200), `before` (a run's id, for the next page), `pipeline`. */
  runs: { path: '/api/runs', answer: z.object({ runs: z.array(runView) }) },
  run: { path: '/api/runs/:id', answer: runView },
  /** At most 1000 lines; query: `after`, the number of the last line known, to follow or to page on. */
  log: { path: '/api/attempts/:id/log', answer: z.object({ lines: z.array(logLineView) }) },
  /** Newest first; query: `limit` (20; at most 200). */
  editions: { path: '/api/editions', answer: z.object({ editions: z.array(editionHeadView) }) },
  edition: { path: '/api/editions/:id', answer: editionView },
} as const;

/** What a screen may have done; each is a POST and answers with the run. */
export const actions = {
  /** Body: `startRunRequest`. 201; 200 with the unfinished run of the pipeline where there is one. */
  startRun: { path: '/api/runs', answer: runView },
  /** Runs again what failed or was cancelled, and what waits for it. */
  retryRun: { path: '/api/runs/:id/retry', answer: runView },
  cancelRun: { path: '/api/runs/:id/cancel', answer: runView },
} as const;

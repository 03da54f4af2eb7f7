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
  attempts: z.array(attemptView),
});

export const runView = z.object({
  id: z.number(),
  runKey: z.string(),
  pipeline: z.string(),
  trigger: z.enum(['schedule', 'manual', 'backfill']),
  status,
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

export const editionItemView = z.object({
  position: z.number(),
  trackId: z.string(),
  title: z.string(),
  artists: z.array(z.string()),
  recommender: z.string(),
  similarity: z.number().nullable(),
  score: z.number(),
  reason: z.string(),
  seed: z.object({ trackId: z.string(), title: z.string(), artists: z.array(z.string()) }).nullable(),
});

export const editionView = z.object({
  id: z.number(),
  title: z.string(),
  recipe: z.string(),
  status: z.enum(['draft', 'published']),
  createdAt: time,
  seedsFound: count,
  seedsTotal: count,
  items: z.array(editionItemView),
  publication: z
    .object({ playlistId: z.string(), name: z.string(), items: count, publishedAt: time, verifiedAt: time.nullable() })
    .nullable(),
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
      last: z.object({ id: z.number(), status, createdAt: time, finishedAt: time.nullable() }).nullable(),
    }),
  ),
  /** The next useful command of the CLI and why it is useful. */
  next: z.object({ command: z.string(), why: z.string() }),
});
export type StateView = z.infer<typeof stateView>;

export const startRunRequest = z.object({ pipeline: z.string() });

export const failureView = z.object({
  error: z.object({ code: z.string(), message: z.string(), why: z.string(), hint: z.string() }),
});

/** Path and answer of every question; `/api/command` is the command line's own and not for screens. */
export const questions = {
  state: { path: '/api/state', answer: stateView },
  runs: { path: '/api/runs', answer: z.object({ runs: z.array(runView) }) },
  run: { path: '/api/runs/:id', answer: runView },
  log: { path: '/api/attempts/:id/log', answer: z.object({ lines: z.array(logLineView) }) },
  editions: { path: '/api/editions', answer: z.object({ editions: z.array(editionView.omit({ items: true })) }) },
  edition: { path: '/api/editions/:id', answer: editionView },
} as const;

import { z } from 'zod';
import type { FaultKind } from './faults.ts';
import type { Settings } from './settings.ts';

// Bodies of the control API, as JSON or as a form whose values are text.

const KINDS = [
  'status',
  'plain-text',
  'slow',
  'reset-before',
  'reset-after',
  'timeout',
  'timeout-after',
  'truncate',
  'cut-body',
  'empty',
] as const satisfies readonly FaultKind[];

const time = z.iso.datetime().transform((text) => new Date(text));
const whole = z.coerce.number().int();

export const ClockChange = z.strictObject({ advanceMs: whole.optional(), set: time.optional() });
export const NewFault = z.strictObject({
  kind: z.enum(KINDS),
  match: z
    .strictObject({
      host: z.enum(['accounts', 'api', 'reccobeats']).optional(),
      method: z.string().optional(),
      path: z.string().optional(),
    })
    .optional(),
  times: whole.min(1).optional(),
  always: z.stringbool().or(z.boolean()).optional(),
  after: whole.min(0).optional(),
  status: whole.min(100).max(599).optional(),
  body: z.unknown().optional(),
  text: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  ms: whole.min(0).optional(),
});
export const Play = z.strictObject({
  listenerId: z.string().optional(),
  trackId: z.string().nullable(),
  endedAt: time.optional(),
  visibleAt: time.optional(),
  msPlayed: whole.min(0).optional(),
});
export const Revocation = z.strictObject({ listenerId: z.string(), clientId: z.string().optional() });
export const Edit = z.strictObject({ uris: z.array(z.string().nullable()) });
export const Premium = z.strictObject({ developerId: z.string(), premium: z.stringbool().or(z.boolean()) });

const limit = z.strictObject({ calls: whole.min(1), windowMs: whole.min(1) }).nullable();

/** Any of `Settings`, with the values it may have. */
export const SettingsChange = z
  .strictObject({
    consent: z.enum(['ask', 'approve', 'deny']),
    loggedInAs: z.string(),
    refreshToken: z.enum(['none', 'rotate', 'empty']),
    publicFlag: z.enum(['ignored', 'honoured']),
    playlistKeys: z.enum(['items', 'tracks', 'both']),
    missingScope: z.literal([401, 403]),
    playLagMs: whole.min(0),
    playedAt: z.enum(['end', 'start', 'mixed']),
    afterReturns: z.enum(['newest', 'oldest']),
    deadUris: z.enum(['accepted', 'refused']),
    coverDelayMs: whole.min(0),
    rateLimit: limit,
    quota: limit,
    imageLimit: limit,
    reccobeatsLimit: limit,
    rateLimitBody: z.enum(['json', 'plain-text']),
    retryAfter: z.enum(['sent', 'missing']),
  } satisfies Record<keyof Settings, z.ZodType>)
  .partial();

import { z } from 'zod';
import { asError, ExpectedError } from '../base/errors.ts';
import { parseTrackId } from '../music/track.ts';

/** Spotify ids a call; 40 works in the field, the real limit is unpublished. */
export const RECCOBEATS_BATCH = 40;

const share = z.number().min(0).max(1).nullish();
const features = z.object({
  href: z.string(),
  danceability: share,
  energy: share,
  key: z.number().int().min(-1).max(11).nullish(),
  loudness: z.number().nullish(),
  mode: z.number().int().min(0).max(1).nullish(),
  speechiness: share,
  acousticness: share,
  instrumentalness: share,
  liveness: share,
  valence: share,
  tempo: z.number().min(0).nullish(),
});

/** What ReccoBeats says of one track: weak data (double-time tempo, keys swapped with their relative), kept apart by its source. */
export type ReccoBeatsFeatures = Record<
  Exclude<keyof z.infer<typeof features>, 'href'> | 'timeSignature',
  number | null
> & { readonly trackId: string };

export interface ReccoBeats {
  /** The features of the tracks it knows; the others are simply absent. At most RECCOBEATS_BATCH ids. */
  audioFeatures(ids: readonly string[], signal: AbortSignal): Promise<ReccoBeatsFeatures[]>;
}

/**
 * ReccoBeats (reccobeats.com), free and keyless: `GET /v1/audio-features?ids=`. It answers in its own order and leaves
 * out what it does not know, so rows are told apart by the Spotify link in `href`, never by place. Without a User-Agent
 * of one's own it answers 403. Throws ExpectedError `reccobeats-busy` (429, with its Retry-After), `reccobeats-down`,
 * `reccobeats-unreachable` (all retryable), `reccobeats-refused`, `reccobeats-odd-answer`.
 */
export function openReccoBeats(baseUrl: string, userAgent: string, ask: typeof fetch = fetch): ReccoBeats {
  return {
    async audioFeatures(ids, signal) {
      const url = `${baseUrl.replace(/\/$/, '')}/v1/audio-features?ids=${ids.join(',')}`;
      let response: Response;
      let text: string;
      try {
        response = await ask(url, {
          headers: { 'user-agent': userAgent, accept: 'application/json' },
          signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
        });
        text = await response.text();
      } catch (error) {
        signal.throwIfAborted();
        throw new ExpectedError('reccobeats-unreachable', 'ReccoBeats did not answer', {
          why: `${asError(error).message}.`,
          hint: 'Nothing is lost; it is tried again. SEGUE_ENRICH_FEATURES=false leaves it out.',
          retryable: true,
          cause: error,
        });
      }
      if (!response.ok) throw refused(response);
      return readAnswer(text, new Set(ids));
    },
  };
}

function readAnswer(text: string, asked: ReadonlySet<string>): ReccoBeatsFeatures[] {
  let content: unknown;
  try {
    content = (JSON.parse(text) as { content?: unknown } | null)?.content;
  } catch {
    // Falls through to the same complaint as a wrong shape.
  }
  if (!Array.isArray(content)) {
    throw new ExpectedError('reccobeats-odd-answer', 'ReccoBeats answered something unexpected', {
      why: 'The answer has no list of features.',
      hint: 'Their interface may have changed: set SEGUE_ENRICH_FEATURES=false and look for a newer Segue.',
    });
  }
  const rows = new Map<string, ReccoBeatsFeatures>();
  for (const row of content) {
    // One odd row costs only itself: it counts as unknown, and is asked for again later.
    const { success, data } = features.safeParse(row);
    const trackId = success ? parseTrackId(data.href) : undefined;
    if (!success || trackId === undefined || !asked.has(trackId)) continue;
    const { href: _, key, tempo, ...rest } = data;
    const numbers = Object.fromEntries(
      Object.keys(features.shape).map((name) => [
        name,
        (rest as Record<string, number | null | undefined>)[name] ?? null,
      ]),
    );
    rows.set(trackId, {
      ...(numbers as Omit<ReccoBeatsFeatures, 'trackId'>),
      trackId,
      key: key === undefined || key === null || key < 0 ? null : key,
      tempo: tempo || null,
      timeSignature: null,
    });
  }
  return [...rows.values()];
}

function refused(response: Response): ExpectedError {
  const { status } = response;
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after'));
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 60_000;
    return new ExpectedError('reccobeats-busy', 'ReccoBeats asks to wait', {
      why: `Too many requests; it wants ${Math.ceil(retryAfterMs / 1000)} s of quiet.`,
      hint: 'Nothing to do: what was answered is kept, and the rest is asked for later.',
      retryable: true,
      retryAfterMs,
    });
  }
  const isDown = status >= 500;
  return new ExpectedError(
    isDown ? 'reccobeats-down' : 'reccobeats-refused',
    'ReccoBeats did not give audio features',
    {
      why: `It answered ${status}.`,
      hint: isDown
        ? 'Nothing to do: it is tried again later.'
        : 'Set SEGUE_ENRICH_FEATURES=false; recommendations work without it.',
      retryable: isDown,
    },
  );
}

import { isTrackId, type Track } from '../music/track.ts';
import { WireEpisode, type WireTrack, WireTrack as wireTrack } from './wire.ts';

/** An artist as named on a track; `id` is absent where only the name is known. */
export interface NamedArtist {
  readonly id: string | undefined;
  readonly name: string;
}

/** A track with everything Spotify tells that is worth keeping. */
export interface SpotifyTrack extends Track {
  /** Same order and names as `artists`. */
  readonly credits: readonly NamedArtist[];
  readonly albumId: string | undefined;
  /** `2024-03-08`, `2024-03` or `2024`: its length says how exact it is; undefined when unknown or malformed. */
  readonly releaseDate: string | undefined;
  readonly explicit: boolean | undefined;
  /** Undefined where Spotify does not say. */
  readonly isPlayable: boolean | undefined;
  /** The id that was asked for, where Spotify answered with another instance of the same recording (relinking). */
  readonly requestedId: string | undefined;
}

/** Why an entry is no track: gone, a local file, a podcast episode, or not understood. */
export type NoTrack = 'null' | 'local' | 'episode' | 'unreadable';

/** How many entries were left out, by reason; reasons that did not occur are absent. */
export type SkipCounts = Partial<Record<NoTrack, number>>;

/**
 * One entry of any list that may hold a track. `requestedId` is what was asked for: since `linked_from` was removed
 * from Development Mode, only the asker knows that a track was relinked.
 */
export function readTrack(entry: unknown, requestedId?: string): SpotifyTrack | NoTrack {
  if (entry === null || entry === undefined) return 'null';
  if (WireEpisode.safeParse(entry).success) return 'episode';
  const parsed = wireTrack.safeParse(entry);
  if (!parsed.success) return 'unreadable';
  const wire = parsed.data;
  if (wire.is_local || wire.uri?.startsWith('spotify:local:')) return 'local';
  if (wire.uri?.startsWith('spotify:episode:')) return 'episode';
  if (!wire.id || !isTrackId(wire.id)) return 'unreadable';
  return trackOf(wire, wire.id, requestedId);
}

function trackOf(wire: WireTrack, id: string, requestedId: string | undefined): SpotifyTrack {
  const credits = (wire.artists ?? []).map((artist) => ({ id: artist.id ?? undefined, name: artist.name }));
  const asked = requestedId ?? wire.linked_from?.id ?? undefined;
  return {
    id,
    title: wire.name,
    artists: credits.map((credit) => credit.name),
    credits,
    // "" after a takedown says no more than nothing.
    album: wire.album?.name || undefined,
    albumId: wire.album?.id ?? undefined,
    releaseDate: readReleaseDate(wire.album?.release_date),
    durationMs: wholeMs(wire.duration_ms),
    isrc: readIsrc(wire.external_ids?.isrc),
    explicit: wire.explicit ?? undefined,
    isPlayable: wire.is_playable ?? undefined,
    requestedId: asked === id ? undefined : asked,
  };
}

const RELEASE_DATE = /^(?!0000)\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;

function readReleaseDate(date: string | null | undefined): string | undefined {
  return date && RELEASE_DATE.test(date) ? date : undefined;
}

function wholeMs(ms: number | null | undefined): number | undefined {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
}

/** Upper case without hyphens and spaces (labels deliver them either way); undefined unless it is an ISRC (ISO 3901). */
function readIsrc(text: string | null | undefined): string | undefined {
  const isrc = text?.replace(/[\s-]+/g, '').toUpperCase();
  return isrc && /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(isrc) ? isrc : undefined;
}

/** Adds one to a reason's count. */
export function countSkip(skipped: SkipCounts, reason: NoTrack): void {
  skipped[reason] = (skipped[reason] ?? 0) + 1;
}

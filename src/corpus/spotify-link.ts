import { parseTrackId } from '../music/track.ts';
import { isObject } from './loose-track.ts';

/** The first Spotify track id in any text of a JSON value: playlist formats put links under many keys. */
export function findTrackId(value: unknown): string | undefined {
  // A bare 22-character text could be anything here; only URIs and links say that they are Spotify's.
  if (typeof value === 'string') return value.includes('spotify') ? parseTrackId(value) : undefined;
  const parts = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const part of parts) {
    const id = findTrackId(part);
    if (id !== undefined) return id;
  }
  return undefined;
}

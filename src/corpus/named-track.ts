import { createHash } from 'node:crypto';
import { recordingKey } from '../music/track.ts';

const PREFIX = 'name:';

/**
 * The stand-in id, 22 characters as well, of a track that a file names only by title and artist: equal for all editions
 * of one recording (music/track.ts), and never a Spotify id because of its colon. 17 characters of a SHA-256 are 102 bits.
 */
export function namedTrackId(title: string, primaryArtist: string): string {
  const hash = createHash('sha256').update(recordingKey(title, primaryArtist)).digest('base64url');
  return PREFIX + hash.slice(0, 17);
}

/** Whether the 22 bytes of an id are such a stand-in; without making strings of two million ids. */
export function isNamedTrackBytes(id: Uint8Array): boolean {
  return id[PREFIX.length - 1] === 0x3a;
}

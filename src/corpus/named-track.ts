import { createHash } from 'node:crypto';
import { recordingKey } from '../music/track.ts';
import { ID_STRIDE } from './scan-kernel.ts';

const PREFIX = 'name:';

/**
 * The stand-in id, 22 characters as well, of a track that a file names only by title and artist: equal for all editions
 * of one recording (music/track.ts), and never a Spotify id because of its colon. 17 characters of a SHA-256 are 102 bits.
 */
export function namedTrackId(title: string, primaryArtist: string): string {
  const hash = createHash('sha256').update(recordingKey(title, primaryArtist)).digest('base64url');
  return PREFIX + hash.slice(0, 17);
}

/** Whether a track has such a stand-in; without making strings of two million ids. `ids`: of a vocabulary being built. */
export function isNamedTrack(ids: Uint8Array, index: number): boolean {
  return ids[index * ID_STRIDE + PREFIX.length - 1] === 0x3a;
}

import type { CorpusManifest } from '../corpus/manifest.ts';

/**
 * Formats of parts that hold what the listener plays or has put together: `account` is build-corpus's own playlists and
 * listening sessions, the others are files that people export of their own account. Which of them are of the time that is
 * hidden nobody can tell, so that all are left out.
 */
const OWN_FORMATS = new Set(['account', 'account-data', 'exportify', 'listenbrainz']);

/** Whether a part of a training corpus is the listener's own. */
export function isOwnPart({ format }: { readonly format: string }): boolean {
  return OWN_FORMATS.has(format);
}

/**
 * Says of a playlist of a training corpus whether it is the listener's own. Parts stand one after another. A part may count playlists that were not written, because nobody knew any of their songs:
 * how many of all is known, of which part not. Each part is therefore taken to begin that much earlier, so that none of it stays;
 * at most so many playlists of others go with it.
 */
export function ownPlaylists({ parts, counts }: CorpusManifest): (playlist: number) => boolean {
  const missing = parts.reduce((sum, { playlists }) => sum + playlists, 0) - counts.playlists;
  const ranges: (readonly [from: number, to: number])[] = [];
  let from = 0;
  for (const part of parts) {
    const to = from + part.playlists;
    if (isOwnPart(part)) ranges.push([from - missing, to]);
    from = to;
  }
  return (playlist) => ranges.some(([start, end]) => playlist >= start && playlist < end);
}

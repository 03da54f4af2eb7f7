import { isTrackId, normaliseName, normaliseTitle, parseTrackId, trackUri } from '../music/track.ts';
import type { CatalogueTrack } from './catalogue.ts';

// Tokens of other tools' vector files, and what they say of tracks.

export const TOKEN_STYLES = ['id', 'uri', 'artist - title'] as const;
export type TokenStyle = (typeof TOKEN_STYLES)[number];

/** What a token says: a track's id; artist and title, of which it does not say which is which; or neither, and why. */
export type TokenMeaning =
  | { readonly id: string }
  | { readonly names: readonly (readonly [left: string, right: string])[] }
  | { readonly reason: 'not-a-track' | 'neither-id-nor-artist-and-title' };

/** What follows a name that another track has as well (`trackTokens`). */
const ID_AT_END = /[\s_]\[([0-9A-Za-z]{22})\]$/;
const OTHER_THAN_TRACK = /^(?:spotify:(?!track:)|https?:\/\/open\.spotify\.com\/)/;

/** Underscores stand for blanks where a token has none: formats that end tokens at a blank leave no other way. */
export function readToken(token: string): TokenMeaning {
  const text = token.trim();
  const id = parseTrackId(text) ?? ID_AT_END.exec(text)?.[1];
  if (id !== undefined) return { id };
  if (OTHER_THAN_TRACK.test(text)) return { reason: 'not-a-track' };
  const spaced = /\s/.test(text) ? text : text.replaceAll('_', ' ');
  const names = Array.from(spaced.matchAll(/\s[-–—]\s/g), ({ index }): [string, string] => [
    spaced.slice(0, index).trim(),
    spaced.slice(index + 3).trim(),
  ]).filter(([left, right]) => left !== '' && right !== '');
  return names.length === 0 ? { reason: 'neither-id-nor-artist-and-title' } : { names };
}

/**
 * The recording keys (music/track.ts) that names may mean, artist first, then title first, where the artist is one of
 * `artists` (normalised): normalising a title takes 4 µs, an artist that nobody knows spares it.
 */
export function keysOf(
  names: readonly (readonly [left: string, right: string])[],
  artists: { has(artist: string): boolean },
): string[] {
  const keys: string[] = [];
  for (const [left, right] of names) {
    for (const [artist, title] of [
      [left, right],
      [right, left],
    ] as const) {
      const key = normaliseName(artist);
      if (artists.has(key)) keys.push(`${key}|${normaliseTitle(title)}`);
    }
  }
  return keys;
}

/**
 * A token for each row, all different: where two tracks have the same artist and title, the later rows' have their id
 * behind it in brackets; a track without names has its id. `blanks`: false for formats whose readers end a token at the first blank:
 * each run of them becomes an underscore.
 */
export function trackTokens(
  tracks: { readonly size: number; track(row: number): CatalogueTrack },
  style: TokenStyle,
  blanks: boolean,
): (row: number) => string {
  const plain = (row: number): string => {
    const { id, title, artists } = tracks.track(row);
    if (style === 'uri' && isTrackId(id)) return trackUri(id);
    const name = style === 'artist - title' && title !== '' && artists.length > 0 ? `${artists[0]} - ${title}` : id;
    return name.trim().replaceAll(/[\s\p{Cc}]+/gu, blanks ? ' ' : '_');
  };
  if (style !== 'artist - title') return plain;
  const taken = new Map<string, number>();
  for (let row = 0; row < tracks.size; row++) {
    const token = plain(row);
    if (!taken.has(token)) taken.set(token, row);
  }
  return (row) => {
    const token = plain(row);
    return taken.get(token) === row ? token : `${token}${blanks ? ' ' : '_'}[${tracks.track(row).id}]`;
  };
}

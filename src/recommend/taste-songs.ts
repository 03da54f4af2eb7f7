import type { CatalogueTrack } from './catalogue.ts';
import { isTrack } from './taste-plays.ts';
import { nameOf, type TasteRule, withDefaults } from './taste-rules.ts';

/** What rules say of candidates. */
export interface SongRules {
  readonly perArtist: number;
  readonly notAgainWeeks: number;
  readonly likedAllowed: boolean;
  readonly explicitAllowed: boolean;
  /** Whether a rule on an artist or a song names this one. */
  leavesOut(track: CatalogueTrack): 'artist-left-out' | 'track-left-out' | undefined;
}

/** Of the rules that hold; what none says is as by default. */
export function songRules(rules: readonly TasteRule[]): SongRules {
  const artists = new Set<string>();
  const tracks: ((track: CatalogueTrack) => boolean)[] = [];
  const said = { perArtist: 0, notAgainWeeks: 0, likedAllowed: false, explicitAllowed: true };
  for (const rule of withDefaults(rules)) {
    if (rule.rule === 'artist' && rule.only !== 'plays') artists.add(nameOf(rule.name));
    else if (rule.rule === 'track' && rule.only !== 'plays') tracks.push(isTrack(rule));
    else if (rule.rule === 'liked') said.likedAllowed = rule.allowed;
    else if (rule.rule === 'explicit') said.explicitAllowed = rule.allowed;
    else if (rule.rule === 'per-artist') said.perArtist = rule.most;
    else if (rule.rule === 'not-again') said.notAgainWeeks = rule.weeks;
  }
  return {
    ...said,
    leavesOut(track) {
      if (artists.size > 0 && track.artists.some((artist) => artists.has(nameOf(artist)))) return 'artist-left-out';
      return tracks.some((isIt) => isIt(track)) ? 'track-left-out' : undefined;
    },
  };
}

/**
 * Whether songs are explicit: by what Spotify said of them or of another track with the same ISRC, else by "(Explicit)"
 * or "(Clean)" in the title; undefined where nobody says.
 */
export function explicitOf(
  said: Iterable<{ readonly id: string; readonly isrc: string | null; readonly explicit: boolean }>,
): (track: CatalogueTrack) => boolean | undefined {
  const byId = new Map<string, boolean>();
  const byIsrc = new Map<string, boolean>();
  for (const { id, isrc, explicit } of said) {
    byId.set(id, explicit);
    // Where two disagree, explicit: better one song too few than one that was not wanted.
    if (isrc !== null) byIsrc.set(isrc, explicit || byIsrc.get(isrc) === true);
  }
  return ({ id, isrc, title }) => {
    const known = byId.get(id) ?? (isrc === undefined ? undefined : byIsrc.get(isrc));
    if (known !== undefined) return known;
    const mark = /[([](explicit|clean)\b/i.exec(title)?.[1];
    return mark === undefined ? undefined : mark.toLowerCase() === 'explicit';
  };
}

/**
 * How many candidates each rule left out of an edition, in the order of the rules; undefined for rules that leave no
 * songs out. `rejected` names why each candidate is not in it (RejectionRule).
 */
export function songsLeftOut(
  rules: readonly TasteRule[],
  rejected: readonly { readonly rule: string; readonly track: CatalogueTrack }[],
): (number | undefined)[] {
  const because = (reason: string) => rejected.filter(({ rule }) => rule === reason);
  return rules.map((rule) => {
    switch (rule.rule) {
      case 'artist':
      case 'track': {
        if (rule.only === 'plays') return undefined;
        const { leavesOut } = songRules([rule]);
        return because(`${rule.rule}-left-out`).filter(({ track }) => leavesOut(track) !== undefined).length;
      }
      case 'liked':
        return rule.allowed ? undefined : because('liked').length;
      case 'explicit':
        return rule.allowed ? undefined : because('explicit').length;
      case 'per-artist':
        return because('artist-limit').length;
      case 'not-again':
        return because('recommended-lately').length;
      default:
        return undefined;
    }
  });
}

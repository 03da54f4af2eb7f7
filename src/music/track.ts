/** A track as Segue knows it. Ids are Spotify's 22-character base-62 ids. */
export interface Track {
  readonly id: string;
  readonly title: string;
  /** Names in Spotify's order, the primary artist first. */
  readonly artists: readonly string[];
  readonly album?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly isrc?: string | undefined;
}

const TRACK_ID = /^[0-9A-Za-z]{22}$/;

export function isTrackId(text: string): boolean {
  return TRACK_ID.test(text);
}

/** The id in `spotify:track:<id>`, an open.spotify.com link or a bare id; undefined for anything else (local files, episodes). */
export function parseTrackId(text: string): string | undefined {
  const match =
    /^(?:spotify:track:|https?:\/\/open\.spotify\.com\/(?:intl-[a-z]+\/)?track\/)?([0-9A-Za-z]{22})(?:\?.*)?$/.exec(
      text.trim(),
    );
  return match?.[1];
}

export function trackUri(id: string): string {
  return `spotify:track:${id}`;
}

/** Lower case, no diacritics, no punctuation, single spaces; `&` and `and` are one word. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/['’`´]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

// What distinguishes an edition of the same recording from another recording: remasters and features are the same
// song to a listener; live, acoustic, remix, instrumental and demo versions are kept apart on purpose.
const SAME_RECORDING =
  /\b(?:feat|ft|featuring|with)\b.*|\b(?:\d{4}\s*)?(?:digital(?:ly)?\s*)?remaster(?:ed)?(?:\s*version)?(?:\s*\d{4})?\b|\b(?:single|album|radio|original|mono|stereo|deluxe|bonus|explicit|clean)\s*(?:version|edit|mix|track|edition)\b/gi;

/** The title without "(feat. …)", "- Remastered 2011", "- Single Version" and the like, normalised. */
export function normaliseTitle(title: string): string {
  // Only bracketed parts and what follows " - " may be dropped: "With or Without You" must stay whole.
  const head = title.replace(/\s*[([]([^)\]]*)[)\]]|\s+-\s+(.*)$/g, (part, bracketed, dashed) => {
    const rest = (bracketed ?? dashed ?? '').replace(SAME_RECORDING, '').trim();
    const letters = normaliseName(rest).replace(/\d+/g, '').trim();
    return letters === '' ? '' : ` ${rest}${part.endsWith(')') ? ' ' : ''}`;
  });
  return normaliseName(head) || normaliseName(title);
}

/** One key for all editions of a recording: normalised primary artist and title. ISRC, where known, comes first. */
export function recordingKey(title: string, primaryArtist: string): string {
  return `${normaliseName(primaryArtist)}|${normaliseTitle(title)}`;
}

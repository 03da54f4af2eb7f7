import type { Catalogue } from './catalogue.ts';
import type { BadgedRow, ExportQuirks, ExtendedRow } from './export-quirks.ts';
import { inventNumber } from './invent.ts';
import type { ListenerPlay } from './listener-plays.ts';
import type { Listener } from './state.ts';

/** Which columns a row has: `old` (until 2023) names the address and user agent otherwise, `new` has audiobooks. */
export type ExportEra = 'old' | 'middle' | 'new';

const PLATFORMS = [
  'android',
  'ios',
  'web_player windows 10;chrome 118.0.0.0;desktop',
  'Android OS 4.2.2 API 17 (unknown, Radio)',
];

/** The plays as rows, oldest first. Plays without a track are no rows: an export knows what was played. */
export function historyRows(
  catalogue: Catalogue,
  listener: Listener,
  plays: readonly ListenerPlay[],
  era: ExportEra,
  quirks: ExportQuirks,
): BadgedRow[] {
  const rows: BadgedRow[] = [];
  for (const play of plays) {
    const track = play.trackId === null ? undefined : catalogue.tracks.get(play.trackId);
    if (!track) continue;
    const off =
      quirks.endsOffByMs === 0 ? 0 : inventNumber(2 * quirks.endsOffByMs + 1, 'off', play.endedAt) - quirks.endsOffByMs;
    const endedAt = play.endedAt + off;
    const row: ExtendedRow = {
      ...frame(listener, endedAt, play.msPlayed, era),
      master_metadata_track_name: track.title,
      master_metadata_album_artist_name: track.artists[0]!.name,
      master_metadata_album_album_name: track.album.name,
      spotify_track_uri: `spotify:track:${track.id}`,
      ...episodeColumns(null, null, null),
      ...audiobookColumns(era, null),
      ...ending(endedAt - play.msPlayed, quirks.offlineTimestamp, rows.length),
    };
    rows.push({ row, badge: 'music' });
  }
  return rows;
}

/** The columns before the names. Addresses are from the range for documentation. */
export function frame(
  listener: Pick<Listener, 'id' | 'country'>,
  endedAt: number,
  msPlayed: number,
  era: ExportEra,
): ExtendedRow {
  const before = era === 'old' ? { username: listener.id } : {};
  const address = `203.0.113.${inventNumber(254, 'address', endedAt) + 1}`;
  return {
    ts: wholeSeconds(endedAt),
    ...before,
    platform: PLATFORMS[inventNumber(PLATFORMS.length, 'platform', endedAt)],
    ms_played: msPlayed,
    conn_country: inventNumber(200, 'country', endedAt) === 0 ? 'ZZ' : listener.country,
    ...(era === 'old' ? { ip_addr_decrypted: address, user_agent_decrypted: 'unknown' } : { ip_addr: address }),
  };
}

export function episodeColumns(name: string | null, show: string | null, uri: string | null) {
  return { episode_name: name, episode_show_name: show, spotify_episode_uri: uri };
}

/** Absent in exports made before about 2024. */
export function audiobookColumns(era: ExportEra, chapter: { title: string; book: string; id: string } | null) {
  if (era !== 'new') return {};
  return {
    audiobook_title: chapter?.book ?? null,
    audiobook_uri: chapter ? `spotify:show:${chapter.id}` : null,
    audiobook_chapter_uri: chapter ? `spotify:episode:${chapter.id}` : null,
    audiobook_chapter_title: chapter?.title ?? null,
  };
}

/** The columns after the names. `index` turns the forms of `offline_timestamp` where they are mixed. */
export function ending(startedAt: number, form: ExportQuirks['offlineTimestamp'], index: number) {
  const forms = ['seconds', 'milliseconds', 'zero', 'null'] as const;
  const chosen = form === 'mixed' ? forms[index % forms.length]! : form;
  return {
    reason_start: 'trackdone',
    reason_end: 'trackdone',
    shuffle: false,
    skipped: false,
    offline: false,
    offline_timestamp: { seconds: Math.floor(startedAt / 1000), milliseconds: startedAt, zero: 0, null: null }[chosen],
    incognito_mode: false,
  };
}

/** `YYYY-MM-DDTHH:MM:SSZ`. */
export function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

import { z } from 'zod';
import { countSkip, type NoTrack, readTrack, type SkipCounts, type SpotifyTrack } from './read-track.ts';
import {
  WireArtist,
  WirePageFrame,
  WirePlayHistory,
  type WirePlaylist,
  WirePlaylistItem,
  WireSavedTrack,
  WirePlaylist as wirePlaylist,
} from './wire.ts';

/** Rows of one answer. Every entry of the answer is in `rows` or counted in `skipped`. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Entries of the answer, the skipped ones included: tells whether a page was full. */
  readonly entries: number;
  readonly skipped: SkipCounts;
}

/** A play as recently-played tells it; the play's length is never told. */
export interface ApiPlay {
  readonly track: SpotifyTrack;
  /** About the END of the play. */
  readonly endedAt: Date;
  /** Playlist, album or artist it was played from. */
  readonly contextUri: string | undefined;
}

export interface LikedTrack {
  readonly track: SpotifyTrack;
  readonly likedAt: Date | undefined;
}

/** An item of a playlist; `position` counts every entry, the skipped ones included. */
export interface PlaylistEntry {
  readonly position: number;
  readonly track: SpotifyTrack;
  readonly addedAt: Date | undefined;
}

export interface SpotifyArtist {
  readonly id: string;
  readonly name: string;
}

/** A playlist without its items. Fields are undefined where the answer does not carry them (`fields`, playlists of others). */
export interface SpotifyPlaylist {
  readonly id: string;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly ownerId: string | undefined;
  readonly collaborative: boolean | undefined;
  /** Shown on the profile or not; no promise of privacy. */
  readonly public: boolean | undefined;
  /** Opaque; changes with every change of the playlist. */
  readonly snapshot: string | undefined;
  readonly itemsTotal: number | undefined;
}

/** Recently-played, from the answer as it came or as it was landed. Throws a ZodError unless it has `items`. */
export function readRecentlyPlayed(body: unknown): Rows<ApiPlay> {
  return readRows(entriesOf(body), WirePlayHistory, (row) => {
    const track = readTrack(row.track);
    const endedAt = readTime(row.played_at);
    if (typeof track === 'string') return track;
    return endedAt ? { track, endedAt, contextUri: row.context?.uri ?? undefined } : 'unreadable';
  });
}

/** A page of liked songs. */
export function readLikedTracks(body: unknown): Rows<LikedTrack> {
  return readRows(entriesOf(body), WireSavedTrack, (row) => {
    const track = readTrack(row.track);
    return typeof track === 'string' ? track : { track, likedAt: readTime(row.added_at) };
  });
}

/** A page whose entries are tracks: top tracks, search. */
export function readTracks(body: unknown): Rows<SpotifyTrack> {
  return readRows(entriesOf(body), z.unknown(), (entry) => readTrack(entry));
}

/** A page of artists. */
export function readArtists(body: unknown): Rows<SpotifyArtist> {
  return readRows(entriesOf(body), WireArtist, (row) => (row.id ? { id: row.id, name: row.name } : 'unreadable'));
}

/** A page of playlists. */
export function readPlaylists(body: unknown): Rows<SpotifyPlaylist> {
  return readRows(entriesOf(body), wirePlaylist, playlistOf);
}

/** A page of a playlist's items; `offset` is the position of its first entry. */
export function readPlaylistItems(body: unknown, offset = 0): Rows<PlaylistEntry> {
  return readRows(entriesOf(body), WirePlaylistItem, (row, index) => {
    // `item` since February 2026, `track` before; a page may carry both.
    const track = row.is_local ? 'local' : readTrack(row.item ?? row.track);
    return typeof track === 'string' ? track : { position: offset + index, track, addedAt: readTime(row.added_at) };
  });
}

/** One playlist object. `items` since February 2026, `tracks` before. */
export function playlistOf(wire: WirePlaylist): SpotifyPlaylist {
  return {
    id: wire.id,
    name: wire.name ?? undefined,
    description: wire.description ?? undefined,
    ownerId: wire.owner?.id,
    collaborative: wire.collaborative ?? undefined,
    public: wire.public ?? undefined,
    snapshot: wire.snapshot_id ?? undefined,
    itemsTotal: wire.items?.total ?? wire.tracks?.total ?? undefined,
  };
}

function entriesOf(body: unknown): readonly unknown[] {
  return WirePageFrame.pick({ items: true }).parse(body).items;
}

// Row by row, so that one row of an unknown shape costs that row and not the fifty of its page.
function readRows<Shape extends z.ZodType, Row>(
  entries: readonly unknown[],
  shape: Shape,
  read: (row: z.infer<Shape>, index: number) => Row | NoTrack,
): Rows<Row> {
  const skipped: SkipCounts = {};
  const rows: Row[] = [];
  entries.forEach((entry, index) => {
    const parsed = shape.safeParse(entry);
    const row = entry === null ? 'null' : parsed.success ? read(parsed.data, index) : 'unreadable';
    if (typeof row === 'string') countSkip(skipped, row as NoTrack);
    else rows.push(row as Row);
  });
  return { rows, entries: entries.length, skipped };
}

function readTime(text: string | null | undefined): Date | undefined {
  const time = text ? new Date(text) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time : undefined;
}

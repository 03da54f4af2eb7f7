import { recordingKey } from '../music/track.ts';
import type { Store } from '../store/connect.ts';
import { findTracksOfRecordings } from '../store/history.ts';
import { saveTracks } from '../store/tracks.ts';

/** What an export says of a track. */
export interface NamedTrack {
  readonly trackId: string | null;
  readonly title: string;
  readonly artist: string;
  readonly album: string | null;
}

type Settled<Item extends NamedTrack> = Omit<Item, 'trackId'> & {
  readonly trackId: string;
  readonly recordingKey: string;
};

/**
 * Stores the tracks of an export and gives every item the id of its track. Items without an id get the id of a known
 * track of the same recording, or else `name:<recording key>`. Remembers what it has seen: most plays are of tracks
 * played before.
 */
export class TrackSettler {
  readonly #listenerId: number;
  readonly #stored = new Set<string>();
  readonly #idOfKey = new Map<string, string>();
  readonly #keys = new Map<string, string>();

  constructor(listenerId: number) {
    this.#listenerId = listenerId;
  }

  async settle<Item extends NamedTrack>(db: Store['db'], items: readonly Item[]): Promise<Settled<Item>[]> {
    const keyed = items.map((item) => ({ ...item, recordingKey: this.#keyOf(item) }));
    await this.#store(db, keyed.filter((item) => item.trackId !== null) as Settled<Item>[]);
    const open = new Set<string>();
    for (const { trackId, recordingKey } of keyed) {
      if (trackId === null && !this.#idOfKey.has(recordingKey)) open.add(recordingKey);
    }
    if (open.size > 0) {
      const known = await findTracksOfRecordings(db, this.#listenerId, open);
      for (const key of open) this.#idOfKey.set(key, known.get(key) ?? `name:${key}`);
    }
    const settled = keyed.map((item) => ({ ...item, trackId: item.trackId ?? this.#idOfKey.get(item.recordingKey)! }));
    await this.#store(
      db,
      settled.filter(({ trackId }) => trackId.startsWith('name:')),
    );
    return settled;
  }

  async #store(db: Store['db'], items: readonly (NamedTrack & { trackId: string })[]): Promise<void> {
    const fresh = items.filter(({ trackId }) => !this.#stored.has(trackId));
    if (fresh.length === 0) return;
    const rows = fresh.map(({ trackId, title, artist, album }) => ({
      id: trackId,
      title,
      artists: artist === '' ? [] : [artist],
      album: album ?? undefined,
    }));
    await saveTracks(db, rows);
    for (const { trackId } of fresh) this.#stored.add(trackId);
  }

  #keyOf({ title, artist }: NamedTrack): string {
    const names = `${artist}\n${title}`;
    let key = this.#keys.get(names);
    if (key === undefined) {
      key = recordingKey(title, artist);
      this.#keys.set(names, key);
    }
    return key;
  }
}

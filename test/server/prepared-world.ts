import { saveAccount } from '../../src/store/accounts.ts';
import type { Store } from '../../src/store/connect.ts';
import { saveEdition } from '../../src/store/editions.ts';
import { saveApiPlays } from '../../src/store/plays.ts';
import { savePublication } from '../../src/store/publications.ts';
import { saveTracks } from '../../src/store/tracks.ts';

export const PLAYLIST = 'p'.repeat(22);

/** `Song 1` by `Artist 1`, and so on; ids as Spotify's. */
function makeTracks(from: number, count: number, title = (number: number) => `Song ${number}`) {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return { id: `track${String(number).padStart(17, '0')}`, title: title(number), artists: [`Artist ${number}`] };
  });
}

/** A connected account that played five songs, the last one a minute ago. */
export async function addListening(store: Store, listenerId: number, now = new Date()): Promise<void> {
  const tracks = makeTracks(1, 5);
  await saveTracks(store.db, tracks);
  const plays = tracks.map(({ id: trackId }, ago) => ({
    trackId,
    endedAt: new Date(now.getTime() - (ago + 1) * 60_000),
    contextUri: null,
  }));
  await saveApiPlays(store.db, listenerId, plays, { fetchedAt: now, pageIsFull: false });
  await saveAccount(
    store.db,
    {
      listenerId,
      spotifyAccountId: null,
      spotifyUserId: 'somebody',
      displayName: 'Somebody',
      clientId: 'client',
      scopes: [],
      authorizedAt: now,
      refreshExpiresAt: new Date(now.getTime() + 180 * 86_400_000),
    },
    () => ({ sealed: 'v1.nothing', accessExpiresAt: now }),
    now,
  );
}

export interface EditionWishes {
  readonly runKey?: string;
  readonly songs?: number;
  readonly title?: string;
  readonly published?: boolean;
  readonly createdAt?: Date;
  readonly songTitle?: (number: number) => string;
}

/** An edition of new songs, each because of one of the five played; two candidates were left out. Returns its id. */
export async function addEdition(store: Store, listenerId: number, wishes: EditionWishes = {}): Promise<number> {
  const { runKey = 'run-1', songs = 3, title = 'Weekly', published = true, createdAt = new Date() } = wishes;
  const [seed] = makeTracks(1, 1);
  const tracks = makeTracks(101, songs, wishes.songTitle);
  const rejected = makeTracks(901, 2);
  // As where no source ever told Spotify's id.
  tracks[1] = { ...tracks[1]!, id: 'name:artist 102|song 102' };
  await saveTracks(store.db, [seed!, ...tracks, ...rejected]);
  const editionId = await saveEdition(store.db, {
    listenerId,
    runKey,
    recipe: 'weekly',
    title,
    modelId: null,
    blendId: null,
    settings: {},
    createdAt,
    seeds: [{ trackId: seed!.id, weight: 1, plays: 1, lastPlayedAt: createdAt, matchedBy: 'id' }],
    items: tracks.map(({ id }, index) => ({
      trackId: id,
      recommender: 'song-vectors',
      seedTrackId: seed!.id,
      similarity: 0.9,
      score: 1 - index / 1000,
      reason: 'Because you played Song 1 by Artist 1 yesterday; the two stand in similar playlists (similarity .90).',
      facts: {},
    })),
    rejected: rejected.map(({ id }) => ({ trackId: id, score: 0.1, rule: 'heard' })),
  });
  if (published) {
    await savePublication(store.db, {
      editionId,
      listenerId,
      playlistId: PLAYLIST,
      mode: 'in-place',
      name: `Segue ${title}`,
      items: songs,
      snapshot: null,
      publishedAt: createdAt,
      verifiedAt: createdAt,
    });
  }
  return editionId;
}

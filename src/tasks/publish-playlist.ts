import { ExpectedError } from '../base/errors.ts';
import type { TaskContext } from '../base/task.ts';
import { carriesMarker, newMarker } from '../music/publication.ts';
import type { SpotifyPlaylist } from '../spotify/read-lists.ts';
import type { PlaylistDetails, WebApi } from '../spotify/web-api.ts';
import type { Store } from '../store/connect.ts';
import { claimEffect, findEffect, finishEffect } from '../store/effects.ts';

type PlaylistsApi = Pick<WebApi, 'myPlaylists' | 'createPlaylist' | 'changeDetails'>;
type HoldContext = Pick<TaskContext, 'signal' | 'clock' | 'log' | 'random'>;

export interface Held {
  readonly playlistId: string;
  readonly created: boolean;
}

// A call is given up after 30 s and may take effect later still; Spotify's own listing may lag behind its writes.
const SETTLED_MS = 60_000;

/**
 * The playlist that belongs to the ledger's `key`: the one made before, or else a new one, so that at most one exists
 * however often this is cut off and called again. Before `POST /me/playlists` the ledger says `doing`, with a marker
 * that the description carries; a `doing` left behind is settled by looking for that marker in the account. A playlist
 * that the listener removed from the account is replaced by a new one. `details` gives name and description, with the
 * marker in it; they are set on a playlist that was there already.
 *
 * Throws ExpectedError `publish-busy` (retryable) when another run is making the same playlist.
 */
export async function holdPlaylist(
  api: PlaylistsApi,
  { db, flush }: Pick<Store, 'db' | 'flush'>,
  key: string,
  details: (marker: string) => PlaylistDetails & { name: string },
  context: HoldContext,
): Promise<Held> {
  const { clock, log, signal } = context;
  const effect = await findEffect(db, key);
  let marker = effect ? String(effect.detail.marker) : newMarker(context.random);
  if (effect) {
    const since = effect.finishedAt ?? effect.startedAt;
    const isOurs = (playlist: SpotifyPlaylist) =>
      effect.status === 'done' ? playlist.id === effect.remoteId : carriesMarker(playlist.description, marker);
    const found = await lookFor(api, isOurs, since, context);
    if (found) {
      if (effect.status === 'doing') await finishEffect(db, key, found.id, clock.now());
      await api.changeDetails(found.id, details(marker), { signal });
      return { playlistId: found.id, created: false };
    }
    if (effect.status === 'done') {
      log.warn('the playlist is no longer in the account; a new one takes its place', { playlistId: effect.remoteId });
      marker = newMarker(context.random);
    }
  }
  const claim = { key, kind: 'create-playlist', detail: { marker }, at: clock.now() };
  if (!(await claimEffect(db, claim, effect))) throw busy();
  // After a power cut, too, the ledger must know what Spotify was asked for.
  await flush();
  const created = await api.createPlaylist(details(marker), { signal });
  await finishEffect(db, key, created.id, clock.now());
  return { playlistId: created.id, created: true };
}

/** The account's first playlist that `matches`; looked for once more when what happened at `since` may not show yet. */
async function lookFor(
  api: PlaylistsApi,
  matches: (playlist: SpotifyPlaylist) => boolean,
  since: Date,
  { clock, log, signal }: HoldContext,
): Promise<SpotifyPlaylist | undefined> {
  const search = async (): Promise<SpotifyPlaylist | undefined> => {
    for await (const page of api.myPlaylists({ signal })) {
      const found = page.rows.find(matches);
      if (found) return found;
    }
    return undefined;
  };
  const found = await search();
  const waitMs = since.getTime() + SETTLED_MS - clock.now().getTime();
  if (found || waitMs <= 0) return found;
  log.info('the playlist does not show in the account; looking again in a moment', {
    seconds: Math.ceil(waitMs / 1000),
  });
  await clock.sleep(waitMs, signal);
  return await search();
}

function busy(): ExpectedError {
  return new ExpectedError('publish-busy', 'The playlist is being made by another run.', {
    why: 'Two runs publish to the same place at the same time.',
    hint: 'Nothing needs doing: this one is tried again and finds the playlist.',
    retryable: true,
    retryAfterMs: SETTLED_MS,
  });
}

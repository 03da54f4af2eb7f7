import { type Context, Hono } from 'hono';
import type { WirePlayHistory, WireRecentlyPlayed } from '../spotify/wire.ts';
import { currentPlay, playedAt, RING_SIZE, recentPlays } from './listener-plays.ts';
import { readWhole } from './paging.ts';
import { refuse } from './refusal.ts';
import { needsOneOf } from './scopes.ts';
import { identity, type Showing, showTrack } from './show-catalogue.ts';
import { type ApiEnv, apiUrl, now, playLogOf, type Simulation } from './simulation.ts';
import type { Listener } from './state.ts';

/** `GET /me/player/recently-played` and `/me/player/currently-playing`. */
export function playerRoutes(simulation: Simulation): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.get('/me/player/recently-played', needsOneOf(simulation, 'user-read-recently-played'), (c) =>
    c.json(recentlyPlayed(simulation, c)),
  );
  const nowPlaying = needsOneOf(simulation, 'user-read-currently-playing', 'user-read-playback-state');
  routes.get('/me/player/currently-playing', nowPlaying, (c) => {
    const { listener, app } = c.get('caller');
    const at = now(simulation);
    const playing = currentPlay(simulation.state, playLogOf(simulation, listener), at);
    const track = playing && simulation.world.catalogue.tracks.get(playing.trackId);
    if (!track) return c.body(null, 204);
    return c.json({
      timestamp: at - playing.progressMs,
      context: showContext(simulation, listener, track.id),
      progress_ms: playing.progressMs,
      item: showTrack({ simulation, extended: app.mode === 'extended' }, track),
      currently_playing_type: 'track',
      actions: { disallows: { resuming: true } },
      is_playing: true,
    });
  });
  routes.get('/me/player', needsOneOf(simulation, 'user-read-playback-state'), (c) => c.body(null, 204));
  return routes;
}

function recentlyPlayed(simulation: Simulation, c: Context<ApiEnv>): WireRecentlyPlayed {
  const { listener, app } = c.get('caller');
  const { state } = simulation;
  const query = { limit: c.req.query('limit'), after: c.req.query('after'), before: c.req.query('before') };
  const limit = readWhole(query.limit, 20);
  if (!(limit >= 1 && limit <= RING_SIZE)) throw refuse(400, 'Invalid limit');
  // Mutually exclusive; Spotify's wording is not known.
  if (query.after !== undefined && query.before !== undefined)
    throw refuse(400, 'Only one of before and after may be specified');
  const after = readWhole(query.after, Number.NEGATIVE_INFINITY);
  const before = readWhole(query.before, Number.POSITIVE_INFINITY);
  if (Number.isNaN(after) || Number.isNaN(before)) throw refuse(400, 'Invalid cursor');

  const showing: Showing = { simulation, extended: app.mode === 'extended' };
  const fitting = recentPlays(state, listener, playLogOf(simulation, listener), now(simulation))
    .map((play) => ({ trackId: play.trackId, at: playedAt(play, state.settings.playedAt) }))
    .sort((a, b) => b.at - a.at)
    .filter((play) => play.at > after && play.at < before);
  const fromOldest = query.after !== undefined && state.settings.afterReturns === 'oldest';
  const page = fromOldest ? fitting.slice(-limit) : fitting.slice(0, limit);
  const address = `${apiUrl(simulation)}/me/player/recently-played`;
  const asked = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    items: page.map((play) => showPlay(showing, listener, play)),
    next: page.length > 0 ? `${address}?before=${page.at(-1)!.at}&limit=${limit}` : null,
    cursors: page.length > 0 ? { after: String(page[0]!.at), before: String(page.at(-1)!.at) } : null,
    limit,
    href: asked.size > 0 ? `${address}?${asked}` : address,
  };
}

function showPlay(showing: Showing, listener: Listener, play: { trackId: string | null; at: number }): WirePlayHistory {
  const { simulation } = showing;
  const track = play.trackId === null ? undefined : simulation.world.catalogue.tracks.get(play.trackId);
  return {
    track: track ? showTrack(showing, track) : null,
    played_at: new Date(play.at).toISOString(),
    context: track ? showContext(simulation, listener, track.id) : null,
  };
}

/** The listener's playlist the track stands in, if any: what a play's context mostly is. */
function showContext(simulation: Simulation, listener: Listener, trackId: string) {
  const uri = `spotify:track:${trackId}`;
  const { playlists } = simulation.state;
  const id = listener.playlists.find((one) => playlists[one]?.items.some((entry) => entry.uri === uri));
  if (id === undefined) return null;
  const { type, external_urls, href, uri: playlistUri } = identity(simulation, 'playlist', id);
  return { type, external_urls, href, uri: playlistUri };
}

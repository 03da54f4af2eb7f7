import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readArtists,
  readLikedTracks,
  readPlaylistItems,
  readPlaylists,
  readRecentlyPlayed,
  readTracks,
} from '../../src/spotify/read-lists.ts';
import { readTrack, type SkipCounts, type SpotifyTrack } from '../../src/spotify/read-track.ts';
import { recorded } from './recorded.ts';

const ID = '3cCcCcCcCcCcCcCcCcCcCc';
const total = (skipped: SkipCounts) => Object.values(skipped).reduce((sum, count) => sum + count, 0);

describe('readTrack', () => {
  it('keeps ids, names, ISRC, album and release of a recorded track, floats included', () => {
    expect(readTrack(recorded('zmb3-go/find_track_with_floats.txt'))).toEqual({
      id: '1zHlj4dQ8ZAtrayhuDDmkY',
      title: 'Timber',
      artists: ['Pitbull', 'Ke$ha'],
      credits: [
        { id: '0TnOYISbd1XYRBk9myaseg', name: 'Pitbull' },
        { id: '6LqNN22kT3074XbTVUrhzX', name: 'Ke$ha' },
      ],
      album: 'Timber',
      albumId: '3X33e7UII5loqrEgauOKEC',
      releaseDate: undefined,
      durationMs: 204053,
      isrc: 'USRC11301695',
      explicit: false,
      isPlayable: undefined,
      requestedId: undefined,
    });
  });

  it('says why an entry is no track', () => {
    const [found, gone] = (recorded('zmb3-go/find_tracks_notfound.txt') as { tracks: unknown[] }).tracks;
    expect(readTrack(found)).toMatchObject({ title: 'Mr. Brightside', isrc: 'USIR20400274' });
    expect(readTrack(gone)).toBe('null');
    expect(
      readTrack({ id: null, name: 'Demo tape', is_local: true, uri: 'spotify:local:Some+Band::Demo+tape:127' }),
    ).toBe('local');
    expect(readTrack({ type: 'episode', id: ID, name: 'Talk' })).toBe('episode');
    expect(readTrack({ id: 'short', name: 'x' })).toBe('unreadable');
    expect(readTrack({ id: ID, name: 7 })).toBe('unreadable');
  });

  it('remembers the id that was asked for when another instance came', () => {
    const asked = '5eEeEeEeEeEeEeEeEeEeEe';
    expect(readTrack({ id: ID, name: 'Harbour Lights' }, asked)).toMatchObject({ id: ID, requestedId: asked });
    expect(readTrack({ id: ID, name: 'Harbour Lights' }, ID)).toMatchObject({ requestedId: undefined });
    expect(readTrack({ id: ID, name: 'Harbour Lights', linked_from: { id: asked } })).toMatchObject({
      requestedId: asked,
    });
  });

  it('takes release dates of every precision and no malformed one, and ISRCs as labels write them', () => {
    const read = (release_date: unknown, isrc: unknown) =>
      readTrack({ id: ID, name: 'x', album: { release_date }, external_ids: { isrc } }) as SpotifyTrack;
    expect(read('1969', 'gb-ayе-69')).toMatchObject({ releaseDate: '1969', isrc: undefined });
    expect(read('1969-09', 'gb-aye-69-00531')).toMatchObject({ releaseDate: '1969-09', isrc: 'GBAYE6900531' });
    expect(read('1969-09-26', '')).toMatchObject({ releaseDate: '1969-09-26', isrc: undefined });
    expect(read('0000', null)).toMatchObject({ releaseDate: undefined });
    expect(read('1969-13', null)).toMatchObject({ releaseDate: undefined });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (entry) => {
        const track = readTrack(entry);
        if (typeof track !== 'string') expect(track.id).toMatch(/^[0-9A-Za-z]{22}$/);
      }),
    );
  });
});

describe('lists', () => {
  it('read either spelling of a playlist, and count local files, episodes and gone tracks', () => {
    const now = readPlaylistItems(recorded('python-spotify-2026-03/playlist_items.json'));
    expect({ rows: now.rows.length, skipped: now.skipped }).toEqual({ rows: 1, skipped: {} });
    expect(now.rows[0]).toMatchObject({ position: 0, track: { id: '3ZL9gPzeCnKG9l5SB1SlcZ' } });

    const mixed = readPlaylistItems(recorded('zmb3-go/playlist_items_episodes_and_tracks.json'), 100);
    expect(mixed.skipped).toEqual({ episode: 2 });
    expect(mixed.rows.map((row) => row.position)).toEqual([102, 103]);

    const gone = readPlaylistItems(recorded('java/GetPlaylistsItemsRequest.json'));
    expect({ rows: gone.rows.length, skipped: gone.skipped }).toEqual({ rows: 1, skipped: { null: 1 } });

    const { tracks } = recorded('python-spotify-2026-03/playlist_2.json') as { tracks: unknown };
    const local = readPlaylistItems(tracks);
    expect({ rows: local.rows.length, skipped: local.skipped }).toEqual({ rows: 1, skipped: { local: 1 } });
  });

  it('read plays with their end, and lose no row with a bad neighbour', () => {
    const body = recorded('java/GetCurrentUsersRecentlyPlayedTracksRequest.json') as { items: unknown[] };
    const { rows, skipped } = readRecentlyPlayed({
      items: [
        ...body.items,
        null,
        { played_at: 'yesterday', track: body.items[0] },
        { track: null, played_at: '2026-11-22' },
      ],
    });
    expect(rows).toHaveLength(2);
    expect(rows[0]!.endedAt.toISOString()).toBe(
      new Date((body.items[0] as { played_at: string }).played_at).toISOString(),
    );
    expect(skipped).toEqual({ null: 2, unreadable: 1 });
  });

  it('read liked songs, top tracks, artists and playlists of the recorded answers', () => {
    const liked = readLikedTracks(recorded('zmb3-go/current_users_tracks.txt'));
    expect(liked.rows.every((row) => row.likedAt !== undefined && row.track.isrc !== undefined)).toBe(true);
    expect(liked.rows.length + total(liked.skipped)).toBe(3);
    expect(readTracks(recorded('zmb3-go/current_users_top_tracks.txt')).rows).toHaveLength(20);
    expect(readArtists(recorded('python-spotify-2025-01/top_artists.json')).rows[0]).toEqual({
      id: '74Yus6IHfa3tWZzXXAYtS2',
      name: 'Onkruid',
    });
    const [playlist] = readPlaylists(recorded('java/GetListOfCurrentUsersPlaylistsRequest.json')).rows;
    expect(playlist).toMatchObject({ name: 'Wizzlers Big Playlist', ownerId: 'wizzler', itemsTotal: 30, public: true });
  });

  it('account for every entry of a page', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (items) => {
        for (const read of [
          readRecentlyPlayed,
          readLikedTracks,
          readTracks,
          readArtists,
          readPlaylists,
          readPlaylistItems,
        ]) {
          const { rows, entries, skipped } = read({ items });
          expect([entries, rows.length + total(skipped)]).toEqual([items.length, items.length]);
        }
      }),
    );
  });
});

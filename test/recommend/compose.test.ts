import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CatalogueTrack } from '../../src/recommend/catalogue.ts';
import { compose, type Familiar, type RankedCandidate } from '../../src/recommend/compose.ts';
import { identityOf, knownRecordings } from '../../src/recommend/known-recordings.ts';
import { trackOf } from './tiny-world.ts';

const ranked = (tracks: readonly CatalogueTrack[]): RankedCandidate[] =>
  tracks.map((track, row) => ({ row, track, recommender: 'test', score: tracks.length - row }));

const familiar = (
  tracks: Partial<Record<'heard' | 'liked' | 'recommendedLately', CatalogueTrack[]>> = {},
): Familiar => ({
  heard: knownRecordings((tracks.heard ?? []).map(identityOf)),
  liked: knownRecordings((tracks.liked ?? []).map(identityOf)),
  recommendedLately: knownRecordings((tracks.recommendedLately ?? []).map(identityOf)),
  unplayable: new Set(['dead'.padStart(22, '0')]),
});

describe('each rule leaves out what it names, and says so', () => {
  test.each([
    ['heard', trackOf('Song', 'A')],
    ['heard', trackOf('Song - Remastered 2011', 'A', { id: 'another id' })],
    ['heard', trackOf('Song in another spelling', 'A', { isrc: 'SE0000000001' })],
    ['liked', trackOf('Liked', 'A')],
    ['recommended-lately', trackOf('Lately', 'A')],
    ['not-playable', trackOf('dead', 'A')],
    ['unnamed', trackOf('', 'A')],
    ['unnamed', { ...trackOf('Song of nobody', 'A'), artists: [] }],
  ])('%s', (rule, track) => {
    const known = familiar({
      heard: [trackOf('Song', 'A', { isrc: 'SE0000000001' })],
      liked: [trackOf('Liked', 'A')],
      recommendedLately: [trackOf('Lately', 'A')],
    });
    const { items, rejected } = compose(ranked([track, trackOf('Fresh', 'B')]), known, { length: 5, perArtist: 2 });
    expect(items.map((item) => item.track.title)).toEqual(['Fresh']);
    expect(rejected.map((left) => [left.rule, left.candidate.track])).toEqual([[rule, track]]);
  });

  test('a filter is asked after what is familiar, and named', () => {
    const filters = [
      { rule: 'artist-known' as const, forbids: (track: CatalogueTrack) => track.artists.includes('A') },
      { rule: 'never-heard' as const, forbids: () => true },
    ];
    const tracks = [trackOf('Heard', 'A'), trackOf('Other', 'A'), trackOf('Fresh', 'B')];
    const { items, rejected } = compose(ranked(tracks), familiar({ heard: [tracks[0]!] }), {
      length: 5,
      perArtist: 2,
      filters,
    });
    expect(items).toEqual([]);
    expect(rejected.map(({ rule }) => rule)).toEqual(['heard', 'artist-known', 'never-heard']);
  });

  test('never two editions of one recording', () => {
    const song = trackOf('Song', 'A', { isrc: 'SE0000000001' });
    const sameName = trackOf('Song (feat. C)', 'A', { id: 'one' });
    const sameIsrc = trackOf('Song, renamed', 'B', { id: 'two', isrc: 'SE0000000001' });
    const live = trackOf('Song - Live', 'A', { id: 'three' });
    const { items, rejected } = compose(ranked([song, sameName, sameIsrc, live]), familiar(), {
      length: 9,
      perArtist: 9,
    });
    expect(items.map(({ track }) => track.id)).toEqual([song.id, 'three']);
    expect(rejected.map(({ rule }) => rule)).toEqual(['same-recording', 'same-recording']);
  });

  test('an artist is counted as a guest as well', () => {
    const tracks = [
      trackOf('One', 'Drake'),
      { ...trackOf('Two', 'Future'), artists: ['Future', 'DRAKE'] },
      { ...trackOf('Three', 'Rihanna'), artists: ['Rihanna', 'Drake'] },
      trackOf('Four', 'Rihanna'),
    ];
    const { items, rejected } = compose(ranked(tracks), familiar(), { length: 9, perArtist: 2 });
    expect(items.map(({ track }) => track.title)).toEqual(['One', 'Two', 'Four']);
    expect(rejected).toMatchObject([{ rule: 'artist-limit', candidate: { track: { title: 'Three' } } }]);
  });
});

test('whatever the ranking: in its order, no rule broken, full where it can be, the same every time', () => {
  const track = fc.record({
    name: fc.integer({ min: 1, max: 12 }),
    artist: fc.integer({ min: 1, max: 5 }),
    edition: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(track), fc.array(track), fc.integer({ min: 1, max: 8 }), (wanted, known, length) => {
      const toTrack = (t: { name: number; artist: number; edition: number }) =>
        trackOf(`Song ${t.name}`, `Artist ${t.artist}`, { id: `${t.name}-${t.artist}-${t.edition}` });
      const seen = new Set<string>();
      const tracks = wanted.map(toTrack).filter(({ id }) => !seen.has(id) && seen.add(id));
      const heard = known.map(toTrack);
      const ranking = ranked(tracks);
      const { items, rejected } = compose(ranking, familiar({ heard }), { length, perArtist: 2 });
      expect(compose(ranking, familiar({ heard }), { length, perArtist: 2 })).toEqual({ items, rejected });
      const scores = items.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      const keys = items.map((item) => `${item.track.title}|${item.track.artists[0]}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of keys) expect(heard.map((t) => `${t.title}|${t.artists[0]}`)).not.toContain(key);
      for (const songs of Map.groupBy(items, (item) => item.track.artists[0]).values())
        expect(songs.length).toBeLessThan(3);
      expect(items.length).toBeLessThanOrEqual(length);
      if (items.length < length) expect(items.length + rejected.length).toBe(tracks.length);
    }),
  );
});

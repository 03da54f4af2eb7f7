import { describe, expect, test } from 'vitest';
import { findSimilar } from '../../src/recommend/similar.ts';
import { fitSongVectors } from '../../src/recommend/song-vectors.ts';
import { songOf, tinyWorld } from './tiny-world.ts';

const { model, catalogue } = tinyWorld();
const recommender = fitSongVectors(model, catalogue);
const seed = (token: number, weight = 1) => ({ trackId: songOf(token).id, weight });
const titles = (candidates: { trackId: string }[]) =>
  candidates.map(({ trackId }) => catalogue.track(catalogue.rowOfId(trackId)).title);

describe('song-vectors', () => {
  test('jazz leads to jazz, techno to techno', async () => {
    const jazz = titles(await recommender.candidates([seed(0), seed(1), seed(5)], 12));
    const techno = titles(await recommender.candidates([seed(20), seed(27)], 12));
    expect(jazz.every((title) => title.startsWith('Jazz'))).toBe(true);
    expect(techno.every((title) => title.startsWith('Techno'))).toBe(true);
    expect([jazz.length, techno.length]).toEqual([12, 12]);
  });

  test('each candidate names a seed of its own genre and how alike they are', async () => {
    const candidates = await recommender.candidates([seed(0), seed(20)], 20);
    for (const { trackId, seedId, similarity } of candidates) {
      const [song, from] = [trackId, seedId!].map((id) => catalogue.track(catalogue.rowOfId(id)).title.split(' ')[0]);
      expect(from).toBe(song);
      expect(similarity).toBeGreaterThan(0.3);
      expect(similarity).toBeLessThanOrEqual(1);
    }
  });

  test('best first, never a seed, at most k, the same every time', async () => {
    const seeds = [seed(0), seed(3, 2), seed(21)];
    const candidates = await recommender.candidates(seeds, 100);
    expect(await recommender.candidates(seeds, 100)).toEqual(candidates);
    const scores = candidates.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(candidates).toHaveLength(catalogue.size - 3);
    expect(candidates.map(({ trackId }) => trackId)).not.toContain(songOf(3).id);
    expect(await recommender.candidates(seeds, 4)).toEqual(candidates.slice(0, 4));
  });

  test('the heavier seed decides', async () => {
    const first = async (jazz: number, techno: number) =>
      titles(await recommender.candidates([seed(2, jazz), seed(22, techno)], 1))[0]!.split(' ')[0];
    expect(await first(10, 1)).toBe('Jazz');
    expect(await first(1, 10)).toBe('Techno');
  });

  test('seeds it does not know are passed over', async () => {
    expect(await recommender.candidates([], 5)).toEqual([]);
    expect(await recommender.candidates([{ trackId: 'unknown', weight: 1 }], 5)).toEqual([]);
    const known = await recommender.candidates([seed(0)], 5);
    expect(await recommender.candidates([seed(0), { trackId: 'unknown', weight: 9 }], 5)).toEqual(known);
  });
});

describe('similar songs', () => {
  const song = songOf(3);

  test.each([
    ['id', song.id],
    ['URI', `spotify:track:${song.id}`],
    ['link', `https://open.spotify.com/track/${song.id}?si=1`],
    ['artist - title', 'jazz ARTIST 3 - jazz 3'],
    ['title - artist', 'Jazz 3 – Jazz artist 3'],
    ['title', 'Jazz 3!'],
  ])('by %s', (_, query) => {
    const { of, similar } = findSimilar(model, catalogue, query, 5);
    expect(of).toEqual(song);
    expect(similar.map(({ track }) => track.title.split(' ')[0])).toEqual(Array(5).fill('Jazz'));
    const cosines = similar.map(({ similarity }) => similarity);
    expect(cosines).toEqual([...cosines].sort((a, b) => b - a));
  });

  test('an unknown song is refused with near titles', () => {
    expect(() => findSimilar(model, catalogue, 'Jaz artist 3 - Jazzz 3', 5)).toThrow(
      expect.objectContaining({ code: 'unknown-track', hint: expect.stringContaining('"Jazz artist 3 - Jazz 3"') }),
    );
    expect(() => findSimilar(model, catalogue, 'qqqq', 5)).toThrow(
      expect.objectContaining({ hint: 'Name it as "artist - title", or by its Spotify link.' }),
    );
  });
});

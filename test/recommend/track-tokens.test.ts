import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordingKey } from '../../src/music/track.ts';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { keysOf, readToken, TOKEN_STYLES, trackTokens } from '../../src/recommend/track-tokens.ts';
import { idOf, trackOf } from './tiny-world.ts';

const ID = '36xEjbl8DtevPJgw6i9IuY';

describe('what a token says', () => {
  test.each([
    [ID],
    [`spotify:track:${ID}`],
    [`https://open.spotify.com/track/${ID}?si=1`],
    [`https://open.spotify.com/intl-de/track/${ID}`],
    [`Foreigner_-_Feels_Like_the_First_Time_[${ID}]`],
  ])('%s is an id', (token) => {
    expect(readToken(token)).toEqual({ id: ID });
  });

  test.each([
    ['Heart - Barracuda', [['Heart', 'Barracuda']]],
    ['Heart_-_Barracuda', [['Heart', 'Barracuda']]],
    ['Heart – Barracuda', [['Heart', 'Barracuda']]],
    [
      'Queen - Killer Queen - Remastered 2011',
      [
        ['Queen', 'Killer Queen - Remastered 2011'],
        ['Queen - Killer Queen', 'Remastered 2011'],
      ],
    ],
  ])('%s is artist and title', (token, names) => {
    expect(readToken(token)).toEqual({ names });
  });

  test.each([
    ['the', 'neither-id-nor-artist-and-title'],
    ['New_York', 'neither-id-nor-artist-and-title'],
    [' - ', 'neither-id-nor-artist-and-title'],
    ['spotify:episode:36xEjbl8DtevPJgw6i9IuY', 'not-a-track'],
    ['spotify:local:Heart:Little+Queen:Barracuda:261', 'not-a-track'],
    ['https://open.spotify.com/album/36xEjbl8DtevPJgw6i9IuY', 'not-a-track'],
  ])('%s is neither', (token, reason) => {
    expect(readToken(token)).toEqual({ reason });
  });

  test('either side may be the artist, but only one that somebody knows', () => {
    const names = [['Barracuda', 'Heart']] as const;
    expect(keysOf(names, new Set(['heart']))).toEqual([recordingKey('Barracuda', 'Heart')]);
    expect(keysOf(names, new Set(['queen']))).toEqual([]);
  });
});

const name = fc.string({ unit: 'grapheme', maxLength: 8 });
const tracks = fc.array(
  fc.record({
    title: fc.oneof(name, fc.constantFrom('Africa', 'Africa ', '')),
    artists: fc.array(name, { maxLength: 2 }),
  }),
  { maxLength: 20 },
);

test('tokens are all different, and no reader can mistake where they end', () => {
  fc.assert(
    fc.property(tracks, fc.constantFrom(...TOKEN_STYLES), fc.boolean(), (some, style, blanks) => {
      const catalogue = catalogueOf(some.map((track, row) => ({ ...track, id: idOf(row) })));
      const tokenOf = trackTokens(catalogue, style, blanks);
      const tokens = some.map((_, row) => tokenOf(row));
      expect(new Set(tokens).size).toBe(tokens.length);
      for (const token of tokens) expect(token).toMatch(blanks ? /^[^\p{Cc}]+$/u : /^[^\s\p{Cc}]+$/u);
    }),
  );
});

test('a name that another track has leads back by the id behind it', () => {
  const catalogue = catalogueOf([
    trackOf('Africa', 'TOTO'),
    trackOf('Africa', 'TOTO', { id: ID }),
    { id: idOf(3), title: '', artists: [] },
    { id: 'name:abcdefghijklmnopq', title: '', artists: [] },
  ]);
  const tokenOf = trackTokens(catalogue, 'artist - title', false);
  expect([0, 1, 2, 3].map(tokenOf)).toEqual([
    'TOTO_-_Africa',
    `TOTO_-_Africa_[${ID}]`,
    idOf(3),
    'name:abcdefghijklmnopq',
  ]);
  expect(readToken(tokenOf(1))).toEqual({ id: ID });
  expect(trackTokens(catalogue, 'uri', false)(1)).toBe(`spotify:track:${ID}`);
  expect(trackTokens(catalogue, 'uri', false)(3)).toBe('name:abcdefghijklmnopq');
});
